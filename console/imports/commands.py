"""What the page for importing asks for. Every command asks again who is there and whether they may edit articles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from console.access import Login
from console.imports.view import item_json, lines_json, source_json
from console.obeying import EDIT, Data, Obeying, id_of
from console.services import ConsoleServices
from console.strings import strings
from console.web import Screen
from context.staff.models import StaffRow
from kit.errors import InvalidInputError
from knowledge.imports import runs, sources
from knowledge.imports.differences import difference
from knowledge.imports.types import Person
from knowledge.sources.types import Options

PAGE = 100
MOST = 5_000


class ImportCommands(Obeying):
    """The page for importing."""

    right = EDIT

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {
            "load": self._load,
            "add": self._add,
            "read": self._read,
            "open": self._open,
            "difference": self._difference,
            "decide": self._decide,
            "approve": self._approve,
            "drop": self._drop,
            "schedule": self._schedule,
            "remove": self._remove,
        }
        self._shown = ""

    async def show_state(self, *, anyway: bool = False) -> None:
        """Tells the page its sources and how far their imports are, if that has changed since it was told last."""
        async with self.services.database.transaction() as session:
            await self.login.check_in(session, EDIT)
            known, latest = await sources.list_sources(session), await runs.latest_runs(session)
        state = {"sources": [source_json(source, latest.get(source.id)) for source in known]}
        packed = json.dumps(state)
        if anyway or packed != self._shown:
            self._shown = packed
            self.screen("state", state)

    async def _load(self, _staff: StaffRow, _data: Data) -> None:
        await self.show_state(anyway=True)

    async def _add(self, staff: StaffRow, data: Data) -> None:
        address = _text(data, "address").strip()
        kind = sources.kind_of_address(address)
        async with self.services.database.transaction() as session:
            source = await sources.keep_source(
                session, kind=kind, location=address, options=options_of(data), by=person(staff), publish=data.get("publish") is not False
            )
            await runs.ask(session, source.id, by=person(staff))
        self.screen("added", {"source": str(source.id)})
        await self.show_state()

    async def _read(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            source = await sources.get_source(session, id_of(data))
            if source.kind == "files":
                raise InvalidInputError(strings()["imp_only_there"])
            await runs.ask(session, source.id, by=person(staff))
        await self.show_state()

    async def _open(self, _staff: StaffRow, data: Data) -> None:
        run_id, state, limit = id_of(data), _text(data, "state"), _limit(data)
        async with self.services.database.transaction() as session:
            found = await runs.list_items(session, run_id, state=state, limit=limit + 1)
        lines = [item_json(item) for item in found[:limit]]
        self.screen("items", {"run": str(run_id), "items": lines, "more": len(found) > limit})

    async def _difference(self, _staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            lines = await difference(session, _number(data))
        self.screen("difference", {"number": _number(data), "lines": lines_json(lines)})

    async def _decide(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await runs.decide(session, id_of(data), [_number(data)], take_it=data.get("take") is True)
        await self._open(staff, data)

    async def _approve(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await runs.approve(session, id_of(data), by=person(staff))
        await self.show_state()

    async def _drop(self, _staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await runs.drop(session, id_of(data))
        await self.show_state()

    async def _schedule(self, _staff: StaffRow, data: Data) -> None:
        hours = data.get("every")
        every = float(hours) if isinstance(hours, int | float) and hours else None
        async with self.services.database.transaction() as session:
            await sources.schedule(session, id_of(data), every_hours=every, unasked=data.get("unasked") is True)
        await self.show_state()

    async def _remove(self, _staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await sources.remove_source(session, id_of(data))
        await self.show_state()


def options_of(data: Mapping[str, Any]) -> Options:
    """What an editor may choose; never a private address."""
    language, category, encoding, question, answer = (
        _text(data, name).strip() for name in ("language", "category", "encoding", "question", "answer")
    )
    depth = 0 if data.get("single") is True else Options().depth
    return Options(language, category, _text(data, "audience") or "public", encoding, question, answer, depth=depth)


def person(staff: StaffRow) -> Person:
    """Who asks, as imports know people."""
    return Person(str(staff.id), staff.name)


def _limit(data: Data) -> int:
    limit = data.get("limit")
    return min(max(limit, PAGE), MOST) if isinstance(limit, int) else PAGE


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value[:2_000] if isinstance(value, str) else ""


def _number(data: Data) -> int:
    number = data.get("number")
    if not isinstance(number, int) or not 0 <= number < 2**63:
        raise InvalidInputError(strings()["error_malformed_id"])
    return number
