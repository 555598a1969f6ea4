"""What the page of roles asks for: built-in roles are shown, custom ones created, changed and removed."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Login
from console.admin.view import role_json
from console.obeying import Data, Obeying, text_of, texts_of
from console.services import ConsoleServices
from console.web import Screen
from context.staff import roles
from context.staff.models import StaffRow


class RoleCommands(Obeying):
    """The page /console/admin/roles."""

    right = roles.RIGHT

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {"list": self._list, "save": self._save, "remove": self._remove}

    async def _list(self, _staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            await self._show(session)

    async def _show(self, session: AsyncSession) -> None:
        self.screen("list", {"roles": [role_json(one) for one in await roles.list_roles(session)]})

    async def _save(self, staff: StaffRow, data: Data) -> None:
        able, described = texts_of(data, "permissions"), text_of(data, "description")
        async with self.services.database.transaction() as session:
            saved = await roles.save_role(
                session, staff, text_of(data, "name"), description=described, permissions=able, clock=self.services.ledger.clock
            )
            await self._show(session)
        self.screen("done", {"what": "saved", "name": saved.name})

    async def _remove(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await roles.remove_role(session, staff, text_of(data, "name"), clock=self.services.ledger.clock)
            await self._show(session)
        self.screen("done", {"what": "removed", "name": text_of(data, "name")})
