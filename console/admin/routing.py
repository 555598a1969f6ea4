"""What the page of routing rules asks for: versions, what is wrong with a text, saving, and a dry run: who would get this, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Login
from console.inbox.view import milliseconds
from console.language import spoken
from console.obeying import Data, Obeying, id_of, number_or, text_of
from console.services import ConsoleServices
from console.web import Screen
from context.staff.audit import Subject, record_change
from context.staff.models import StaffRow
from desk.routing.checks import accept_rules
from desk.routing.explaining import Explanation, explain
from desk.routing.reading import read_house, read_queue
from desk.routing.reasons import reason_text
from desk.routing.store import access_check, access_save_rules, access_versions, find_source, read_teams
from desk.routing.types import Facts, Reason, Waiting
from desk.routing.yaml_lines import Problem
from kit.errors import NotFoundError

NOBODY = "00000000-0000-0000-0000-000000000000"


class RoutingCommands(Obeying):
    """The page /console/admin/routing."""

    right = "manage_routing"

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {"list": self._list, "check": self._check, "save": self._save, "try": self._try}

    async def _list(self, staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            await self._show(session, staff)

    async def _show(self, session: AsyncSession, staff: StaffRow) -> None:
        found = await access_versions(session, staff)
        versions = [
            {"version": one.version, "source": one.source, "by": one.author, "note": one.note, "at": milliseconds(one.at)} for one in found
        ]
        self.screen("list", {"versions": versions, "source": await find_source(session)})

    async def _check(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            found = await access_check(session, staff, text_of(data, "source"))
        self.screen("checked", {"problems": _problems_json(found)})

    async def _save(self, staff: StaffRow, data: Data) -> None:
        base = number_or(data, "based_on", 0) or None
        async with self.services.database.transaction() as session:
            source, note = text_of(data, "source"), text_of(data, "note")[:300]
            version = await access_save_rules(session, staff, source, note=note, based_on=base)
            subject = Subject("routing", str(version), f"version {version}")
            await record_change(
                session, staff, "routing.changed", subject, at=self.services.ledger.now, details={"after": note} if note else None
            )
            await self._show(session, staff)
        self.screen("done", {"version": version})

    async def _try(self, _staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            rules = accept_rules(text_of(data, "source"), await read_teams(session))
            house = await read_house(session, clock=self.services.ledger.clock)
            if data.get("conversation"):
                queue = await read_queue(session, rules, at=house.at, only=id_of(data, "conversation"))
                if not queue:
                    raise NotFoundError("This conversation does not wait", hint="Describe one instead.")
                waiting = queue[0]
            else:
                facts = _facts(data)
                waiting = Waiting(id_of({"id": NOBODY}), facts, house.at - facts.waited)
        self.screen("tried", _explanation_json(explain(waiting, rules, house), {key: team.name for key, team in house.teams.items()}))


def _facts(data: Data) -> Facts:
    intent = text_of(data, "intent").strip()
    return Facts(
        language=text_of(data, "language") or "en",
        channel=text_of(data, "channel") or "web",
        reason=text_of(data, "reason") or "customer_asked",
        intents=frozenset({intent} if intent else ()),
        angry=data.get("angry") is True,
        attributes={"vip": True} if data.get("vip") is True else {},
        waited=timedelta(minutes=max(0, number_or(data, "waited", 0))),
    )


def _problems_json(found: Sequence[Problem]) -> list[dict[str, Any]]:
    return [{"line": one.line, "text": one.text, "remedy": one.remedy, "warning": one.warning} for one in found]


def _explanation_json(found: Explanation, teams: dict[str, str]) -> dict[str, Any]:
    return {
        "team": teams.get(found.route.team or "", ""),
        "priority": int(found.route.priority),
        "person": found.person.name if found.person else None,
        "reasons": [_said(one) for one in found.reasons],
        "others": [{"name": person.name, "why": _said(why)} for person, why in found.others],
    }


def _said(reason: Reason) -> str:
    return reason_text(reason, spoken())
