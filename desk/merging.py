"""Two open conversations of one customer become one: the other one goes on and shows what was said in both."""

from __future__ import annotations

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
from kit.errors import ConflictError, InvalidInputError


async def merge_conversations(session: AsyncSession, ledger: Ledger, staff: StaffRow, *, source_id: UUID, into_id: UUID) -> None:
    """Merges `source` into the other one. What the customer writes to the first from then on comes to the second.

    Raises InvalidInputError for conversations of two customers, ConflictError when one is not open or a colleague holds one of them.
    """
    check_may(staff, "converse")
    if source_id == into_id:
        raise InvalidInputError("A conversation cannot be merged into itself")
    locked = {i: await lock_conversation(session, i) for i in sorted((source_id, into_id))}
    source, into = locked[source_id], locked[into_id]
    _check(source, into, staff)
    actor = Actor("agent", str(staff.id))
    waited, spoke = source.waiting_since, source.last_customer_at
    await ownership.merge_away(session, ledger, source, into=into, actor=actor)
    source.merged_into_id = into.id
    source.resolved_at = source.resolved_at or ledger.now
    into.urgency = max(into.urgency, source.urgency)
    into.last_customer_at = max(filter(None, (into.last_customer_at, spoke)), default=None)
    if into.handler != Handler.BOT:
        into.waiting_since = min(filter(None, (into.waiting_since, waited)), default=None)
    for label_id in (await labels_of(session, [source.id])).get(source.id, ()):
        await put_label(session, ledger, into, label_id=label_id, actor=actor)


def _check(source: ConversationRow, into: ConversationRow, staff: StaffRow) -> None:
    if source.contact_id != into.contact_id:
        raise InvalidInputError("Only conversations of one customer can be merged", hint="Merge the customers first.")
    if Status.RESOLVED in (source.status, into.status):
        raise ConflictError("Only open conversations can be merged")
    if any(row.handler == Handler.AGENT and row.agent_id != staff.id for row in (source, into)):
        raise ConflictError("A colleague holds one of them", hint="Ask them to release it.")
    if source.thread_key == MESSAGING_THREAD:
        raise ConflictError("The chat goes on; merge the other one into it", hint="Open the other conversation and merge it into this one.")
