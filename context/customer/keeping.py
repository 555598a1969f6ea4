"""What people, the shop and telephone systems tell about a customer: labels, notes, consent, events, calls."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, delete, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from context.conversations import lock_conversation
from context.customer.models import CallRow, ConsentRow, ContactLabelRow, ContactNoteRow, ShopEventRow
from context.events import Actor, CallRecorded, VisitorViewed
from context.inbound import check_text
from context.ledger import Ledger
from context.models import ConversationRow, EventRow, MessageRow
from kit.errors import ConflictError, InvalidInputError, NotAllowedError

TRACKING = "tracking"
PURPOSES = (TRACKING, "marketing", "calls")
KINDS = ("page.viewed", "cart.updated", "purchase.made", "product.viewed", "search.made", "account.created")
MAX_DATA = 8_000  # bytes of JSON, of an event or of attributes
MAX_LABELS, MAX_DEPTH = 50, 3
_LABEL = re.compile(r"[^\x00-\x1f,]{1,60}")
_KEY = re.compile(r"[A-Za-z0-9_.-]{1,60}")
FUTURE = timedelta(minutes=5)


class NoConsentError(NotAllowedError):
    """The customer has not agreed to this."""


@dataclass(frozen=True)
class Told:
    """An event of the shop as it was told; `external_id` is the teller's name for it, by which a repeat is known."""

    kind: str
    external_id: str
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)
    source: str = "api"


@dataclass(frozen=True)
class Call:
    """A telephone call as a telephone system tells of it."""

    external_id: str
    direction: str
    seconds: int
    at: datetime
    source: str = "api"
    summary: str | None = None
    recording_url: str | None = None
    transcript: tuple[dict[str, Any], ...] = ()
    conversation_id: UUID | None = None


def check_attributes(attributes: dict[str, Any]) -> dict[str, Any]:
    """The attributes, if they may be stored: plain names, values of JSON at most three deep, 8 kB. Raises InvalidInputError."""
    for key in attributes:
        if not _KEY.fullmatch(key):
            raise InvalidInputError(f"{key[:60]!r} is no name of an attribute", hint="1 to 60 letters, digits, '.', '-' and '_'.")
    if _depth(attributes) > MAX_DEPTH:
        raise InvalidInputError(f"Attributes are at most {MAX_DEPTH} deep")
    size = len(json.dumps(attributes, ensure_ascii=False).encode())
    if size > MAX_DATA:
        raise InvalidInputError(f"The attributes have {size:,} bytes; at most {MAX_DATA:,} can be kept")
    return attributes


def _depth(value: Any) -> int:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, parts), default=0) if isinstance(value, dict | list) else 0


async def put_label(session: AsyncSession, contact_id: UUID, label: str, *, source: str = "person", by: str | None = None) -> str:
    """Puts a label on a contact; having it already changes nothing. Raises InvalidInputError."""
    word = " ".join(label.split())
    if not _LABEL.fullmatch(word):
        raise InvalidInputError("A label has 1 to 60 characters and no comma")
    if len(await labels_of(session, contact_id)) >= MAX_LABELS:
        raise ConflictError(f"A contact has at most {MAX_LABELS} labels")
    values = {"contact_id": contact_id, "label": word, "source": source, "by": by}
    await session.execute(insert(ContactLabelRow).values(**values).on_conflict_do_nothing())
    return word


async def take_label(session: AsyncSession, contact_id: UUID, label: str) -> None:
    """Takes a label off; not having it changes nothing."""
    await session.execute(delete(ContactLabelRow).where(ContactLabelRow.contact_id == contact_id, ContactLabelRow.label == label))


async def labels_of(session: AsyncSession, contact_id: UUID) -> list[str]:
    """The labels that people and systems put on the contact; those by rule are `rules.rules_holding`."""
    query = select(ContactLabelRow.label).where(ContactLabelRow.contact_id == contact_id).order_by(ContactLabelRow.label)
    return list((await session.execute(query)).scalars())


async def add_note(session: AsyncSession, contact_id: UUID, *, staff_id: UUID, text: str, at: datetime) -> ContactNoteRow:
    """Writes a note for colleagues. Raises InvalidInputError on an empty or overlong one."""
    row = ContactNoteRow(contact_id=contact_id, staff_id=staff_id, text=check_text(text), at=at)
    session.add(row)
    await session.flush()
    return row


async def notes_of(session: AsyncSession, contact_id: UUID, *, limit: int = 100) -> list[ContactNoteRow]:
    """Notes, newest first."""
    query = select(ContactNoteRow).where(ContactNoteRow.contact_id == contact_id).order_by(ContactNoteRow.at.desc()).limit(limit)
    return list((await session.execute(query)).scalars())


@dataclass(frozen=True)
class Consent:
    """What a customer said: of which purpose, where, and to which version of a text, where there was one."""

    purpose: str
    granted: bool
    source: str
    version: str | None = None


