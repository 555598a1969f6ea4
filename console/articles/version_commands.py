"""Looking at, comparing and restoring versions, and comparing languages."""

from __future__ import annotations

import asyncio

from console.articles.editing import Editing
from console.articles.view import difference_json, staff_html
from console.obeying import Data, Handler, number_of
from context.staff.models import StaffRow
from knowledge import articles
from knowledge.difference import changes, compare
from knowledge.types import Version


class VersionCommands:
    """The commands by name in `handlers`."""

    def __init__(self, editing: Editing) -> None:
        self.editing = editing
        self.services, self.article_id = editing.services, editing.article_id
        self.handlers: dict[str, Handler] = {
            "version": self._version,
            "difference": self._difference,
            "restore": self._restore,
            "compare": self._compare,
            "side": self._side,
        }

    async def _version(self, _staff: StaffRow, data: Data) -> None:
        language = self.editing.language_of(data)
        async with self.services.database.transaction() as session:
            version = await articles.get_version(session, self.article_id, language, number_of(data, "version"))
        shown = {"language": language, "version": version.version, "title": version.title, "body": version.body}
        shown["questions"] = "\n".join(version.questions)
        self.editing.screen("version", shown | {"html": await asyncio.to_thread(staff_html, version.body)})

    async def _difference(self, _staff: StaffRow, data: Data) -> None:
        language = self.editing.language_of(data)
        async with self.services.database.transaction() as session:
            before = await articles.get_version(session, self.article_id, language, number_of(data, "before"))
            after = await articles.get_version(session, self.article_id, language, number_of(data, "after"))
        lines = await asyncio.to_thread(compare, _whole(before), _whole(after))
        told = {"language": language, "before": before.version, "after": after.version, "changes": changes(lines)}
        self.editing.screen("difference", told | {"lines": difference_json(lines)})

    async def _restore(self, staff: StaffRow, data: Data) -> None:
        language, expected = self.editing.language_of(data), number_of(data, "expected")
        async with self.services.database.transaction() as session:
            old = await articles.get_version(session, self.article_id, language, number_of(data, "version"))
            saved = await articles.restore(session, old, editor=str(staff.id), expected_version=expected, clock=self.services.ledger.clock)
            await self.editing.show(session, staff)
        told = {"language": language, "version": saved.version, "done": "restored_now"}
        self.editing.screen("saved", told)

    async def _compare(self, _staff: StaffRow, data: Data) -> None:
        """What the page holds beside the newest version, when the page says that it began from an earlier one."""
        draft = self.editing.draft_of(data)
        async with self.services.database.transaction() as session:
            found = await articles.versions(session, self.article_id, draft.language)
        if found and found[0].version != number_of(data, "expected"):
            await self.editing.show_conflict(draft)

    async def _side(self, _staff: StaffRow, data: Data) -> None:
        """Another language to read beside: its newest text, and what changed in it since the translation was made."""
        language, since = self.editing.language_of(data), data.get("since")
        async with self.services.database.transaction() as session:
            article = await articles.get_article(session, self.article_id)
            newest = article.newest(language)
            known = newest is not None and isinstance(since, int) and 0 < since < newest.version
            old = await articles.get_version(session, self.article_id, language, int(str(since))) if known else None
        told = {"language": language, "title": newest.title if newest else "", "version": newest.version if newest else 0}
        html = await asyncio.to_thread(staff_html, newest.body) if newest else ""
        lines = await asyncio.to_thread(compare, _whole(old), _whole(newest)) if old and newest else ()
        self.editing.screen("side", told | {"html": html, "since": old.version if old else None, "lines": difference_json(lines)})


def _whole(version: Version) -> str:
    """Title, text and questions as one text to compare."""
    questions = "\n".join(f"? {question}" for question in version.questions)
    return "\n\n".join(part for part in (version.title, version.body, questions) if part)
