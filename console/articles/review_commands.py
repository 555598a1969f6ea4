"""Submitting, sending back, publishing and archiving one article."""

from __future__ import annotations

from console.articles.editing import Editing
from console.obeying import Data, Handler, text_of
from context.publishing import archive_article, publish_article, send_back_article, submit_article
from context.staff.models import StaffRow
from knowledge.types import Version


class ReviewCommands:
    """The commands by name in `handlers`."""

    def __init__(self, editing: Editing) -> None:
        self.editing = editing
        self.services, self.article_id = editing.services, editing.article_id
        self.handlers: dict[str, Handler] = {
            "submit": self._submit,
            "send_back": self._send_back,
            "publish": self._publish,
            "archive": self._archive,
        }

    async def _submit(self, staff: StaffRow, data: Data) -> None:
        if data.get("unsaved") and await self.editing.save(staff, data) is None:
            return
        language = self.editing.language_of(data)
        async with self.services.database.transaction() as session:
            version = await submit_article(session, self.services.ledger, staff=staff, article_id=self.article_id, language=language)
            await self.editing.show(session, staff)
        self._tell(version, "submitted_now")

    async def _send_back(self, staff: StaffRow, data: Data) -> None:
        language, note = self.editing.language_of(data), text_of(data, "note")
        async with self.services.database.transaction() as session:
            version = await send_back_article(
                session, self.services.ledger, staff=staff, article_id=self.article_id, language=language, note=note
            )
            await self.editing.show(session, staff)
        self._tell(version, "sent_back_now")

    async def _publish(self, staff: StaffRow, data: Data) -> None:
        if data.get("unsaved") and await self.editing.save(staff, data) is None:
            return
        async with self.services.database.transaction() as session:
            version = await publish_article(
                session,
                self.services.ledger,
                staff=staff,
                article_id=self.article_id,
                language=self.editing.language_of(data),
                second_person=self.services.articles.second_person,
            )
            await self.editing.show(session, staff)
        self._tell(version, "published_now")

    async def _archive(self, staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            await archive_article(session, self.services.ledger, staff=staff, article_id=self.article_id)
            await self.editing.show(session, staff)
        self.editing.screen("archived", {})

    def _tell(self, version: Version, done: str) -> None:
        self.editing.screen("saved", {"language": version.language, "version": version.version, "done": done})
