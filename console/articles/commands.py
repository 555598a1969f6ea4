"""What the page of one article asks for: showing, typing, saving. Reviewing and the rest are in the modules beside it."""

from __future__ import annotations

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Login
from console.articles.details_commands import DetailsCommands
from console.articles.editing import Editing
from console.articles.review_commands import ReviewCommands
from console.articles.version_commands import VersionCommands
from console.articles.view import staff_html
from console.obeying import Data, Obeying, number_of, text_of
from console.services import ConsoleServices
from console.web import Screen
from context.staff.models import StaffRow
from knowledge import articles
from knowledge.working_copies import drop_copy, keep_copy


class ArticleCommands(Obeying):
    """One article."""

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen, *, article_id: str) -> None:
        super().__init__(services, login, screen)
        self.article_id = article_id
        self.editing = Editing(services, screen, article_id)
        self.handlers = {
            "load": self._load,
            "preview": self._preview,
            "keep": self._keep,
            "forget": self._forget,
            "save": self._save,
            **ReviewCommands(self.editing).handlers,
            **VersionCommands(self.editing).handlers,
            **DetailsCommands(self.editing).handlers,
        }

    async def _load(self, staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            await self.editing.show(session, staff)

    async def _preview(self, _staff: StaffRow, data: Data) -> None:
        html = await asyncio.to_thread(staff_html, text_of(data, "body")[: articles.MAX_BODY])
        self.screen("preview", {"html": html, "number": data.get("number")})

    async def _keep(self, staff: StaffRow, data: Data) -> None:
        draft = self.editing.draft_of(data)
        async with self.services.database.transaction() as session:
            copy = await keep_copy(session, draft, editor=str(staff.id), base=number_of(data, "expected"))
            await self._tell_kept(session, staff, draft.language, number=data.get("number"), at=copy.at.timestamp() * 1000)

    async def _tell_kept(self, session: AsyncSession, staff: StaffRow, language: str, *, number: object, at: float) -> None:
        newest = next(iter(await articles.versions(session, self.article_id, language)), None)
        others = await self.editing.others(session, staff)
        told = {"language": language, "number": number, "at": at, "newest": newest.version if newest else 0, "others": others}
        self.screen("kept", told)

    async def _forget(self, staff: StaffRow, data: Data) -> None:
        language = self.editing.language_of(data)
        async with self.services.database.transaction() as session:
            await drop_copy(session, self.article_id, language, editor=str(staff.id))

    async def _save(self, staff: StaffRow, data: Data) -> None:
        saved = await self.editing.save(staff, data)
        if saved is not None:
            self.screen("saved", {"language": saved.language, "version": saved.version, "done": "saved"})
