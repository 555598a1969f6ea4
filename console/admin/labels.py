"""What the page of labels asks for."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Login
from console.obeying import Data, Obeying, id_of, text_of
from console.services import ConsoleServices
from console.web import Screen
from context.labels.keeping import COLOURS, delete_label, list_labels, save_label
from context.staff.audit import Subject, record_change
from context.staff.models import StaffRow


class LabelCommands(Obeying):
    """The page /console/admin/labels."""

    right = "manage_labels"

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {"list": self._list, "save": self._save, "remove": self._remove}

    async def _list(self, _staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            await self._show(session)

    async def _show(self, session: AsyncSession) -> None:
        found = [{"id": str(one.id), "title": one.title, "colour": one.colour} for one in await list_labels(session)]
        self.screen("list", {"labels": found, "colours": list(COLOURS)})

    async def _save(self, staff: StaffRow, data: Data) -> None:
        known = id_of(data) if data.get("id") else None
        async with self.services.database.transaction() as session:
            saved = await save_label(session, text_of(data, "title"), text_of(data, "colour"), label_id=known)
            action = "label.changed" if known else "label.created"
            await self._record(session, staff, action, Subject("label", str(saved.id), saved.title))
            await self._show(session)
        self.screen("done", {"what": "saved", "name": saved.title})

    async def _remove(self, staff: StaffRow, data: Data) -> None:
        label_id = id_of(data)
        async with self.services.database.transaction() as session:
            title = next((one.title for one in await list_labels(session) if one.id == label_id), None)
            await delete_label(session, label_id)
            if title is not None:
                await self._record(session, staff, "label.removed", Subject("label", str(label_id), title))
            await self._show(session)
        self.screen("done", {"what": "removed", "name": title or ""})

    async def _record(self, session: AsyncSession, staff: StaffRow, action: str, subject: Subject) -> None:
        await record_change(session, staff, action, subject, at=self.services.ledger.now)
