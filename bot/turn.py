"""One turn of the bot: take the lease, think outside any transaction, commit only if the conversation is still ours.

A human who takes over raises the epoch; the reply of a turn that ran meanwhile is then dropped and logged. Any failure hands over.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import psycopg
from sqlalchemy import func, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.engine import DialogueEngine, Reply, Turn, TurnMessage
from bot.repair.said import with_results
from context.actions import ActionContext, perform
from context.contacts import get_trusted
from context.conversations import load_understanding, lock_conversation
from context.disclosure import Disclosure, Moment
from context.events import ActionFailed, AnswerAbstained, AnswerGiven, EventData, TurnDropped, TurnTaken
from context.ledger import BOT, Ledger
from context.models import ConversationRow, MessageRow, TurnRow
from context.outbound import Writer, add_message, fill_results, mark_sent
from context.ownership import hand_off
from context.phrases import phrase
from context.stream import Signal, send_signal
from context.types import Author, Content, Handler, HandoffReason, HandoffRequest, MessageView, Status, Understanding
from context.understand import store_understanding
from kit.db import Database
from kit.errors import BatonError
from kit.jobs import Enqueuer
from kit.log import get_logger

LEASE = timedelta(seconds=30)
THINK_SECONDS = 20.0
LONG_GAP = timedelta(hours=12)
TAKE_TURN = "take_turn"
WAKE_AT = "wake_at"  # in the dialogue's state: when the next reminder rings, ISO 8601

log = get_logger("turn")


@dataclass(frozen=True)
class Taken:
    """A turn whose lease we hold. `fresh` is what this turn was the first to understand, and nobody has stored yet."""

    turn: Turn
    epoch: int
    up_to_seq: int
    owner: str
    fresh: Mapping[UUID, Understanding] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)

    @property
    def milliseconds(self) -> int:
        """How long the turn has been running."""
        return int((time.perf_counter() - self.began) * 1000)


DISCLOSURE = Disclosure()
AfterReply = Callable[[AsyncSession, Turn, Reply, TurnTaken], Awaitable[None]]
"""Called within the transaction that stores a reply."""


async def _nothing_after(_session: AsyncSession, _turn: Turn, _reply: Reply, _event: TurnTaken) -> None:
    """Nothing follows."""


@dataclass(frozen=True)
class TurnTaker:
    """Takes turns in conversations that the bot holds.

    `sent_at_once` are the channels on which storing a message is sending it; `after_reply` says what else belongs to a stored reply.
    """

    database: Database
    ledger: Ledger
    engine: DialogueEngine
    enqueuer: Enqueuer
    sent_at_once: frozenset[str] = frozenset()
    after_reply: AfterReply = _nothing_after
    disclosure: Disclosure = DISCLOSURE

    async def take_turn(self, conversation_id: UUID, *, owner: str) -> str:
        """Takes a turn; returns what became of it: taken, sent (taken, and all it said is on its way), dropped, failed, busy, idle.

        `owner` names the job, so that its rescue may go on.
        """
        taken = await self._take_lease(conversation_id, owner)
        return taken if isinstance(taken, str) else await self.run(taken, self.commit)

    async def run(self, taken: Taken, commit: Callable[[Taken, Reply], Awaitable[str]]) -> str:
        """Thinks, and commits what was thought; returns what became of it."""
        try:
            async with asyncio.timeout(THINK_SECONDS):
                reply = await self.engine.respond(taken.turn)
            return await commit(taken, reply)
        except (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError):
            raise  # the database is away: the job comes again, and its lease is still its own
        except Exception as error:  # whatever fails in the bot, the customer gets a human
            log.exception("turn failed", turn=str(taken.turn.id), error=type(error).__name__)
            return await self._fail(taken, error.code if isinstance(error, BatonError) else type(error).__name__)

    async def _take_lease(self, conversation_id: UUID, owner: str) -> Taken | str:
        async with self.database.transaction() as session:
            conversation = await lock_conversation(session, conversation_id)
            if conversation.handler != Handler.BOT or conversation.status == Status.RESOLVED:
                return "idle"
            now = self.ledger.now
            held = conversation.lease_until is not None and conversation.lease_until > now
            if held and conversation.lease_owner != owner:
                return "busy"  # the holder looks for newer messages when it commits
            rows = await _waiting_messages(session, conversation)
            if not rows and not is_due(conversation.dialogue, now):
                return "idle"
            conversation.lease_owner, conversation.lease_until = owner, now + LEASE
            turn = await _build_turn(session, conversation, rows, now)
            await send_signal(session, Signal(conversation.id, "bot", None, on=True))
            return Taken(turn, conversation.epoch, rows[-1].seq if rows else conversation.answered_seq, owner)

    async def commit(self, taken: Taken, reply: Reply) -> str:
        """Stores a reply if the conversation is still the turn's; returns what became of it."""
        async with self.database.transaction() as session:
            conversation = await lock_conversation(session, taken.turn.conversation_id)
            await self._store_fresh(session, conversation, taken)
            if not _still_ours(conversation, taken):
                return await self._drop(session, conversation, taken, reply)
            await self._record_reply(session, conversation, taken=taken, reply=reply)
            return "sent" if conversation.channel in self.sent_at_once and reply.handoff is None else "taken"

    async def _store_fresh(self, session: AsyncSession, conversation: ConversationRow, taken: Taken) -> None:
        for message_id, understanding in taken.fresh.items():
            await store_understanding(session, self.ledger, conversation, message_id=message_id, understanding=understanding)

    async def _record_reply(self, session: AsyncSession, conversation: ConversationRow, *, taken: Taken, reply: Reply) -> None:
        results = await self._perform(session, conversation, taken=taken, reply=reply)
        with session.no_autoflush:  # all of it is written at the end, in few statements
            event = await self._record_words(session, conversation, taken=taken, reply=reply, results=results)
        await self.after_reply(session, taken.turn, reply, event)
        if reply.handoff is not None:
            await hand_off(session, self.ledger, conversation, request=reply.handoff)

    async def _record_words(
        self, session: AsyncSession, conversation: ConversationRow, *, taken: Taken, reply: Reply, results: dict[str, Any]
    ) -> TurnTaken:
        words = await self._disclosed(session, taken.turn, reply)
        if words is not None:
            said = await add_message(session, self.ledger, conversation, content=Content(words), author=Author.SYSTEM)
            await self._send_at_once(session, conversation, said)
        messages = []
        for ordinal, content in enumerate(reply.messages):
            writer = Writer(turn_id=taken.turn.id, ordinal=ordinal)
            filled = fill_results(content, results)
            said = await add_message(session, self.ledger, conversation, content=filled, author=Author.BOT, writer=writer)
            await self._send_at_once(session, conversation, said)
            messages.append(said)
        for event in answer_events(taken.turn, reply, [(m.id, m.content) for m in messages]):
            await self.ledger.append(session, event, actor=BOT, conversation=conversation)
        conversation.slots, conversation.language = reply.slots, reply.language
        conversation.dialogue = state_after(reply, results)
        return await self._close_turn(session, conversation, taken=taken, outcome="taken", trace=list(reply.trace))

    async def _disclosed(self, session: AsyncSession, turn: Turn, reply: Reply) -> str | None:
        """What the machine says of itself before it answers this turn; None when nothing is to be said."""
        if not turn.messages:
            return None
        moment = moment_of(await _said_before(session, turn), turn.messages[0].at)
        return self.disclosure.text(turn.channel, reply.language, moment) if moment else None

    async def _send_at_once(self, session: AsyncSession, conversation: ConversationRow, said: MessageView) -> None:
        if conversation.channel in self.sent_at_once:
            await mark_sent(session, self.ledger, conversation, said.id, external_id=str(said.id))

    async def _perform(self, session: AsyncSession, conversation: ConversationRow, *, taken: Taken, reply: Reply) -> dict[str, Any]:
        results: dict[str, Any] = {}
        for ordinal, effect in enumerate(reply.effects):
            context = ActionContext(
                session=session, conversation_id=conversation.id, contact_id=conversation.contact_id, actor=BOT,
                key=f"{taken.turn.id}:{ordinal}", now=self.ledger.now,
            )  # fmt: skip
            done = await perform(context, effect)
            for event in done.events:
                await self.ledger.append(session, event, actor=BOT, conversation=conversation)
            results |= done.data
        return results

    async def _close_turn(
        self, session: AsyncSession, conversation: ConversationRow, *, taken: Taken, outcome: str, trace: list[dict[str, Any]]
    ) -> TurnTaken:
        conversation.answered_seq = taken.up_to_seq
        conversation.lease_owner = conversation.lease_until = None
        milliseconds = taken.milliseconds
        row = TurnRow(id=taken.turn.id, conversation_id=conversation.id, epoch=taken.epoch, outcome=outcome, trace=trace)
        row.milliseconds, row.at = milliseconds, self.ledger.now
        session.add(row)
        ids = [str(m.id) for m in taken.turn.messages]
        event = TurnTaken(turn_id=str(taken.turn.id), message_ids=ids, epoch=taken.epoch, milliseconds=milliseconds)
        await self.ledger.append(session, event, actor=BOT, conversation=conversation)
        await send_signal(session, Signal(conversation.id, "bot", None, on=False))
        if await _waiting_messages(session, conversation):  # what came meanwhile saw our lease and left: it is ours to start
            await self.enqueuer.enqueue(session, TAKE_TURN, conversation_id=str(conversation.id), event_data={})
        return event

    async def _drop(self, session: AsyncSession, conversation: ConversationRow, taken: Taken, reply: Reply) -> str:
        log.info("turn dropped", turn=str(taken.turn.id), conversation=str(conversation.id))
        row = TurnRow(id=uuid4(), conversation_id=conversation.id, epoch=taken.epoch, outcome="dropped", trace=list(reply.trace))
        row.milliseconds, row.at = taken.milliseconds, self.ledger.now
        session.add(row)
        event = TurnDropped(turn_id=str(taken.turn.id), reason="ownership_changed")
        await self.ledger.append(session, event, actor=BOT, conversation=conversation)
        await send_signal(session, Signal(conversation.id, "bot", None, on=False))
        return "dropped"

    async def _fail(self, taken: Taken, reason: str) -> str:
        """The bot could not answer: the customer is told, and a human gets the conversation."""
        async with self.database.transaction() as session:
            conversation = await lock_conversation(session, taken.turn.conversation_id)
            await self._store_fresh(session, conversation, taken)
            if not _still_ours(conversation, taken):
                return "dropped"
            failed = ActionFailed(action="respond", key=str(taken.turn.id), reason=reason)
            await self.ledger.append(session, failed, actor=BOT, conversation=conversation)
            content = Content(phrase("bot_failed", taken.turn.language))
            writer = Writer(turn_id=taken.turn.id, ordinal=0)
            await add_message(session, self.ledger, conversation, content=content, author=Author.BOT, writer=writer)
            await self._close_turn(session, conversation, taken=taken, outcome="failed", trace=[{"failed": reason}])
            await hand_off(session, self.ledger, conversation, request=HandoffRequest(HandoffReason.TOOL_FAILED, urgency=1))
        return "failed"


