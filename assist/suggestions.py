"""Reading suggestions and recording what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from rapidfuzz.distance import Levenshtein
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from assist.models import SuggestionRow
from context.conversations import get_conversation, lock_conversation
from context.events import Actor, SuggestionAccepted, SuggestionDismissed, SuggestionEdited, SuggestionShown
from context.ledger import Ledger
from context.models import MessageRow
from context.types import Author, Citation, Visibility
from kit.errors import ConflictError, NotFoundError

INTERNAL_ALIKE = 0.6
TAKEN_FOR = timedelta(minutes=30)  # what is sent later than this after a draft was copied has nothing to do with it
TAKEN_ALIKE = 0.3  # and what is less alike neither


class InternalTextError(ConflictError):
    """This suggestion quotes an internal article, which customers must not read."""


@dataclass(frozen=True)
class Suggestion:
    """A reply draft for an agent, with where it comes from."""

    id: UUID
    conversation_id: UUID
    message_id: UUID
    rank: int
    source: str
    text: str
    citations: tuple[Citation, ...]
    confidence: float
    state: str
    origin: str = ""
    internal: bool = False
    language: str = ""
    title: str = ""


async def list_suggestions(session: AsyncSession, conversation_id: UUID) -> list[Suggestion]:
    """The drafts for the newest customer message that has any, best first, without dismissed ones.

    None once an agent has answered that message and the customer has gone on, so that "thanks" does not bring old drafts back.
    """
    await get_conversation(session, conversation_id)
    asked, answer, later = aliased(MessageRow), aliased(MessageRow), aliased(MessageRow)
    went_on = select(later.id).where(later.conversation_id == conversation_id, later.author == Author.CUSTOMER, later.seq > answer.seq)
    answered = select(answer.id).where(
        answer.conversation_id == conversation_id, answer.author == Author.AGENT, answer.visibility == Visibility.PUBLIC,
        answer.seq > asked.seq, went_on.correlate(answer).exists(),
    )  # fmt: skip
    newest = (
        select(SuggestionRow.message_id)
        .join(asked, asked.id == SuggestionRow.message_id)
        .where(SuggestionRow.conversation_id == conversation_id, ~answered.correlate(asked).exists())
        .order_by(SuggestionRow.made_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(SuggestionRow).where(SuggestionRow.message_id == newest, SuggestionRow.state != "dismissed").order_by(SuggestionRow.rank)
    return [_view(row) for row in (await session.execute(query)).scalars()]


async def check_of(session: AsyncSession, conversation_id: UUID, suggestion_ids: list[UUID]) -> None:
    """Raises NotFoundError unless all of these were made for this conversation."""
    query = select(SuggestionRow.id).where(SuggestionRow.conversation_id == conversation_id, SuggestionRow.id.in_(suggestion_ids))
    if set((await session.execute(query)).scalars()) != set(suggestion_ids):
        raise NotFoundError("There is no such suggestion")


async def record_shown(session: AsyncSession, ledger: Ledger, suggestion_ids: list[UUID], *, staff_id: UUID) -> None:
    """The drafts stood before this agent; each is counted once."""
    rows = [await _get(session, i) for i in suggestion_ids]
    for row in rows:
        if row.state != "made":
            continue
        conversation = await lock_conversation(session, row.conversation_id)
        await session.refresh(row)
        if row.state != "made":
            continue
        row.state, row.shown_at, row.staff_id = "shown", ledger.now, staff_id
        shown = SuggestionShown(suggestion_id=str(row.id), message_id=str(row.message_id), source=row.source, rank=row.rank)
        await ledger.append(session, shown, actor=Actor("agent", str(staff_id)), conversation=conversation)


async def record_used(
    session: AsyncSession, ledger: Ledger, suggestion_id: UUID, *, staff_id: UUID, message_id: UUID, sent_text: str
) -> None:
    """The agent sent the draft: accepted when unchanged, else edited, with the distance in characters."""
    row = await _get(session, suggestion_id)
    conversation = await lock_conversation(session, row.conversation_id)
    distance = Levenshtein.distance(row.text.strip(), sent_text.strip())
    row.state, row.settled_at, row.staff_id, row.distance = ("edited" if distance else "accepted"), ledger.now, staff_id, distance
    ids = {"suggestion_id": str(row.id), "staff_id": str(staff_id), "message_id": str(message_id)}
    event = SuggestionEdited(**ids, edit_distance=distance) if distance else SuggestionAccepted(**ids)
    await ledger.append(session, event, actor=Actor("agent", str(staff_id)), conversation=conversation)


async def record_taken(session: AsyncSession, ledger: Ledger, suggestion_id: UUID, *, staff_id: UUID) -> None:
    """The agent copied the draft, to send it at an outside desk: `settle_taken` sees what they send. Raises InternalTextError."""
    row = await _get(session, suggestion_id)
    if row.internal:
        raise InternalTextError(hint="Answer in your own words.")
    if row.state in {"made", "shown"}:
        row.taken_at, row.staff_id = ledger.now, staff_id


async def settle_taken(session: AsyncSession, ledger: Ledger, conversation_id: UUID, *, message_id: UUID, sent_text: str) -> bool:
    """Of the drafts that were copied lately the one most like what was sent is used; False where none is like it."""
    query = select(SuggestionRow).where(
        SuggestionRow.conversation_id == conversation_id, SuggestionRow.state.in_(("made", "shown")),
        SuggestionRow.taken_at >= ledger.now - TAKEN_FOR,
    )  # fmt: skip
    rows = list((await session.execute(query)).scalars())
    alike = {row.id: Levenshtein.normalized_similarity(row.text.strip(), sent_text.strip()) for row in rows}
    best = max(rows, key=lambda row: alike[row.id], default=None)
    if best is None or best.staff_id is None or alike[best.id] < TAKEN_ALIKE:
        return False
    await record_used(session, ledger, best.id, staff_id=best.staff_id, message_id=message_id, sent_text=sent_text)
    return True


async def check_may_send(session: AsyncSession, suggestion_id: UUID, text: str) -> None:
    """Raises InternalTextError when an agent is about to send what is for colleagues only, as it stands or nearly so."""
    row = await _get(session, suggestion_id)
    if row.internal and Levenshtein.normalized_similarity(row.text.strip(), text.strip()) > INTERNAL_ALIKE:
        raise InternalTextError(hint="Answer in your own words.")


async def record_dismissed(session: AsyncSession, ledger: Ledger, suggestion_id: UUID, *, staff_id: UUID) -> None:
    """The agent waved the draft away."""
    row = await _get(session, suggestion_id)
    if row.state == "dismissed":
        return
    conversation = await lock_conversation(session, row.conversation_id)
    row.state, row.settled_at, row.staff_id = "dismissed", ledger.now, staff_id
    event = SuggestionDismissed(suggestion_id=str(row.id), staff_id=str(staff_id))
    await ledger.append(session, event, actor=Actor("agent", str(staff_id)), conversation=conversation)


async def _get(session: AsyncSession, suggestion_id: UUID) -> SuggestionRow:
    row = await session.get(SuggestionRow, suggestion_id, populate_existing=True)
    if row is None:
        raise NotFoundError("There is no such suggestion")
    return row


def _view(row: SuggestionRow) -> Suggestion:
    return Suggestion(
        id=row.id,
        conversation_id=row.conversation_id,
        message_id=row.message_id,
        rank=row.rank,
        source=row.source,
        text=row.text,
        citations=tuple(Citation(**c) for c in row.citations),
        confidence=row.confidence,
        state=row.state,
        origin=row.origin,
        internal=row.internal,
        language=row.features.get("language") or "",
        title=row.features.get("title") or "",
    )
