"""What the page of API tokens asks for. A token is told once, when it is made."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Login
from console.admin.view import token_json
from console.obeying import Data, Obeying, id_of, text_of, texts_of
from console.services import ConsoleServices
from console.web import Screen
from context.staff import tokens
from context.staff.models import StaffRow


class TokenCommands(Obeying):
    """The page /console/admin/tokens."""

    right = tokens.RIGHT

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {"list": self._list, "make": self._make, "revoke": self._revoke}

    async def _list(self, staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            await self._show(session, staff)

    async def _show(self, session: AsyncSession, staff: StaffRow) -> None:
        found = await tokens.access_tokens(session, staff)
        query = select(StaffRow.id, StaffRow.name, StaffRow.role).where(StaffRow.active).order_by(StaffRow.name)
        people = [{"id": str(one), "name": name, "role": role} for one, name, role in (await session.execute(query)).all()]
        self.screen("list", {"tokens": [token_json(one) for one in found], "people": people})

    async def _make(self, staff: StaffRow, data: Data) -> None:
        able = texts_of(data, "permissions") if data.get("limited") is True else None
        days = data.get("days")
        wish = tokens.Wish(text_of(data, "label"), id_of(data, "person"), able, days if isinstance(days, int) else None)
        async with self.services.database.transaction() as session:
            token = await tokens.make_token(session, self.services.ledger, staff, wish)
            await self._show(session, staff)
        self.screen("made", {"token": token, "label": wish.label})

    async def _revoke(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await tokens.revoke_token(session, self.services.ledger, staff, id_of(data))
            await self._show(session, staff)
        self.screen("done", {"what": "revoked"})
