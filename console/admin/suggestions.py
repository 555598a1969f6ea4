"""What the page of suggestions asks for: how they do by source, by what they were made from, and by agent, over some days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assist.learning.figures import By, Use, suggestion_use
from assist.models import LearnedReplyRow
from console.access import Login
from console.obeying import Data, Obeying, number_or, text_of
from console.services import ConsoleServices
from console.web import Screen
from context.macros.models import MacroRow
from context.staff.models import StaffRow
from kit.db import Base

SPANS = (1, 7, 30, 90, 365)
MONTH = 30
LONGEST_NAME = 120


class SuggestionCommands(Obeying):
    """The page /console/admin/suggestions."""

    right = "view_reports"

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {"list": self._list}

    async def _list(self, _staff: StaffRow, data: Data) -> None:
        asked = text_of(data, "by")
        by = By(asked) if asked in list(By) else By.SOURCE
        days = number_or(data, "days", MONTH)
        days = days if days in SPANS else MONTH
        now = self.services.ledger.now
        async with self.services.database.transaction() as session:
            found = await suggestion_use(session, by=by, since=now - timedelta(days=days), until=now)
            names = await _names(session, found, by)
        self.screen(
            "list", {"by": by.value, "days": days, "spans": SPANS, "uses": [_use_json(one, names.get(one.key, one.key)) for one in found]}
        )


def _use_json(one: Use, name: str) -> dict[str, object]:
    return {
        "key": one.key, "name": name[:LONGEST_NAME], "source": one.source, "shown": one.shown, "accepted": one.accepted,
        "edited": one.edited, "dismissed": one.dismissed, "used": round(100 * one.used), "changed": round(100 * one.changed),
    }  # fmt: skip


async def _names(session: AsyncSession, found: Sequence[Use], by: By) -> dict[str, str]:
    """What people, macros and learned replies are called; articles are known by their id."""
    if by == By.AGENT:
        return await _named(session, StaffRow, StaffRow.name, [one.key for one in found])
    if by == By.SOURCE:
        return {}
    macros = await _named(session, MacroRow, MacroRow.title, [one.key for one in found if one.source == "macro"])
    return macros | await _named(session, LearnedReplyRow, LearnedReplyRow.reply, [one.key for one in found if one.source == "history"])


async def _named(session: AsyncSession, table: type[Base], column: object, keys: Sequence[str]) -> dict[str, str]:
    ids = [found for found in map(_id, keys) if found is not None]
    query = select(table.id, column).where(table.id.in_(ids))  # type: ignore[attr-defined, call-overload]
    return {str(key): str(name) for key, name in (await session.execute(query)).all()}


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
