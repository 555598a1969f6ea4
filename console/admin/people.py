"""What the page of people asks for. Every command asks again who is there; what each may do is checked by `context/staff/people.py`."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Login
from console.admin.view import invited_json, person_json, role_json, session_json
from console.obeying import Data, Obeying, id_of, text_of
from console.services import ConsoleServices
from console.web import Screen
from context.staff import people
from context.staff.models import StaffRow
from context.staff.people import Invitation
from context.staff.roles import list_roles


class PeopleCommands(Obeying):
    """The page /console/admin/people."""

    right = people.RIGHT

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {
            "list": self._list,
            "invite": self._invite,
            "role": self._role,
            "rename": self._rename,
            "disable": self._disable,
            "enable": self._enable,
            "reset": self._reset,
            "sessions": self._sessions,
            "end": self._end,
        }

    async def _list(self, staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            await self._show(session, staff)

    async def _show(self, session: AsyncSession, staff: StaffRow) -> None:
        found = await people.access_people(session, staff, now=self.services.ledger.now)
        roles = await list_roles(session)
        self.screen("list", {"people": [person_json(one) for one in found], "roles": [role_json(one) for one in roles]})

    async def _invite(self, staff: StaffRow, data: Data) -> None:
        wish = Invitation(text_of(data, "email"), text_of(data, "name"), text_of(data, "role"), data.get("temporary") is True)
        async with self.services.database.transaction() as session:
            made = await people.invite(session, self.services.ledger, staff, wish)
            await self._show(session, staff)
        self.screen("opened", invited_json(made))

    async def _role(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            changed = await people.give_role(session, self.services.ledger, staff, id_of(data), text_of(data, "role"))
            await self._show(session, staff)
        self.screen("done", {"what": "role", "name": changed.name, "role": changed.role})

    async def _rename(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            changed = await people.rename(session, self.services.ledger, staff, id_of(data), text_of(data, "name"))
            await self._show(session, staff)
        self.screen("done", {"what": "renamed", "name": changed.name})

    async def _disable(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            changed = await people.disable(session, self.services.ledger, staff, id_of(data))
            await self._show(session, staff)
        self.screen("done", {"what": "disabled", "name": changed.name})

    async def _enable(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            changed = await people.enable(session, self.services.ledger, staff, id_of(data))
            await self._show(session, staff)
        self.screen("done", {"what": "enabled", "name": changed.name})

    async def _reset(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            temporary = data.get("temporary") is True
            made = await people.reset_password(session, self.services.ledger, staff, id_of(data), temporary=temporary)
            await self._show(session, staff)
        self.screen("opened", invited_json(made))

    async def _sessions(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            found = await people.list_sessions(session, staff, id_of(data), now=self.services.ledger.now)
        self.screen("sessions", {"id": str(id_of(data)), "sessions": [session_json(one) for one in found]})

    async def _end(self, staff: StaffRow, data: Data) -> None:
        one = id_of(data, "session") if data.get("session") else None
        async with self.services.database.transaction() as session:
            await people.end_session(session, self.services.ledger, staff, id_of(data), one)
            await self._show(session, staff)
        await self._sessions(staff, data)
