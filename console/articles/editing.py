"""What all commands on one article share: showing it, saving its text, and telling who else was faster or is writing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from console.articles.people import find_editors, find_names
from console.articles.view import article_json, copy_json, difference_json, file_json, staff_html
from console.inbox.view import milliseconds
from console.obeying import Data, number_of, text_of
from console.services import ConsoleServices
from console.strings import strings
from console.web import Screen
from context.staff.models import StaffRow
from kit.errors import InvalidInputError
from knowledge import articles
from knowledge.articles import LANGUAGES, ArticleChangedError
from knowledge.difference import compare
from knowledge.files import list_files
from knowledge.reading import names_in_use
from knowledge.types import ArticleDraft, Version
from knowledge.working_copies import AT_WORK, copies_of, drop_copy


@dataclass(frozen=True)
class Editing:
    """One article on one page."""

    services: ConsoleServices
    screen: Screen
    article_id: str

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.services.ledger.now

    async def show(self, session: AsyncSession, staff: StaffRow) -> None:
        """Tells the page all about the article."""
        article = await articles.get_article(session, self.article_id)
        history = {language: await articles.versions(session, self.article_id, language) for language in LANGUAGES}
        written = [v for versions in history.values() for v in versions]
        editors = await find_editors(session)
        names = await find_names(session, {article.owner, *(v.editor for v in written), *(v.submitted_by for v in written)}) | editors
        copies = await copies_of(session, self.article_id)
        categories, tags, _owners = await names_in_use(session)
        files = await list_files(session, self.article_id)
        self.screen(
            "article",
            {
                "article": article_json(article, history, names, self.now),
                "copies": {copy.language: copy_json(copy) for copy in copies if copy.editor == str(staff.id)},
                "others": await self.others(session, staff),
                "files": [file_json(file) for file in files],
                "people": [{"id": found, "name": name} for found, name in editors.items()],
                "categories": categories,
                "tags": tags,
                "secondPerson": self.services.articles.second_person,
            },
        )

    async def others(self, session: AsyncSession, staff: StaffRow) -> list[dict[str, Any]]:
        """Who else has typed in this article lately: language, name, when."""
        copies = [
            copy for copy in await copies_of(session, self.article_id) if copy.editor != str(staff.id) and self.now - copy.at < AT_WORK
        ]
        names = await find_names(session, {copy.editor for copy in copies})
        return [{"language": copy.language, "name": names.get(copy.editor, copy.editor), "at": milliseconds(copy.at)} for copy in copies]

    def language_of(self, data: Data) -> str:
        """The language that the page names. Raises InvalidInputError."""
        language = text_of(data, "language")
        if language not in LANGUAGES:
            raise InvalidInputError(strings()["error_unknown_command"])
        return language

    def draft_of(self, data: Data) -> ArticleDraft:
        """What stands on the page."""
        return ArticleDraft(
            self.article_id, self.language_of(data), text_of(data, "title"), text_of(data, "body"), questions=_questions(data)
        )

    async def save(self, staff: StaffRow, data: Data) -> Version | None:
        """The saved draft; None when somebody else was faster, which the page has been told."""
        draft, expected = self.draft_of(data), number_of(data, "expected")
        try:
            async with self.services.database.transaction() as session:
                saved = await articles.save_draft(
                    session, draft, editor=str(staff.id), expected_version=expected, clock=self.services.ledger.clock
                )
                await drop_copy(session, self.article_id, draft.language, editor=str(staff.id))
        except ArticleChangedError:
            await self.show_conflict(draft)
            return None
        async with self.services.database.transaction() as session:
            await self.show(session, staff)
        return saved

    async def show_conflict(self, mine: ArticleDraft) -> None:
        """Tells the page who saved the newest version and when, with both texts and what is different between them."""
        async with self.services.database.transaction() as session:
            theirs = (await articles.versions(session, self.article_id, mine.language))[0]
            names = await find_names(session, [theirs.editor])
        told = await asyncio.to_thread(_conflict, theirs, mine)
        self.screen("conflict", told | {"name": names.get(theirs.editor, theirs.editor)})


def _conflict(theirs: Version, mine: ArticleDraft) -> dict[str, Any]:
    return {
        "language": theirs.language,
        "version": theirs.version,
        "at": milliseconds(theirs.at),
        "title": theirs.title,
        "body": theirs.body,
        "questions": "\n".join(theirs.questions),
        "html": staff_html(theirs.body),
        "lines": difference_json(compare(f"{theirs.title}\n\n{theirs.body}", f"{mine.title}\n\n{mine.body}")),
    }


def _questions(data: Data) -> tuple[str, ...] | None:
    """One question a line; None (keep what is stored) when the page did not send any field of that name."""
    return tuple(line.strip() for line in text_of(data, "questions").splitlines() if line.strip()) if "questions" in data else None
