"""What the list of articles asks for."""

from __future__ import annotations

from console.access import Login
from console.articles.people import find_editors, find_names
from console.articles.view import line_json
from console.obeying import Data, Obeying, text_of
from console.services import ConsoleServices
from console.web import Screen
from context.staff.models import StaffRow
from knowledge import articles
from knowledge.articles import ArticleFilter
from knowledge.reading import count_cares, names_in_use
from knowledge.types import ArticleDraft

PAGE = 100
FILTERS = ("status", "category", "language", "audience", "text", "tag", "owner", "care")


class ListCommands(Obeying):
    """The list of articles."""

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {"list": self._list, "create": self._create}

    async def _list(self, _staff: StaffRow, data: Data) -> None:
        wanted = ArticleFilter(**{name: text_of(data, name) for name in FILTERS})
        limit = min(max(int(data.get("limit") or PAGE), PAGE), 10_000)
        clock = self.services.ledger.clock
        async with self.services.database.transaction() as session:
            found = await articles.list_articles(session, wanted, limit=limit + 1, clock=clock)
            categories, tags, owners = await names_in_use(session)
            names = await find_names(session, owners) | await find_editors(session)
            cares = await count_cares(session, clock=clock)
        self.screen(
            "list",
            {
                "articles": [line_json(article, names, clock()) for article in found[:limit]],
                "categories": categories,
                "tags": tags,
                "owners": [{"id": owner, "name": names.get(owner, owner)} for owner in owners],
                "cares": cares,
                "more": len(found) > limit,
            },
        )

    async def _create(self, staff: StaffRow, data: Data) -> None:
        draft = ArticleDraft(
            text_of(data, "id"),
            text_of(data, "language"),
            text_of(data, "title"),
            "",
            category=text_of(data, "category"),
            audience=text_of(data, "audience"),
        )
        async with self.services.database.transaction() as session:
            made = await articles.create_article(session, draft, editor=str(staff.id), owner=str(staff.id))
        self.screen("created", {"id": made.article_id, "language": made.language})
