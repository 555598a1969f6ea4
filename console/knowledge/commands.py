"""What the page about the knowledge base asks for. Every command asks again who is there and whether they may edit articles."""

from __future__ import annotations

from console.access import Login
from console.articles.view import line_json
from console.knowledge.view import finding_json, link_json, overview_json, stale_json, usage_json, who_asks_json
from console.obeying import Data, Obeying, id_of, number_or, text_of
from console.services import ConsoleServices
from console.web import Screen
from context.staff.models import StaffRow
from insights.health import reading as health
from insights.usage.reading import PAGE, Period, access_usage, access_who_asks
from knowledge.articles import get_article

MOST = 5000


class KnowledgeCommands(Obeying):
    """The page about the knowledge base."""

    right = health.RIGHT

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {
            "usage": self._usage,
            "asked": self._asked,
            "findings": self._findings,
            "judge": self._judge,
            "stale": self._stale,
            "links": self._links,
            "calibrate": self._calibrate,
        }

    async def _overview(self, staff: StaffRow) -> None:
        async with self.services.database.transaction() as session:
            self.screen("overview", overview_json(await health.access_overview(session, staff, clock=self.services.ledger.clock)))

    async def _usage(self, staff: StaffRow, data: Data) -> None:
        ascending = data.get("ascending") is True
        period = Period(
            number_or(data, "days", 30), text_of(data, "order") or "cited", ascending, text_of(data, "language"), text_of(data, "text")
        )
        limit = min(max(number_or(data, "limit", PAGE), PAGE), MOST)
        async with self.services.database.transaction() as session:
            found = await access_usage(session, staff, period, limit=limit + 1, clock=self.services.ledger.clock)
        self.screen("usage", {"lines": [usage_json(one) for one in found[:limit]], "more": len(found) > limit})
        await self._overview(staff)

    async def _asked(self, staff: StaffRow, data: Data) -> None:
        days = number_or(data, "days", 30)
        async with self.services.database.transaction() as session:
            found = await access_who_asks(session, staff, text_of(data, "article"), days=days, clock=self.services.ledger.clock)
            title = line_json(await get_article(session, found.article_id), {}, self.services.ledger.now)["title"]
        self.screen("asked", who_asks_json(found, title))
        await self._overview(staff)

    async def _findings(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            found = await health.access_findings(session, staff, text_of(data, "of"), dismissed=data.get("dismissed") is True)
        self.screen("findings", {"of": text_of(data, "of"), "lines": [finding_json(one) for one in found]})
        await self._overview(staff)

    async def _judge(self, staff: StaffRow, data: Data) -> None:
        finding_id = id_of(data)
        async with self.services.database.transaction() as session:
            dismissed = data.get("dismissed") is True
            found = await health.judge_finding(session, staff, finding_id, dismissed=dismissed, clock=self.services.ledger.clock)
        self.screen("judged", finding_json(found))
        await self._overview(staff)

    async def _calibrate(self, staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            await health.calibrate_anew(session, staff, clock=self.services.ledger.clock)
        await self._overview(staff)

    async def _stale(self, staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            found = await health.access_stale(session, staff, clock=self.services.ledger.clock)
        self.screen("stale", {"lines": [stale_json(one) for one in found]})
        await self._overview(staff)

    async def _links(self, staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            found = await health.access_broken_links(session, staff)
        self.screen("links", {"lines": [link_json(one) for one in found]})
        await self._overview(staff)
