"""The clocks of a conversation: started, paused, ended by what happens in it. Every moment is that of the event, not of its reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import ConversationRow, EventRow
from context.staff.hours import ALWAYS, Hours, add_working, working_between
from desk.models import SlaClockRow
from desk.sla.policies import Policy, policy_for

FIRST, NEXT, RESOLUTION = "first_response", "next_response", "resolution"
MET, MISSED, CANCELLED = "met", "missed", "cancelled"
EVENTS = (
    "handoff.queued", "conversation.routed", "message.received", "agent.replied", "conversation.snoozed", "conversation.reopened",
    "conversation.resolved", "conversation.merged", "handback.done",
)  # fmt: skip


@dataclass(frozen=True)
class Promises:
    """The policies, and the hours of each team."""

    policies: Sequence[Policy]
    hours: dict[UUID, Hours] = field(default_factory=dict)

    def of(self, team_id: UUID | None) -> Hours:
        """When a team works; always, where there is none."""
        return self.hours.get(team_id, ALWAYS) if team_id else ALWAYS


async def apply_event(session: AsyncSession, conversation: ConversationRow, event: EventRow, promises: Promises) -> None:
    """What an event does to the clocks of its conversation (the row locked). One that was applied before changes nothing."""
    name, at, seq = event.name, event.at, event.seq or 0
    if seq <= conversation.timed_seq:
        return
    conversation.timed_seq = seq
    clocks = await running(session, conversation.id)
    if name == "handoff.queued":
        answered = await _was_answered(session, conversation.id)
        started = [NEXT if answered else FIRST, RESOLUTION]
        clocks = await _start(session, conversation, clocks, started, event=event, promises=promises)
    elif name == "conversation.routed":
        _follow_team(conversation, clocks, promises, at=at)
    elif name == "message.received" and clocks:
        wanted = [] if any(c.metric in (FIRST, NEXT) for c in clocks) else [NEXT]
        _resume([c for c in clocks if c.started_seq < seq], promises, at=at)
        clocks = await _start(session, conversation, clocks, wanted, event=event, promises=promises)
    elif name == "agent.replied":
        _end([c for c in clocks if c.metric in (FIRST, NEXT) and c.started_seq < seq], MET, at=at)
        _pause([c for c in clocks if c.metric == RESOLUTION], promises, at=at)
    elif name == "conversation.snoozed":
        _pause(clocks, promises, at=at)
    elif name == "conversation.reopened":
        _resume([c for c in clocks if c.metric != RESOLUTION], promises, at=at)
    elif name in {"conversation.resolved", "handback.done", "conversation.merged"}:
        kept = event.data.get("outcome") == "abandoned" or name == "conversation.merged"
        _end(clocks, CANCELLED if kept else MET, at=at)
    show_next(conversation, clocks)


async def running(session: AsyncSession, conversation_id: UUID) -> list[SlaClockRow]:
    """The clocks of a conversation that have not ended, paused ones too."""
    query = select(SlaClockRow).where(SlaClockRow.conversation_id == conversation_id, SlaClockRow.ended_at.is_(None))
    return list((await session.execute(query.order_by(SlaClockRow.id))).scalars())


async def _was_answered(session: AsyncSession, conversation_id: UUID) -> bool:
    query = select(EventRow.id).where(EventRow.conversation_id == conversation_id, EventRow.name == "agent.replied")
    return (await session.execute(query.limit(1))).first() is not None


async def _start(
    session: AsyncSession,
    conversation: ConversationRow,
    clocks: list[SlaClockRow],
    metrics: Sequence[str],
    *,
    event: EventRow,
    promises: Promises,
) -> list[SlaClockRow]:
    policy = policy_for(promises.policies, conversation.team_id, conversation.priority)
    have = {c.metric for c in clocks}
    for metric in metrics:
        seconds = policy.seconds(metric) if policy else None
        if policy is None or seconds is None or metric in have:
            continue
        clock = SlaClockRow(
            conversation_id=conversation.id, metric=metric, team_id=conversation.team_id, started_seq=event.seq or 0, started_at=event.at,
            target_seconds=seconds, business_hours=policy.business_hours, warn_percent=policy.warn_percent,
        )  # fmt: skip
        _set_due(clock, promises, left=seconds, at=event.at)
        session.add(clock)
        clocks = [*clocks, clock]
    await session.flush()
    return clocks


def _hours(clock: SlaClockRow, promises: Promises) -> Hours:
    return promises.of(clock.team_id) if clock.business_hours else ALWAYS


def _set_due(clock: SlaClockRow, promises: Promises, *, left: float, at: datetime) -> None:
    hours = _hours(clock, promises)
    clock.left_seconds = None
    clock.due_at = add_working(hours, at, max(left, 0))
    before_warning = left - clock.target_seconds * (100 - clock.warn_percent) / 100
    clock.warn_at = add_working(hours, at, max(before_warning, 0))


def _pause(clocks: Sequence[SlaClockRow], promises: Promises, *, at: datetime) -> None:
    for clock in clocks:
        if clock.due_at is None or clock.ended_at is not None:
            continue
        left = working_between(_hours(clock, promises), at, clock.due_at)
        clock.left_seconds = round(left)
        if clock.breached_at is None:
            clock.due_at = clock.warn_at = None


def _resume(clocks: Sequence[SlaClockRow], promises: Promises, *, at: datetime) -> None:
    for clock in clocks:
        if clock.left_seconds is not None and clock.breached_at is None and clock.ended_at is None:
            _set_due(clock, promises, left=clock.left_seconds, at=at)


def _end(clocks: Sequence[SlaClockRow], outcome: str, *, at: datetime) -> None:
    for clock in clocks:
        late = clock.breached_at is not None or (clock.due_at is not None and at > clock.due_at)
        clock.ended_at, clock.outcome = at, MISSED if late and outcome == MET else outcome


def _follow_team(conversation: ConversationRow, clocks: Sequence[SlaClockRow], promises: Promises, *, at: datetime) -> None:
    """The conversation got another team or priority: what has not been broken is promised by the policy that fits now, from its start."""
    policy = policy_for(promises.policies, conversation.team_id, conversation.priority)
    for clock in clocks:
        seconds = policy.seconds(clock.metric) if policy else None
        if clock.breached_at is not None or clock.left_seconds is not None:
            continue
        if policy is None or seconds is None:
            _end([clock], CANCELLED, at=at)
            continue
        clock.team_id, clock.target_seconds = conversation.team_id, seconds
        clock.business_hours, clock.warn_percent = policy.business_hours, policy.warn_percent
        gone = working_between(_hours(clock, promises), clock.started_at, at)
        _set_due(clock, promises, left=seconds - gone, at=at)


def show_next(conversation: ConversationRow, clocks: Sequence[SlaClockRow]) -> None:
    """Puts the promise that falls due next onto the conversation, for the countdown; one that is broken stays until it is answered."""
    known = [(c.due_at, c.metric) for c in clocks if c.ended_at is None and c.due_at is not None]
    conversation.due_at, conversation.due_metric = min(known, default=(None, None), key=lambda k: k[0] if k[0] else datetime.max)  # noqa: DTZ901 - never compared