def answer_events(turn: Turn, reply: Reply, said: Sequence[tuple[UUID, Content]]) -> list[EventData]:
    """What happened with knowledge in a turn; `said` are its messages with their ids."""
    cited = {c.article_id: (str(message_id), c.passage_id) for message_id, content in said for c in content.citations}
    asked = str(turn.messages[-1].id) if turn.messages else str(turn.id)
    events: list[EventData] = []
    for answer in reply.answers:
        message_id, passage_id = cited.get(answer.article_id, (asked, ""))
        events.append(AnswerGiven(message_id=message_id, article_id=answer.article_id, passage_id=passage_id, confidence=answer.confidence))
    events += [AnswerAbstained(message_id=asked, best_article_id=None, confidence=0.0) for _question in reply.abstained]
    return events


def state_after(reply: Reply, results: Mapping[str, Any]) -> dict[str, Any]:
    """The dialogue's state as it is stored after a reply."""
    return with_results(reply.dialogue, results) | {WAKE_AT: reply.wake_at.isoformat() if reply.wake_at else None}


def is_due(dialogue: Mapping[str, Any], now: datetime) -> bool:
    """Whether a reminder of this talk has to ring."""
    at = dialogue.get(WAKE_AT)
    return isinstance(at, str) and datetime.fromisoformat(at) <= now


