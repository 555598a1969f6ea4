"""What a worker does for a customer's message, from understanding it to sending the answer, in one job.

The job stays in the queue until all of that is done. Where the process dies in between it runs again from its beginning, and each part
looks first whether it has been done: nothing is lost and nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.brain import Brain
from app.wiring import DELIVER, LEARN, SUGGEST, TAKE_TURN, UNDERSTAND, Base
from assist.suggest import Suggester
from bot.engine import Reply, Turn
from bot.quick_turn import QuickTurns
from bot.turn import DISCLOSURE, TurnTaker
from channels.accounts import OUTBOX
from channels.base import Channel
from channels.deliver import Deliverer
from context.disclosure import Disclosure
from context.events import TurnTaken
from context.ledger import doing_itself
from context.turn_statements import answered_and_sent
from context.understand import understand_message
from desk.self_service import WhileWaiting
from insights.keeping import may_need_teaching

Handler = Callable[..., Awaitable[None]]
SENT, QUEUED, IDLE = "sent", "queued", "idle"


class Answering:
    """The parts of one worker, and the jobs that use them."""

    def __init__(self, base: Base, brain: Brain, channels: Mapping[str, Channel], *, disclosure: Disclosure = DISCLOSURE) -> None:
        self.base, self.brain = base, brain
        at_once = frozenset(name for name, channel in channels.items() if channel.sent_when_stored)
        self.turns = TurnTaker(
            base.database, base.ledger, brain, base.jobs, sent_at_once=at_once, after_reply=self._teach, disclosure=disclosure
        )
        self.quick_turns = QuickTurns(self.turns, brain, more_follows=lambda reply: may_need_teaching(reply.trace))
        self.suggester = Suggester(base.database, base.ledger, brain.drafts)
        self.while_waiting = WhileWaiting(base.database, base.ledger, brain.knowledge)
        self.deliverer = Deliverer(base.database, base.ledger, channels)

    def handlers(self) -> dict[str, Handler]:
        """The jobs by name."""
        return {UNDERSTAND: self._understand, TAKE_TURN: self._take_turn, SUGGEST: self._suggest, DELIVER: self._deliver}

    async def _understand(self, *, conversation_id: str, job_id: str, event_data: dict[str, Any], **_: Any) -> None:
        with doing_itself(TAKE_TURN, SUGGEST, DELIVER):
            await self._answer(UUID(conversation_id), owner=job_id, message_id=UUID(event_data["message_id"]))

    async def _take_turn(self, *, conversation_id: str | None, job_id: str, **_: Any) -> None:
        if conversation_id is None:  # contacts were merged of which none has an open conversation
            return
        with doing_itself(TAKE_TURN, SUGGEST, DELIVER):
            await self._answer(UUID(conversation_id), owner=job_id)

    async def _answer(self, conversation_id: UUID, *, owner: str, message_id: UUID | None = None) -> None:
        """The bot's turn; where a human holds the conversation, or gets it now, suggestions; then what is said is sent."""
        outcome = await self.quick_turns.take_turn(conversation_id, owner=owner)
        if outcome is None:
            if message_id is not None:
                if await answered_and_sent(self.base.database, message_id):
                    return  # with another one that came before or after it; of a backlog most jobs are such
                await understand_message(self.base.database, self.base.ledger, self.brain, message_id=message_id)
            outcome = await self.turns.take_turn(conversation_id, owner=owner)
        if outcome == SENT:
            return
        if outcome == QUEUED:
            self.base.database.ring(OUTBOX)
            return
        if outcome == IDLE:  # a person holds it, and waits for the drafts; nothing was said that a customer waits for
            await self.suggester.suggest(conversation_id)
            await self.while_waiting.help(conversation_id)
            await self.deliverer.deliver_waiting(conversation_id)
        else:
            await self.deliverer.deliver_waiting(conversation_id)
            await self.suggester.suggest(conversation_id)

    async def _teach(self, session: AsyncSession, turn: Turn, reply: Reply, event: TurnTaken) -> None:
        """Starts the keeping for those who teach, which follows from few turns only."""
        if may_need_teaching(reply.trace):
            await self.base.jobs.enqueue(session, LEARN, conversation_id=str(turn.conversation_id), event_data=event.as_json())

    async def _suggest(self, *, conversation_id: str, **_: Any) -> None:
        await self.suggester.suggest(UUID(conversation_id))

    async def _deliver(self, *, event_data: dict[str, Any], **_: Any) -> None:
        await self.deliverer.deliver(UUID(event_data["message_id"]))
