"""What people send from the console: held back for a moment so that it can be undone, then sent, whatever became of the browser.

A sending has the name that the browser gave it (`client_id`): the same one again is the same sending. States: held, then sent, undone or
refused (somebody else held the conversation by then: the text is back in the draft, and the writer is told).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from context.attachments.keeping import claim, staff_owner
from context.conversations import lock_conversation
from context.inbound import said_with_files
from context.ledger import Ledger
from context.models import ConversationRow
from context.outbound import Sending, record_agent_reply
from context.staff.accounts import check_may, get_staff
from context.staff.models import StaffRow
from context.stream import OutgoingSettled, send_signal
from context.types import Handler, MessageView, Status
from desk.personal.drafts import Draft, find_draft, keep_draft
from desk.personal.models import NotificationRow, OutgoingRow
from desk.personal.notifications import NOT_SENT
from kit.errors import BatonError, ConflictError, InvalidInputError

KEPT_DAYS = 30
MOST_ID = 64


@dataclass(frozen=True)
class Written:
    """What someone wants to send. `macro_id` is told back once it is sent."""

    conversation_id: UUID
    text: str
    suggestion_id: UUID | None = None
    files: tuple[UUID, ...] = ()
    macro_id: UUID | None = None


@dataclass(frozen=True)
class Outgoing:
    """A sending and how far it is."""

    id: UUID
    staff_id: UUID
    client_id: str
    written: Written
    state: str
    reason: str | None
    send_at: datetime


@dataclass(frozen=True)
class Sent:
    """A sending that left, with its message; None when it was refused."""

    outgoing: Outgoing
    message: MessageView | None


async def hold(session: AsyncSession, ledger: Ledger, staff: StaffRow, client_id: str, *, written: Written, seconds: float) -> Outgoing:
    """Takes what is to be sent in `seconds`; the same `client_id` again changes nothing.

    Raises ConflictError unless this person holds the conversation, InvalidInputError, NotAllowedError, NotFoundError.
    """
    check_may(staff, "converse")
    if not client_id or len(client_id) > MOST_ID:
        raise InvalidInputError("What is sent needs a name of its own")
    known = await find_outgoing(session, staff.id, client_id)
    if known is not None:
        return known
    check_holds(await lock_conversation(session, written.conversation_id), staff)
    files = await claim(session, written.files, owner=staff_owner(staff.id))
    text = said_with_files(written.text, files)
    body: dict[str, Any] = {"files": [str(f) for f in written.files]}
    body |= {name: str(value) for name in ("suggestion_id", "macro_id") if (value := getattr(written, name))}
    row = insert(OutgoingRow).values(
        id=uuid4(), staff_id=staff.id, client_id=client_id, conversation_id=written.conversation_id, text=text, body=body,
        state="held", send_at=ledger.now + timedelta(seconds=seconds), at=ledger.now,
    )  # fmt: skip
    await session.execute(row.on_conflict_do_nothing())
    found = await find_outgoing(session, staff.id, client_id)
    assert found is not None
    return found


def check_holds(conversation: ConversationRow, staff: StaffRow) -> None:
    """Raises ConflictError unless this person holds the conversation and it is open."""
    if conversation.status == Status.RESOLVED or conversation.handler != Handler.AGENT or conversation.agent_id != staff.id:
        raise ConflictError("You do not hold this conversation", hint="Take it first, then send again.")


async def find_outgoing(session: AsyncSession, staff_id: UUID, client_id: str) -> Outgoing | None:
    """A sending by its browser's name, or None."""
    query = select(OutgoingRow).where(OutgoingRow.staff_id == staff_id, OutgoingRow.client_id == client_id)
    row = (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    return _outgoing(row) if row is not None else None


async def list_held(session: AsyncSession, staff_id: UUID, conversation_id: UUID) -> list[Outgoing]:
    """What this person has sent there that is still held back, the oldest first."""
    query = select(OutgoingRow).where(OutgoingRow.staff_id == staff_id, OutgoingRow.conversation_id == conversation_id)
    rows = (await session.execute(query.where(OutgoingRow.state == "held").order_by(OutgoingRow.at))).scalars()
    return [_outgoing(row) for row in rows]


async def undo(session: AsyncSession, staff_id: UUID, client_id: str) -> Outgoing:
    """Takes a held sending back: it is never delivered. Raises ConflictError when it has gone out already."""
    query = select(OutgoingRow).where(OutgoingRow.staff_id == staff_id, OutgoingRow.client_id == client_id).with_for_update()
    row = (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None or row.state not in ("held", "undone"):
        raise ConflictError("This was sent already", hint="Write to the customer again.")
    row.state = "undone"
    await session.flush()
    return _outgoing(row)


async def list_due(session: AsyncSession, *, now: datetime, limit: int = 100) -> list[UUID]:
    """What must go out now."""
    query = select(OutgoingRow.id).where(OutgoingRow.state == "held", OutgoingRow.send_at <= now).order_by(OutgoingRow.send_at)
    return list((await session.execute(query.limit(limit))).scalars())


async def send(session: AsyncSession, ledger: Ledger, outgoing_id: UUID) -> Sent | None:
    """Stores a held sending as a message; None when it is not held any more or another process is at it.

    A refusal is kept with its reason, the text goes back into the draft.
    """
    query = select(OutgoingRow).where(OutgoingRow.id == outgoing_id, OutgoingRow.state == "held").with_for_update(skip_locked=True)
    row = (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        return None
    outgoing, message = _outgoing(row), None
    written = outgoing.written
    try:
        async with session.begin_nested():
            staff = await get_staff(session, row.staff_id)
            conversation = await lock_conversation(session, row.conversation_id)
            sending = Sending(written.suggestion_id, row.id, files=written.files)
            message = await record_agent_reply(session, ledger, conversation, staff=staff, text=row.text, sending=sending)
        row.state = "sent"
    except BatonError as error:
        row.state, row.reason = "refused", error.message
        await _give_back(session, row, now=ledger.now)
    settled = OutgoingSettled(row.conversation_id, row.staff_id, row.client_id, row.state, row.reason)
    await send_signal(session, settled)
    await session.flush()
    return Sent(_outgoing(row), message)


async def _give_back(session: AsyncSession, row: OutgoingRow, *, now: datetime) -> None:
    staff = await session.get(StaffRow, row.staff_id)
    assert staff is not None
    if await find_draft(session, row.staff_id, row.conversation_id) is None and staff.active:
        await keep_draft(session, staff, Draft(row.conversation_id, row.text, {"files": row.body.get("files", [])}), now=now)
    session.add(NotificationRow(staff_id=row.staff_id, kind=NOT_SENT, conversation_id=row.conversation_id, at=now))


async def sweep_settled(session: AsyncSession, *, now: datetime) -> None:
    """Forgets what was settled 30 days ago."""
    old = OutgoingRow.at < now - timedelta(days=KEPT_DAYS)
    await session.execute(delete(OutgoingRow).where(OutgoingRow.state != "held", old))


def _outgoing(row: OutgoingRow) -> Outgoing:
    files = tuple(UUID(f) for f in row.body.get("files", ()))
    written = Written(row.conversation_id, row.text, _maybe(row.body, "suggestion_id"), files, _maybe(row.body, "macro_id"))
    return Outgoing(row.id, row.staff_id, row.client_id, written, row.state, row.reason, row.send_at)


def _maybe(body: dict[str, Any], name: str) -> UUID | None:
    return UUID(body[name]) if body.get(name) else None