def _still_ours(conversation: ConversationRow, taken: Taken) -> bool:
    return (
        conversation.handler == Handler.BOT
        and conversation.status != Status.RESOLVED
        and conversation.epoch == taken.epoch
        and conversation.lease_owner == taken.owner
    )


async def _said_before(session: AsyncSession, turn: Turn) -> datetime | None:
    first = turn.messages[0]
    query = select(func.max(MessageRow.at)).where(MessageRow.conversation_id == turn.conversation_id, MessageRow.at < first.at)
    return (await session.execute(query)).scalar_one()


def moment_of(before: datetime | None, at: datetime) -> Moment | None:
    """Whether this is the time to say that a machine answers: nobody said anything before, or not for long."""
    if before is None:
        return Moment.START
    return Moment.GAP if at - before > LONG_GAP else None


async def _waiting_messages(session: AsyncSession, conversation: ConversationRow) -> list[MessageRow]:
    """The customer's messages that had no turn yet, up to the first that is not understood yet (which starts a turn of its own)."""
    query = (
        select(MessageRow)
        .where(
            MessageRow.conversation_id == conversation.id, MessageRow.author == Author.CUSTOMER, MessageRow.seq > conversation.answered_seq
        )
        .order_by(MessageRow.seq)
        .execution_options(populate_existing=True)
    )
    ready = []
    for row in (await session.execute(query)).scalars():
        if row.understanding is None:
            break
        ready.append(row)
    return ready