async def set_consent(session: AsyncSession, contact_id: UUID, said: Consent, *, at: datetime) -> None:
    """Notes what the customer allowed or took back. What was kept by it before is removed when it is taken back."""
    if said.purpose not in PURPOSES:
        raise InvalidInputError(f"There is no purpose {said.purpose!r}", hint=f"There are: {', '.join(PURPOSES)}.")
    row = ConsentRow(contact_id=contact_id, purpose=said.purpose, granted=said.granted, source=said.source, version=said.version, at=at)
    session.add(row)
    if said.purpose == TRACKING and not said.granted:
        await session.execute(delete(ShopEventRow).where(ShopEventRow.contact_id == contact_id))
        await _forget_pages(session, contact_id)
    await session.flush()


async def _forget_pages(session: AsyncSession, contact_id: UUID) -> None:
    """Which pages were looked at is taken out of the log and of the messages; that something was looked at stays, as numbers go on."""
    mine = select(ConversationRow.id).where(ConversationRow.contact_id == contact_id).scalar_subquery()
    viewed = update(EventRow).where(EventRow.name == VisitorViewed.name, EventRow.conversation_id.in_(mine))
    await session.execute(viewed.values(data=EventRow.data.op("||")(cast({"page": ""}, JSONB))))
    told = update(MessageRow).where(MessageRow.conversation_id.in_(mine), MessageRow.body["metadata"].has_key("page"))
    url, title = (cast(["metadata", "page", part], ARRAY(Text)) for part in ("url", "title"))
    await session.execute(told.values(body=MessageRow.body.op("#-")(url).op("#-")(title)))


async def consents_of(session: AsyncSession, contact_id: UUID) -> dict[str, ConsentRow]:
    """The newest word on each purpose; a purpose that was never spoken of is missing, and not allowed."""
    query = select(ConsentRow).where(ConsentRow.contact_id == contact_id).order_by(ConsentRow.id)
    return {row.purpose: row for row in (await session.execute(query)).scalars()}


async def record_told(session: AsyncSession, ledger: Ledger, contact_id: UUID, told: Sequence[Told]) -> int:
    """Stores what the shop told, each event once; how many were new. Raises NoConsentError and InvalidInputError."""
    consent = (await consents_of(session, contact_id)).get(TRACKING)
    if consent is None or not consent.granted:
        raise NoConsentError("The customer has not agreed to be followed in the shop", hint="PUT .../consent/tracking first.")
    new = 0
    for one in told:
        _check_told(one, now=ledger.now)
        values = {
            "contact_id": contact_id,
            "kind": one.kind,
            "source": one.source,
            "external_id": one.external_id,
            "data": one.data,
            "at": one.at,
        }
        fresh = (
            insert(ShopEventRow)
            .values(**values)
            .on_conflict_do_nothing(index_elements=["source", "external_id"])
            .returning(ShopEventRow.id)
        )
        if (await session.execute(fresh)).first() is None:
            continue
        new += 1
        if one.kind == "page.viewed" and isinstance(page := one.data.get("page"), str):
            await ledger.append(session, VisitorViewed(page=page[:2000]), actor=Actor("api"))
    return new


def _check_told(one: Told, *, now: datetime) -> None:
    if one.kind not in KINDS:
        raise InvalidInputError(f"There is no event {one.kind!r}", hint=f"There are: {', '.join(KINDS)}.")
    if one.at.tzinfo is None or one.at > now + FUTURE:
        raise InvalidInputError("`at` must have a time zone and cannot lie in the future", hint="Look at the clock of the sender.")
    if len(json.dumps(one.data, ensure_ascii=False).encode()) > MAX_DATA:
        raise InvalidInputError(f"The data of an event has at most {MAX_DATA:,} bytes")


async def record_call(session: AsyncSession, ledger: Ledger, contact_id: UUID, call: Call) -> tuple[CallRow, bool]:
    """Puts a call on the timeline; (the call, whether it is new). Told again it is brought up to date: transcripts come late."""
    if call.direction not in ("in", "out") or not 0 <= call.seconds <= 86_400:
        raise InvalidInputError("A call has the direction in or out, and 0 to 86,400 seconds")
    query = select(CallRow).filter_by(source=call.source, external_id=call.external_id).with_for_update()
    row = (await session.execute(query)).scalar_one_or_none()
    if row is not None and row.contact_id != contact_id:
        raise ConflictError("This call belongs to another contact")
    new = row is None
    if row is None:
        row = CallRow(contact_id=contact_id, source=call.source, external_id=call.external_id, at=call.at)
        session.add(row)
    row.direction, row.seconds, row.summary, row.recording_url = call.direction, call.seconds, call.summary, call.recording_url
    row.transcript, row.conversation_id = list(call.transcript), call.conversation_id
    await session.flush()
    if new:
        conversation = await lock_conversation(session, call.conversation_id) if call.conversation_id else None
        if conversation is not None and conversation.contact_id != contact_id:
            raise InvalidInputError("This conversation is another contact's")
        event = CallRecorded(contact_id=str(contact_id), direction=call.direction, seconds=call.seconds)
        await ledger.append(session, event, actor=Actor("api"), conversation=conversation, channel="phone")
    return row, new
