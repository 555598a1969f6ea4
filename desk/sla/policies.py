"""Service level policies: which one a conversation has, and keeping them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.models import StaffRow, TeamRow
from context.staff.rights import check_may
from context.staff.team_models import SlaPolicyRow
from kit.errors import InvalidInputError

LONGEST = 60 * 24 * 90  # minutes


@dataclass(frozen=True)
class Policy:
    """A promise, in minutes; None promises nothing. It is for conversations of `team_id` (None: all) from `least_priority` on."""

    name: str
    first_response: int | None = None
    next_response: int | None = None
    resolution: int | None = None
    team_id: UUID | None = None
    least_priority: int = 0
    business_hours: bool = True
    warn_percent: int = 75

    def seconds(self, metric: str) -> int | None:
        """What is promised for a metric, in seconds."""
        minutes: int | None = getattr(self, metric)
        return minutes * 60 if minutes is not None else None


async def list_policies(session: AsyncSession) -> list[Policy]:
    """All policies in the order in which they are tried."""
    rows = (await session.execute(select(SlaPolicyRow).order_by(SlaPolicyRow.place, SlaPolicyRow.id))).scalars()
    return [
        Policy(r.name, r.first_response, r.next_response, r.resolution, r.team_id, r.least_priority, r.business_hours, r.warn_percent)
        for r in rows
    ]  # fmt: skip


def policy_for(policies: Sequence[Policy], team_id: UUID | None, priority: int) -> Policy | None:
    """The first that fits, or None."""
    return next((p for p in policies if p.team_id in (None, team_id) and priority >= p.least_priority), None)


async def access_save_policies(session: AsyncSession, staff: StaffRow, policies: Sequence[Policy]) -> None:
    """Replaces all policies; clocks that run already keep their promise. Raises NotAllowedError, InvalidInputError."""
    check_may(staff, "manage_routing")
    await save_policies(session, policies)


async def save_policies(session: AsyncSession, policies: Sequence[Policy]) -> None:
    """As `access_save_policies`, for commands of the operator."""
    teams = set((await session.execute(select(TeamRow.id))).scalars())
    for number, policy in enumerate(policies):
        _check(policy, teams)
        if any(p.team_id in (None, policy.team_id) and p.least_priority <= policy.least_priority for p in policies[:number]):
            raise InvalidInputError(
                f"{policy.name!r} would never be used: one before it takes all its conversations", hint="Put the narrower ones first."
            )
    await session.execute(delete(SlaPolicyRow))
    session.add_all(
        SlaPolicyRow(
            name=p.name.strip(), place=number, team_id=p.team_id, least_priority=p.least_priority, first_response=p.first_response,
            next_response=p.next_response, resolution=p.resolution, business_hours=p.business_hours, warn_percent=p.warn_percent,
        )
        for number, p in enumerate(policies)
    )  # fmt: skip
    await session.flush()


def _check(policy: Policy, teams: set[UUID]) -> None:
    if not policy.name.strip():
        raise InvalidInputError("A policy needs a name")
    promises = [m for m in (policy.first_response, policy.next_response, policy.resolution) if m is not None]
    if not promises or not all(0 < m <= LONGEST for m in promises):
        raise InvalidInputError(f"{policy.name!r} promises nothing that can be kept", hint="Promise from 1 minute to 90 days.")
    if policy.team_id is not None and policy.team_id not in teams:
        raise InvalidInputError(f"{policy.name!r} is for a team that does not exist")
    if not 1 <= policy.warn_percent <= 99 or not 0 <= policy.least_priority <= 3:
        raise InvalidInputError(f"{policy.name!r}: the warning comes at 1 to 99 percent, and priorities go from 0 to 3")
