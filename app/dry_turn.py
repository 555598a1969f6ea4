"""What the bot would do with a question as the first message of a talk, without doing it: nothing is stored, nothing is performed.

It knows no customer and no orders, calls no action server and no generator; the articles are those of the index it is given.
"""

from __future__ import annotations

import asyncio
from copy import copy
from dataclasses import dataclass, field
from uuid import uuid4

from app.brain import Brain
from app.readers import IndexKnowledge
from bot.actions.port import ActionContext, ActionResult
from bot.baton_engine import BatonEngine
from bot.engine import Reply, Turn, TurnMessage
from bot.fakes import MemoryOrders
from bot.shop import NoShop
from context.types import HandoffReason
from context.types import Understanding as Understood
from kit.clock import utc_now
from kit.errors import BatonError
from knowledge.search import SearchIndex
from knowledge.trying import Turned

CHANNEL = "web"


@dataclass
class _NotCalled:
    """In the place of an action server: only notes what would have been asked of it."""

    names: list[str] = field(default_factory=list)

    async def run(self, name: str, context: ActionContext) -> ActionResult:  # noqa: ARG002 - the port's shape
        """See `RemoteRunner`."""
        self.names.append(name)
        return ActionResult()


@dataclass(frozen=True)
class DryTurns:
    """Takes dry turns with the bot of this process."""

    brain: Brain

    async def take(self, index: SearchIndex, question: str, language: str) -> Turned | None:
        """The turn; None when there is no bot yet, or the bot is Rasa's, which remembers what it is asked."""
        engine = self.brain.engine
        if not isinstance(engine, BatonEngine) or self.brain.understander is None or not question.strip():
            return None
        understood = await asyncio.to_thread(self.brain.understand, question, language=language)
        return await dry_turn(engine, index, question, understood)


async def dry_turn(engine: BatonEngine, index: SearchIndex, question: str, understood: Understood) -> Turned:
    """One turn of a copy of `engine`. What breaks in it would call a person."""
    dry, remote = copy(engine), _NotCalled()
    dry.knowledge, dry.orders, dry.shop = IndexKnowledge(lambda: index), MemoryOrders(), NoShop()
    dry.remote = remote if engine.remote is not None else None
    intent, confidence = understood.intent or "", understood.confidence
    try:
        reply = await dry.respond(_turn(question, understood))
    except BatonError:
        return Turned((), (), intent, confidence, HandoffReason.TOOL_FAILED)
    return _turned(reply, remote.names, intent=intent, confidence=confidence)


def _turn(question: str, understood: Understood) -> Turn:
    now = utc_now()
    message = TurnMessage(uuid4(), question, None, understood, now)
    return Turn(
        id=uuid4(), conversation_id=uuid4(), messages=(message,), slots={}, dialogue={}, language=understood.language, channel=CHANNEL,
        contact_id=uuid4(), verified=False, email=None, phone=None, now=now,
    )  # fmt: skip


def _turned(reply: Reply, asked: list[str], *, intent: str, confidence: float) -> Turned:
    buttons = dict.fromkeys(button.title for content in reply.messages for button in content.buttons)
    would_do = dict.fromkeys([*(effect.name for effect in reply.effects), *asked])
    reason = str(reply.handoff.reason) if reply.handoff else ""
    return Turned(tuple(content.text for content in reply.messages), tuple(buttons), intent, confidence, reason, tuple(would_do))
