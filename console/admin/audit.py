"""What the page of changes asks for: who changed what and when."""

from __future__ import annotations

from console.access import Login
from console.admin.view import change_json
from console.obeying import Data, Obeying, number_or, text_of
from console.services import ConsoleServices
from console.web import Screen
from context.staff.audit import PAGE, AuditFilter, access_changes
from context.staff.models import StaffRow


class AuditCommands(Obeying):
    """The page /console/admin/audit."""

    right = "view_audit"

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {"list": self._list}

    async def _list(self, staff: StaffRow, data: Data) -> None:
        before = number_or(data, "before", 0)
        wanted = AuditFilter(kind=text_of(data, "of"), text=text_of(data, "text"), before=before or None)
        async with self.services.database.transaction() as session:
            found = await access_changes(session, staff, wanted, limit=PAGE + 1)
        self.screen("list", {"changes": [change_json(one) for one in found[:PAGE]], "more": len(found) > PAGE, "after": before})
