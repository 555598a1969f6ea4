"""Undoing a merge of two conversations: the one that went is one of its own again, as it was; what was said since stays where it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.conversations import lock_conversation
from context.event_base import Actor
from context.events import AgentAssigned, ConversationUnmerged, HandoffQueued
from context.handling import Transition, move
from context.handoffs import reason_again, wait_in_queue
from context.labels.keeping import take_label_off
from context.ledger import Ledger
from context.models import ConversationRow, HandoffRow, MessageRow
from context.sleeping import snooze
from context.staff.accounts import check_may, may
from context.staff.models import StaffRow
from context.types import Author, Handler, HandoffRequest, Status, Visibility
from desk.models import ConversationMergeRow
from kit.errors import ConflictError, NotAllowedError, NotFoundError


async def list_merges(session: AsyncSession, into_id: UUID) -> list[tuple[ConversationMergeRow, ConversationRow]]:
    """The conversations that a colleague merged into this one and that still are part of it, the newest first."""
    query = select(ConversationMergeRow, ConversationRow).join(ConversationRow, ConversationRow.id == ConversationMergeRow.source_id)
    query = query.where(ConversationMergeRow.into_id == into_id, ConversationMergeRow.undone_at.is_(None))
    return [(merge, source) for merge, source in await session.execute(query.order_by(ConversationMergeRow.at.desc()))]


async def part_conversations(session: AsyncSession, ledger: Ledger, staff: StaffRow, merge_id: UUID) -> ConversationMergeRow:
    """Undoes a merge. The conversation has its holder, its place in the queue, its sleep, what the bot had in mind and its labels again.

    What was written after the merge stays in the other one. Where somebody answered there since, nobody waits for that in the one that
    returns: the bot does not answer it again, and in the queue it waits from now on. Raises NotFoundError, NotAllowedError, ConflictError.
    """
    check_may(staff, "converse")
    merge = await session.get(ConversationMergeRow, merge_id, with_for_update=True, populate_existing=True)
    if merge is None:
        raise NotFoundError("There is no such merge")
    locked = {i: await lock_conversation(session, i) for i in sorted((merge.source_id, merge.into_id))}
    source, into = locked[merge.source_id], locked[merge.into_id]
    await _check(session, merge, source, into, staff=staff)
    actor, before = Actor("agent", str(staff.id)), merge.before
    answered = await _answered(session, merge)
    move(source, Transition.PART, now=ledger.now)
    source.merged_into_id = None
    source.urgency, source.dialogue = before["source"]["urgency"], {} if answered else before["source"]["dialogue"]
    if answered:
        source.answered_seq = source.seq
    await ledger.append(session, ConversationUnmerged(from_id=str(into.id)), actor=actor, conversation=source)
    await _return_to_holder(session, ledger, source, before["source"], answered=answered, actor=actor)
    _give_back(into, before, wrote=await _wrote_first(session, merge))
    for label_id in before["labels"]:
        await take_label_off(session, ledger, into, label_id=UUID(label_id), actor=actor)
    merge.undone_at, merge.undone_by = ledger.now, staff.id
    await session.flush()
    return merge


async def _check(
    session: AsyncSession, merge: ConversationMergeRow, source: ConversationRow, into: ConversationRow, *, staff: StaffRow
) -> None:
    if staff.id not in (merge.staff_id, into.agent_id) and not may(staff, "supervise"):
        raise NotAllowedError("Who merged them, who holds the conversation, or a supervisor may undo this")
    if merge.undone_at is not None or source.merged_into_id != into.id:
        raise ConflictError("This merge was undone already")
    if into.merged_into_id is not None:
        raise ConflictError("The conversation became part of another one since", hint="Undo that merge first.")
    query = select(ConversationRow.id).where(
        ConversationRow.contact_id == source.contact_id, ConversationRow.thread_key == source.thread_key,
        ConversationRow.status != Status.RESOLVED,
    )  # fmt: skip
    if (await session.execute(query)).first() is not None:
        raise ConflictError("The customer has begun a new conversation there since", hint="Go on in that one.")


async def _answered(session: AsyncSession, merge: ConversationMergeRow) -> bool:
    query = select(MessageRow.id).where(
        MessageRow.conversation_id == merge.into_id, MessageRow.seq > merge.seq, MessageRow.visibility == Visibility.PUBLIC,
        MessageRow.author.in_((Author.AGENT, Author.BOT)),
    )  # fmt: skip
    return (await session.execute(query.limit(1))).first() is not None


async def _return_to_holder(
    session: AsyncSession, ledger: Ledger, source: ConversationRow, before: dict[str, Any], *, answered: bool, actor: Actor
) -> None:
    """To whom had it: a colleague whose account was disabled since is nobody, and it waits in the queue."""
    holder = await session.get(StaffRow, UUID(before["agent_id"])) if before["agent_id"] else None
    waited = None if answered else _moment(before["waiting_since"])
    if before["handler"] == Handler.AGENT and holder is not None and holder.active:
        await _reopen_handoff(session, before, state="accepted")
        move(source, Transition.TAKE, now=ledger.now, to=holder.id)
        source.waiting_since = waited
        await ledger.append(session, AgentAssigned(staff_id=str(holder.id), by=actor.id or actor.kind), actor=actor, conversation=source)
        until = _moment(before["snoozed_until"])
        if until is not None and until > ledger.now:
            await snooze(session, ledger, source, staff=holder, until=until)
    elif before["handler"] != Handler.BOT:
        move(source, Transition.HAND_OFF, now=ledger.now)
        source.waiting_since = waited or ledger.now
        handoff = await _reopen_handoff(session, before, state="queued")
        if handoff is None:
            await wait_in_queue(session, ledger, source, request=HandoffRequest(await reason_again(session, source.id)))
            return
        team = handoff.packet.get("suggested_team")
        queued = HandoffQueued(handoff_id=str(handoff.id), reason=handoff.reason, urgency=handoff.urgency, team=team)
        await ledger.append(session, queued, actor=actor, conversation=source)


async def _reopen_handoff(session: AsyncSession, before: dict[str, Any], *, state: str) -> HandoffRow | None:
    """The handoff that the merge ended goes on."""
    if before["handoff"] is None:
        return None
    handoff = await session.get(HandoffRow, UUID(before["handoff"][0]), with_for_update=True, populate_existing=True)
    if handoff is not None:
        handoff.state = state
        if state == "queued":
            handoff.staff_id = handoff.accepted_at = None
    return handoff


async def _wrote_first(session: AsyncSession, merge: ConversationMergeRow) -> datetime | None:
    """When the customer first wrote after the merge."""
    query = select(func.min(MessageRow.at)).where(MessageRow.conversation_id == merge.into_id, MessageRow.seq > merge.seq)
    return (await session.execute(query.where(MessageRow.author == Author.CUSTOMER))).scalar()


def _give_back(into: ConversationRow, before: dict[str, Any], *, wrote: datetime | None) -> None:
    """What the merge changed in the one that stayed, as far as nothing else changed it since; `wrote`: who wrote since waits since then."""
    was, became = before["into"], before["after"]
    if into.urgency == became["urgency"]:
        into.urgency = was["urgency"]
    if was["waiting_since"] != became["waiting_since"] and into.waiting_since == _moment(became["waiting_since"]):
        into.waiting_since = _moment(was["waiting_since"]) or wrote
    if into.last_customer_at == _moment(became["last_customer_at"]):
        into.last_customer_at = _moment(was["last_customer_at"])


def _moment(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None