async def _build_turn(session: AsyncSession, conversation: ConversationRow, rows: list[MessageRow], now: Any) -> Turn:
    """The turn of these messages; without any, that of the reminders that are due."""
    who = await get_trusted(
        session, conversation.contact_id, address=(conversation.channel, conversation.account, conversation.address or "")
    )
    messages = tuple(TurnMessage(r.id, r.text, r.payload, _understanding(r), r.at, metadata=r.body.get("metadata", {})) for r in rows)
    about = f"{rows[0].id}:{rows[-1].id}" if rows else str(conversation.dialogue.get(WAKE_AT))
    return Turn(
        id=turn_id(conversation.id, conversation.epoch, about),
        conversation_id=conversation.id,
        messages=messages,
        slots=dict(conversation.slots),
        dialogue=dict(conversation.dialogue),
        language=messages[-1].understanding.language if messages else conversation.language or "",
        channel=conversation.channel,
        contact_id=conversation.contact_id,
        verified=who.verified,
        email=who.email,
        phone=who.phone,
        now=now,
    )


def turn_id(conversation_id: UUID, epoch: int, about: str) -> UUID:
    """The same turn has the same id, also when it runs again: `about` are its first and last message, or its reminder."""
    return uuid5(conversation_id, f"{epoch}:{about}")


def _understanding(row: MessageRow) -> Understanding:
    assert row.understanding is not None
    return load_understanding(row.understanding)
