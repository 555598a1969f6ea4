"""Search over conversations and people: words in any order, beginnings of words, and Chinese letter by letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import ContactRow, ConversationRow, MessageRow
from context.search_words import Wanted, parse_search
from context.staff.accounts import check_may
from context.staff.models import StaffRow
from desk.inbox import InboxRow, access_inbox_rows

MOST_HITS, MOST_CONVERSATIONS, MOST_PEOPLE = 300, 30, 10
SNIPPET = 90
LONGEST_SECONDS = 3


@dataclass(frozen=True)
class FoundConversation:
    """A conversation with the newest of its messages that match: `snippet` around the match, `marks` (begin, end) within it."""

    row: InboxRow
    message_id: UUID | None
    at: datetime
    snippet: str
    marks: tuple[tuple[int, int], ...]
    hits: int


@dataclass(frozen=True)
class FoundPerson:
    """A customer, with the conversation that was changed last, if there is any."""

    id: UUID
    name: str | None
    email: str | None
    phone: str | None
    conversation_id: UUID | None


@dataclass(frozen=True)
class Found:
    """What a search found, the newest first."""

    conversations: tuple[FoundConversation, ...] = ()
    people: tuple[FoundPerson, ...] = ()


async def access_search(session: AsyncSession, staff: StaffRow, said: str) -> Found:
    """Searches everything that may be read. Raises NotAllowedError; nothing to look for finds nothing."""
    check_may(staff, "converse")
    wanted = parse_search(said)
    if wanted is None:
        return Found()
    await session.execute(text(f"SET LOCAL statement_timeout = '{LONGEST_SECONDS}s'"))
    return Found(await _conversations(session, staff, wanted), await _people(session, wanted))


def _matches(words: str, wanted: Wanted) -> ColumnElement[Any]:
    return literal_column(words).op("@@")(func.to_tsquery(literal_column("'simple'::regconfig"), wanted.query))


async def _conversations(session: AsyncSession, staff: StaffRow, wanted: Wanted) -> tuple[FoundConversation, ...]:
    query = select(MessageRow.id, MessageRow.conversation_id, MessageRow.at, MessageRow.text)
    query = query.where(_matches("search_words(message.text)", wanted), *(func.strpos(MessageRow.text, run) > 0 for run in wanted.runs))
    hits = (await session.execute(query.order_by(MessageRow.at.desc()).limit(MOST_HITS))).all()
    newest: dict[UUID, Any] = {}
    counted: dict[UUID, int] = {}
    for hit in hits:
        newest.setdefault(hit.conversation_id, hit)
        counted[hit.conversation_id] = counted.get(hit.conversation_id, 0) + 1
    ids = list(newest)[:MOST_CONVERSATIONS]
    rows = {row.id: row for row in await access_inbox_rows(session, staff, ids)}
    return tuple(_found(rows[i], newest[i], counted[i], wanted) for i in ids if i in rows)


def _found(row: InboxRow, hit: Any, hits: int, wanted: Wanted) -> FoundConversation:
    snippet, marks = snippet_of(hit.text, wanted.words)
    return FoundConversation(row, hit.id, hit.at, snippet, marks, hits)


def snippet_of(said: str, words: tuple[str, ...]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The part of a text around the first of the words, on one line, and where the words stand in it. Pure."""
    line = " ".join(said.split())
    lowered = line.lower()
    first = min((at for word in words if (at := lowered.find(word)) >= 0), default=0)
    begin = max(0, first - SNIPPET // 3)
    part = line[begin : begin + SNIPPET]
    shown = ("…" if begin else "") + part + ("…" if begin + SNIPPET < len(line) else "")
    marks = [(at, at + len(word)) for word in words if (at := shown.lower().find(word)) >= 0]
    return shown, tuple(sorted(marks))


async def _people(session: AsyncSession, wanted: Wanted) -> tuple[FoundPerson, ...]:
    last = (
        select(ConversationRow.id)
        .where(ConversationRow.contact_id == ContactRow.id)
        .order_by(ConversationRow.updated_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(ContactRow.id, ContactRow.name, ContactRow.email, ContactRow.phone, last.label("conversation_id"))
    query = query.where(_matches("search_person(contact.name, contact.email, contact.phone)", wanted))
    query = query.where(*(func.strpos(ContactRow.name, run) > 0 for run in wanted.runs)).order_by(ContactRow.created_at.desc())
    return tuple(FoundPerson(*row) for row in (await session.execute(query.limit(MOST_PEOPLE))).all())
