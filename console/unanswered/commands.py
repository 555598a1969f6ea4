"""What the page of unanswered questions asks for. Every command asks again who is there and whether they may edit articles."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import select

from console.access import Login
from console.obeying import Data, Obeying, id_of, number_or, text_of
from console.services import ConsoleServices
from console.unanswered.view import detail_json, question_json
from console.web import Screen
from context.staff.models import StaffRow
from insights.unanswered.deciding import Added, Deciding, Faq
from insights.unanswered.reading import PAGE, RIGHT, Wanted, access_question, access_questions, count_views, find_near
from knowledge.models import ArticleRow

MOST = 1000


class UnansweredCommands(Obeying):
    """The page of unanswered questions."""

    right = RIGHT

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {
            "list": self._list,
            "open": self._open,
            "approve": self._approve,
            "add": self._add,
            "accept": self._accept,
            "dismiss": self._dismiss,
            "reopen": self._reopen,
            "merge": self._merge,
        }

    async def _deciding(self) -> Deciding:
        return Deciding(await asyncio.to_thread(self.services.teaching.redactor), self.services.ledger.clock)

    async def _list(self, staff: StaffRow, data: Data) -> None:
        wanted = Wanted(*(text_of(data, name) or default for name, default in _WANTED))
        limit = min(max(number_or(data, "limit", PAGE), PAGE), MOST)
        async with self.services.database.transaction() as session:
            found = await access_questions(session, staff, wanted, limit=limit + 1)
            counts = await count_views(session)
            categories = select(ArticleRow.category).where(ArticleRow.category != "").distinct().order_by(ArticleRow.category)
            told: dict[str, Any] = {
                "questions": [question_json(one) for one in found[:limit]],
                "counts": counts,
                "more": len(found) > limit,
                "articles": list((await session.execute(select(ArticleRow.id).order_by(ArticleRow.id))).scalars()),
                "categories": list((await session.execute(categories)).scalars()),
            }
        self.screen("list", told)

    async def _open(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            detail = await access_question(session, staff, id_of(data))
            near = await find_near(session, detail.question.id) if detail.question.status in ("open", "answered") else []
        self.screen("detail", detail_json(detail, near))

    async def _approve(self, staff: StaffRow, data: Data) -> None:
        fields = {name: text_of(data, name) for name in ("language", "title", "body", "category", "audience")}
        faq = Faq(text_of(data, "article"), **fields, questions=tuple(text for _, text in _wordings(data)))
        deciding = await self._deciding()
        async with self.services.database.transaction() as session:
            version = await deciding.approve(session, staff, id_of(data), faq)
        self.screen("done", {"what": "approved", "article": version.article_id, "language": version.language})

    async def _add(self, staff: StaffRow, data: Data) -> None:
        added = Added(text_of(data, "article"), _wordings(data))
        deciding = await self._deciding()
        async with self.services.database.transaction() as session:
            saved = await deciding.add_to(session, staff, id_of(data), added)
        self.screen("done", {"what": "added", "article": saved[0].article_id, "language": saved[0].language})

    async def _accept(self, staff: StaffRow, data: Data) -> None:
        deciding = await self._deciding()
        async with self.services.database.transaction() as session:
            row = await deciding.accept(session, staff, id_of(data), text_of(data, "article"))
            told = {"what": "accepted", "article": row.article_id, "language": row.article_language}
        self.screen("done", told)

    async def _dismiss(self, staff: StaffRow, data: Data) -> None:
        deciding = await self._deciding()
        async with self.services.database.transaction() as session:
            row = await deciding.dismiss(session, staff, id_of(data), text_of(data, "reason"))
            told = {"what": "dismissed", "id": str(row.id)}
        self.screen("done", told)

    async def _reopen(self, staff: StaffRow, data: Data) -> None:
        deciding = await self._deciding()
        async with self.services.database.transaction() as session:
            await deciding.open_again(session, staff, id_of(data))
        self.screen("done", {"what": "reopened"})

    async def _merge(self, staff: StaffRow, data: Data) -> None:
        deciding = await self._deciding()
        async with self.services.database.transaction() as session:
            row = await deciding.merge(session, staff, id_of(data), id_of(data, "other"))
            told = {"what": "merged", "id": str(row.id)}
        self.screen("done", told)


_WANTED = (("view", "open"), ("language", ""), ("text", ""), ("order", "volume"))


def _wordings(data: Data) -> tuple[tuple[str, str], ...]:
    """The wordings that were chosen, with their languages."""
    found = data.get("wordings")
    lines = found if isinstance(found, list) else []
    return tuple(
        (text_of(one, "language"), text_of(one, "text")) for one in lines if isinstance(one, dict) and text_of(one, "text").strip()
    )
