"""The usual turn in two round trips to the database, its messages understood on the way; what is unusual is left to `bot/turn.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg

from bot.engine import Reply, Turn, TurnMessage
from bot.turn import LEASE, TAKE_TURN, Taken, TurnTaker, answer_events, moment_of, state_after, turn_id
from context.events import EventData, MessageQueued, MessageSent, TurnTaken
from context.ledger import BOT, SYSTEM
from context.turn_statements import Leased, Outcome, Said, Step, store_outcome, take_lease
from context.types import Author, Content, Delivery, Understanding, Visibility
from context.understand import Understands, understand_text, understood
from kit.log import get_logger

log = get_logger("turn")


def _nothing_follows(_reply: Reply) -> bool:
    return False


@dataclass(frozen=True)
class QuickTurns:
    """Takes turns as `taker` does. `more_follows` says of a reply that `taker.after_reply` has something to do."""

    taker: TurnTaker
    nlu: Understands
    more_follows: Callable[[Reply], bool] = _nothing_follows

    async def take_turn(self, conversation_id: UUID, *, owner: str) -> str | None:
        """Takes a turn where the bot holds the conversation and messages wait; what became of it, None where that is not so.

        As `TurnTaker.take_turn`; "queued": taken, nothing handed over, and what it said waits for the outbox.

        Raises UnavailableError while there is no model.
        """
        taker = self.taker
        if taker.ledger.enqueuer.expression is None:
            return None
        now = taker.ledger.now
        try:
            leased = await take_lease(taker.database, conversation_id, owner=owner, now=now, until=now + LEASE)
        except psycopg.OperationalError as error:  # its connection may be an old one; the other way has others
            log.warning("the statement failed", error=type(error).__name__)
            return None
        if leased is None:
            return None
        fresh = await self._understand(leased)
        turn = _turn(leased, fresh, now=now)
        taken = Taken(turn, leased.epoch, leased.messages[-1].seq, owner, fresh)
        return await taker.run(taken, partial(self._commit, leased))

    async def _understand(self, leased: Leased) -> dict[UUID, Understanding]:
        """What the messages mean that nobody has understood yet, each in the language of the one before it where it has none itself."""
        fresh: dict[UUID, Understanding] = {}
        language, expected = leased.language, leased.dialogue.get("expected")
        for message in leased.messages:
            known = message.understanding
            if known is None:
                known = await understand_text(self.nlu, message.text, previous=language, expected=expected, about=message.id)
                fresh[message.id] = known
            language = known.language
        return fresh

    async def _commit(self, leased: Leased, taken: Taken, reply: Reply) -> str:
        taker = self.taker
        if reply.effects or reply.handoff is not None or self.more_follows(reply):
            return await taker.commit(taken, reply)
        at_once = leased.channel in taker.sent_at_once
        moment = moment_of(leased.before, leased.messages[0].at)
        words = taker.disclosure.text(leased.channel, reply.language, moment) if moment else None
        steps = _steps(taken, reply, words=words, at_once=at_once)
        if any(taker.ledger.follows(step[1].name) for step in steps if not isinstance(step, Said)):
            return await taker.commit(taken, reply)
        outcome = Outcome(
            turn_id=taken.turn.id,
            answered_seq=taken.up_to_seq,
            slots=reply.slots,
            dialogue=state_after(reply, {}),
            language=reply.language,
            steps=steps,
            understood=taken.fresh,
            delivery=Delivery.SENT if at_once else Delivery.QUEUED,
            trace=list(reply.trace),
            milliseconds=taken.milliseconds,
        )
        if await store_outcome(taker.database, taker.ledger, leased, outcome, owner=taken.owner, again=TAKE_TURN):
            return "sent" if at_once else "queued"
        return await taker.commit(taken, reply)


def _turn(leased: Leased, fresh: dict[UUID, Understanding], *, now: Any) -> Turn:
    messages = tuple(
        TurnMessage(m.id, m.text, m.payload, m.understanding or fresh[m.id], m.at, metadata=dict(m.metadata)) for m in leased.messages
    )
    return Turn(
        id=turn_id(leased.conversation_id, leased.epoch, f"{messages[0].id}:{messages[-1].id}"),
        conversation_id=leased.conversation_id,
        messages=messages,
        slots=leased.slots,
        dialogue=leased.dialogue,
        language=messages[-1].understanding.language,
        channel=leased.channel,
        contact_id=leased.contact_id,
        verified=leased.verified,
        email=leased.email,
        phone=leased.phone,
        now=now,
    )


def _steps(taken: Taken, reply: Reply, *, words: str | None, at_once: bool) -> list[Step]:
    """All that happens, in order: understood, said, answered, and the turn is over."""
    steps: list[Step] = [(SYSTEM, understood(message_id, known)) for message_id, known in taken.fresh.items()]
    said = [Said(uuid4(), Author.BOT, content, ordinal) for ordinal, content in enumerate(reply.messages)]
    if words is not None:
        steps += _saying(Said(uuid4(), Author.SYSTEM, Content(words)), taken, at_once=at_once)
    for message in said:
        steps += _saying(message, taken, at_once=at_once)
    steps += [(BOT, event) for event in answer_events(taken.turn, reply, [(s.id, s.content) for s in said])]
    ids = [str(m.id) for m in taken.turn.messages]
    steps.append((BOT, TurnTaken(turn_id=str(taken.turn.id), message_ids=ids, epoch=taken.epoch, milliseconds=taken.milliseconds)))
    return steps


def _saying(said: Said, taken: Taken, *, at_once: bool) -> list[Step]:
    by_bot = said.author == Author.BOT
    turn = str(taken.turn.id) if by_bot else None
    queued = MessageQueued(message_id=str(said.id), author=said.author, visibility=Visibility.PUBLIC, turn_id=turn)
    steps: list[Step] = [said, (BOT if by_bot else SYSTEM, queued)]
    sent: EventData = MessageSent(message_id=str(said.id), external_id=str(said.id))
    return [*steps, (SYSTEM, sent)] if at_once else steps
