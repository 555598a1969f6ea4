"""The open customer's data: how much there is, and erasing it, for those who may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict

from console.inbox.arguments import Data, id_in
from console.inbox.desk_page import DeskPage, Opened
from console.strings import strings
from context.erasing.erasing import RIGHT
from context.staff.models import StaffRow
from context.staff.rights import check_may
from kit.errors import InvalidInputError


class ErasingCommands:
    """The commands below the customer's pane."""

    def __init__(self, page: DeskPage) -> None:
        self.page = page

    def handlers(self) -> dict[str, Callable[[StaffRow, Data], Awaitable[None]]]:
        """What each command does."""
        return {"standing": self._standing, "erase": self._erase}

    async def _standing(self, staff: StaffRow, data: Data) -> None:
        """Tells how much there is, and what of it is under way."""
        check_may(staff, RIGHT)
        services, opened = self.page.services, self._opened(data)
        async with services.database.transaction() as session:
            standing = await services.erasing.look(session, opened.contact_id)
        counts = {name: count for name, count in asdict(standing).items() if isinstance(count, int)}
        self.page.show_in_opened("standing", {"counts": counts})

    async def _erase(self, staff: StaffRow, data: Data) -> None:
        """Erases; `contact` says who was meant, so that nobody else is who came to stand there meanwhile."""
        check_may(staff, RIGHT)
        services, opened = self.page.services, self._opened(data)
        if opened.contact_id != id_in(data, "contact"):
            raise InvalidInputError(strings()["error_not_open"])
        async with services.database.transaction() as session:
            by = (str(staff.id), staff.name)
            await services.erasing.erase(session, by, opened.contact_id, orders=data.get("orders") is True)
        await self.page.refresh_opened()

    def _opened(self, data: Data) -> Opened:
        opened = self.page.opened
        if opened is None or opened.id != id_in(data, "conversation"):
            raise InvalidInputError(strings()["error_not_open"])
        return opened
