"""What the page for the help centre asks for. Every command asks again who is there and whether they may edit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.help.feedback import Comment, latest_comments
from console.access import Login
from console.inbox.view import milliseconds
from console.obeying import Data, Obeying
from console.services import ConsoleServices
from console.strings import strings
from console.web import Screen
from context.staff.models import StaffRow
from kit.errors import InvalidInputError
from knowledge.articles import LANGUAGES
from knowledge.categories import Category, list_categories, save_category
from knowledge.generator.budget import used_on
from knowledge.generator.policy import set_strict
from knowledge.models import PolicyRow

MOST_PLACES = 10_000


class HelpCommands(Obeying):
    """The page for the help centre."""

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {"load": self._load, "strict": self._strict, "save": self._save}

    async def _load(self, _staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            await self._show(session)

    async def _show(self, session: AsyncSession) -> None:
        used = await used_on(session, self.services.ledger.now.date())
        policy = (await session.execute(select(PolicyRow).execution_options(populate_existing=True))).scalar()
        categories = [_category_json(one) for one in await list_categories(session)]
        self.screen(
            "state",
            {
                "strict": bool(policy and policy.strict),
                "by": await _name_of(session, policy.changed_by) if policy else "",
                "categories": categories,
                "generator": self.services.generator,
                "requests": used.requests,
                "tokens": used.tokens_in + used.tokens_out,
                "cost": round(used.cost / 1_000_000, 4),
                "comments": [_comment_json(one) for one in await latest_comments(session)],
            },
        )

    async def _strict(self, staff: StaffRow, data: Data) -> None:
        on = data.get("on")
        if not isinstance(on, bool):
            raise InvalidInputError(strings()["error_unknown_command"])
        async with self.services.database.transaction() as session:
            await set_strict(session, strict=on, by=str(staff.id))
            await self._show(session)
        self.screen("saved", {"what": "strict"})

    async def _save(self, _staff: StaffRow, data: Data) -> None:
        category = _category(data)
        async with self.services.database.transaction() as session:
            if category.name not in {one.name for one in await list_categories(session)}:
                raise InvalidInputError(strings()["error_no_category"])
            await save_category(session, category)
            await self._show(session)
        self.screen("saved", {"what": category.name})


async def _name_of(session: AsyncSession, staff_id: str) -> str:
    try:
        found = await session.get(StaffRow, UUID(staff_id))
    except ValueError:
        return staff_id
    return found.name if found else ""


def _category(data: Data) -> Category:
    """The category that the page sent. Raises InvalidInputError."""
    name, titles, strict, place = (data.get(key) for key in ("name", "titles", "strict", "place"))
    match (name, titles, strict, place):
        case (str(), dict(), bool(), int()) if 0 <= place <= MOST_PLACES and all(isinstance(text, str) for text in titles.values()):
            return Category(name, titles, strict, place)
    raise InvalidInputError(strings()["error_category"])


def _comment_json(one: Comment) -> dict[str, Any]:
    named = {"article": one.article_id, "language": one.language, "version": one.version}
    return {**named, "helped": one.helped, "text": one.text, "at": milliseconds(one.at)}


def _category_json(one: Category) -> dict[str, Any]:
    titles = {language: one.titles.get(language, "") for language in LANGUAGES}
    return {"name": one.name, "titles": titles, "strict": one.strict, "place": one.place, "simplified": one.title("zh-Hans")}
