"""What the article pages ask for. Every command asks again who is there and whether they may edit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Login
from console.articles.view import article_json, find_names, line_json
from console.services import ConsoleServices
from console.strings import strings
from console.web import Screen
from context.publishing import publish_article, retire_article
from context.staff.models import StaffRow
from kit.errors import BatonError, InvalidInputError, NotAuthenticatedError
from kit.log import get_logger
from knowledge import articles, markdown
from knowledge.articles import LANGUAGES, ArticleChangedError, ArticleFilter
from knowledge.models import ArticleRow
from knowledge.types import ArticleDraft, Version

PAGE = 100
EDIT = "edit_articles"

log = get_logger("console")
Data = Mapping[str, Any]
Handler = Callable[[StaffRow, Data], Awaitable[None]]


class Obeying:
    """Runs commands by name, with the rights of a login, and tells the page what went wrong."""

    right = EDIT

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        self.services = services
        self.login = login
        self.screen = screen
        self.handlers: dict[str, Handler] = {}

    async def run(self, data: Data) -> None:
        """Carries out one command."""
        kind = str(data.get("kind"))
        try:
            if kind not in self.handlers:
                raise InvalidInputError(strings()["error_unknown_command"])
            staff = await self.login.check(self.right)
            await self.handlers[kind](staff, data)
        except NotAuthenticatedError:
            self.screen("expired", {"kind": kind})
        except BatonError as error:
            self.screen("failed", {"kind": kind, "message": " ".join(part for part in (error.message, error.hint) if part)})
        except (DBAPIError, OSError) as error:
            log.warning("a command of a page failed", kind=kind, reason=type(error).__name__)
            self.screen("failed", {"kind": kind, "message": strings()["error_database"]})


class ListCommands(Obeying):
    """The list of articles."""

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {"list": self._list, "create": self._create}

    async def _list(self, _staff: StaffRow, data: Data) -> None:
        wanted = ArticleFilter(**{name: _text(data, name) for name in ("status", "category", "language", "text")})
        limit = min(max(int(data.get("limit") or PAGE), PAGE), 10_000)
        async with self.services.database.transaction() as session:
            found = await articles.list_articles(session, wanted, limit=limit + 1)
            names = select(ArticleRow.category).where(ArticleRow.category != "").distinct().order_by(ArticleRow.category)
            categories = list((await session.execute(names)).scalars())
        lines = [line_json(article) for article in found[:limit]]
        self.screen("list", {"articles": lines, "categories": categories, "more": len(found) > limit})

    async def _create(self, staff: StaffRow, data: Data) -> None:
        draft = ArticleDraft(
            _text(data, "id"),
            _text(data, "language"),
            _text(data, "title"),
            "",
            category=_text(data, "category"),
            audience=_text(data, "audience"),
        )
        async with self.services.database.transaction() as session:
            made = await articles.create_article(session, draft, editor=str(staff.id))
        self.screen("created", {"id": made.article_id, "language": made.language})


class ArticleCommands(Obeying):
    """One article."""

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen, *, article_id: str) -> None:
        super().__init__(services, login, screen)
        self.article_id = article_id
        self.handlers = {
            "load": self._load,
            "preview": self._preview,
            "save": self._save,
            "publish": self._publish,
            "retire": self._retire,
            "version": self._version,
        }

    async def _load(self, _staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            await self._show(session)

    async def _show(self, session: AsyncSession) -> None:
        article = await articles.get_article(session, self.article_id)
        history = {language: await articles.versions(session, self.article_id, language) for language in LANGUAGES}
        names = await find_names(session, [v for versions in history.values() for v in versions])
        self.screen("article", {"article": article_json(article, history, names)})

    async def _preview(self, _staff: StaffRow, data: Data) -> None:
        body = _text(data, "body")[: articles.MAX_BODY]
        self.screen("preview", {"html": markdown.render(body), "number": data.get("number")})

    async def _save(self, staff: StaffRow, data: Data) -> None:
        saved = await self._save_text(staff, data)
        if saved is not None:
            self.screen("saved", {"language": saved.language, "version": saved.version, "done": "saved"})

    async def _save_text(self, staff: StaffRow, data: Data) -> Version | None:
        """The saved draft; None when somebody else was faster, which the page has been told."""
        language = _language(data)
        draft = ArticleDraft(self.article_id, language, _text(data, "title"), _text(data, "body"), questions=_questions(data))
        expected = data.get("expected")
        if not isinstance(expected, int):
            raise InvalidInputError(strings()["error_unknown_command"])
        try:
            async with self.services.database.transaction() as session:
                saved = await articles.save_draft(session, draft, editor=str(staff.id), expected_version=expected)
        except ArticleChangedError:
            await self._show_conflict(language)
            return None
        async with self.services.database.transaction() as session:
            await self._show(session)
        return saved

    async def _show_conflict(self, language: str) -> None:
        async with self.services.database.transaction() as session:
            theirs = (await articles.versions(session, self.article_id, language))[0]
            names = await find_names(session, [theirs])
        data = {
            "language": language,
            "version": theirs.version,
            "name": names.get(theirs.editor, theirs.editor),
            "title": theirs.title,
            "body": theirs.body,
            "questions": "\n".join(theirs.questions),
            "html": markdown.render(theirs.body),
        }
        self.screen("conflict", data)

    async def _publish(self, staff: StaffRow, data: Data) -> None:
        if data.get("unsaved") and await self._save_text(staff, data) is None:
            return
        async with self.services.database.transaction() as session:
            version = await publish_article(
                session, self.services.ledger, staff=staff, article_id=self.article_id, language=_language(data)
            )
            await self._show(session)
        self.screen("saved", {"language": version.language, "version": version.version, "done": "published_now"})

    async def _retire(self, staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            await retire_article(session, self.services.ledger, staff=staff, article_id=self.article_id)
            await self._show(session)
        self.screen("retired", {})

    async def _version(self, _staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            found = await articles.versions(session, self.article_id, _language(data))
        version = next((v for v in found if v.version == data.get("version")), None)
        if version is None:
            raise InvalidInputError(strings()["no_versions"])
        shown = {"language": version.language, "version": version.version, "title": version.title, "body": version.body}
        shown["questions"] = "\n".join(version.questions)
        self.screen("version", shown | {"html": markdown.render(version.body)})


def _text(data: Data, name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _questions(data: Data) -> tuple[str, ...] | None:
    """One question a line; None (keep what is stored) when the page did not send any field of that name."""
    return tuple(line.strip() for line in _text(data, "questions").splitlines() if line.strip()) if "questions" in data else None


def _language(data: Data) -> str:
    language = _text(data, "language")
    if language not in LANGUAGES:
        raise InvalidInputError(strings()["error_unknown_command"])
    return language
