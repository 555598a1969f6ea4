"""Two open conversations of one customer become one: the other one goes on and shows what was said in both."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from context import ownership
from context.conversations import MESSAGING_THREAD, lock_conversation
from context.event_base import Actor
from context.labels.keeping import labels_of, put_label
from context.ledger import Ledger
from context.models import ConversationRow
from context.staff.accounts import check_may
from context.staff.models import StaffRow
from context.types import Handler, Status
from desk.models import ConversationMergeRow
from kit.errors import ConflictError, InvalidInputError


async def merge_conversations(
    session: AsyncSession, ledger: Ledger, staff: StaffRow, *, source_id: UUID, into_id: UUID
) -> ConversationMergeRow:
    """Merges `source` into the other one. What the customer writes to the first from then on comes to the second.

    `desk/parting.py` undoes it.

    Raises InvalidInputError for conversations of two customers, ConflictError when one is not open or a colleague holds one of them.
    """
    check_may(staff, "converse")
    if source_id == into_id:
        raise InvalidInputError("A conversation cannot be merged into itself")
    locked = {i: await lock_conversation(session, i) for i in sorted((source_id, into_id))}
    source, into = locked[source_id], locked[into_id]
    _check(source, into, staff)
    actor = Actor("agent", str(staff.id))
    before: dict[str, Any] = {"source": await _state_of(session, source), "into": _waiting_of(into)}
    waited, spoke = source.waiting_since, source.last_customer_at
    await ownership.merge_away(session, ledger, source, into=into, actor=actor)
    source.merged_into_id = into.id
    into.urgency = max(into.urgency, before["source"]["urgency"])
    into.last_customer_at = max(filter(None, (into.last_customer_at, spoke)), default=None)
    if into.handler != Handler.BOT:
        into.waiting_since = min(filter(None, (into.waiting_since, waited)), default=None)
    labels = [
        str(label_id)
        for label_id in (await labels_of(session, [source.id])).get(source.id, ())
        if await put_label(session, ledger, into, label_id=label_id, actor=actor)
    ]
    before |= {"labels": labels, "after": _waiting_of(into)}
    merge = ConversationMergeRow(source_id=source.id, into_id=into.id, staff_id=staff.id, seq=into.seq, before=before, at=ledger.now)
    session.add(merge)
    await session.flush()
    return merge


async def _state_of(session: AsyncSession, source: ConversationRow) -> dict[str, Any]:
    """All that a merge takes from the conversation that goes, as JSON."""
    handoff = await ownership.find_latest_handoff(session, source.id)
    going_on = handoff is not None and handoff.state in {"queued", "accepted"}
    return _waiting_of(source) | {
        "handler": source.handler,
        "agent_id": str(source.agent_id) if source.agent_id else None,
        "snoozed_until": source.snoozed_until.isoformat() if source.snoozed_until else None,
        "dialogue": source.dialogue,
        "handoff": [str(handoff.id), handoff.state] if handoff is not None and going_on else None,
    }


def _waiting_of(row: ConversationRow) -> dict[str, Any]:
    """How urgent it is, and since when somebody waits in it, as JSON."""
    moments = {name: getattr(row, name) for name in ("waiting_since", "last_customer_at")}
    return {"urgency": row.urgency} | {name: at.isoformat() if at else None for name, at in moments.items()}


def _check(source: ConversationRow, into: ConversationRow, staff: StaffRow) -> None:
    if source.contact_id != into.contact_id:
        raise InvalidInputError("Only conversations of one customer can be merged", hint="Merge the customers first.")
    if Status.RESOLVED in (source.status, into.status):
        raise ConflictError("Only open conversations can be merged")
    if any(row.handler == Handler.AGENT and row.agent_id != staff.id for row in (source, into)):
        raise ConflictError("A colleague holds one of them", hint="Ask them to release it.")
    if source.thread_key == MESSAGING_THREAD:
        raise ConflictError("The chat goes on; merge the other one into it", hint="Open the other conversation and merge it into this one.")
