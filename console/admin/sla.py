"""What the page of service levels asks for: all promises in the order in which they are tried, saved together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Login
from console.obeying import Data, Obeying, id_of, number_or, text_of
from console.services import ConsoleServices
from console.web import Screen
from context.staff.audit import Subject, record_change
from context.staff.models import StaffRow
from context.staff.teams import list_teams
from desk.sla.policies import Policy, access_save_policies, list_policies

METRICS = ("first_response", "next_response", "resolution")


class SlaCommands(Obeying):
    """The page /console/admin/sla."""

    right = "manage_routing"

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {"list": self._list, "save": self._save}

    async def _list(self, _staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            await self._show(session)

    async def _show(self, session: AsyncSession) -> None:
        teams = [{"id": str(one.id), "name": one.name} for one in await list_teams(session)]
        self.screen("list", {"policies": [_policy_json(one) for one in await list_policies(session)], "teams": teams})

    async def _save(self, staff: StaffRow, data: Data) -> None:
        found = data.get("policies")
        wanted = [_policy(one) for one in found if isinstance(one, dict)] if isinstance(found, list) else []
        async with self.services.database.transaction() as session:
            before = [one.name for one in await list_policies(session)]
            await access_save_policies(session, staff, wanted)
            details = {"before": before, "after": [_told(one) for one in wanted]}
            await record_change(session, staff, "sla.changed", Subject("sla", "", ""), at=self.services.ledger.now, details=details)
            await self._show(session)
        self.screen("done", {})


def _policy_json(one: Policy) -> dict[str, Any]:
    return {
        "name": one.name,
        **{metric: getattr(one, metric) for metric in METRICS},
        "team": str(one.team_id) if one.team_id else "",
        "leastPriority": one.least_priority,
        "businessHours": one.business_hours,
        "warnPercent": one.warn_percent,
    }


def _policy(data: Mapping[str, Any]) -> Policy:
    first, following, resolution = (number_or(data, metric, 0) or None for metric in METRICS)
    return Policy(
        text_of(data, "name"),
        first,
        following,
        resolution,
        team_id=id_of(data, "team") if data.get("team") else None,
        least_priority=number_or(data, "leastPriority", 0),
        business_hours=data.get("businessHours") is not False,
        warn_percent=number_or(data, "warnPercent", 75),
    )


def _told(one: Policy) -> str:
    minutes = "/".join(str(getattr(one, metric) or "-") for metric in METRICS)
    return f"{one.name} ({minutes} min)"
