"""What the left pane asks for: another list, more of it, keeping lists, searching; and how the person likes the console."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from console.inbox.arguments import Data, id_in, text_in
from console.inbox.desk_page import DeskPage
from console.inbox.view import found_json, notification_json, person_json
from console.strings import strings
from context.staff.models import StaffRow
from desk.personal.notifications import list_notifications
from desk.personal.preferences import change_preferences
from desk.personal.saved_views import delete_view, save_view
from desk.search import access_search
from desk.views import Filters, View, parse_filters, parse_place
from kit.errors import InvalidInputError


class ListCommands:
    """The commands of the list."""

    def __init__(self, page: DeskPage) -> None:
        self.page = page

    def handlers(self) -> dict[str, Callable[[StaffRow, Data], Awaitable[None]]]:
        """What each command does."""
        return {
            "view": self._choose, "more": self._more, "meta": self._meta, "save_view": self._save, "delete_view": self._delete,
            "search": self._search, "notifications": self._notifications, "prefer": self._prefer,
        }  # fmt: skip

    async def _choose(self, _staff: StaffRow, data: Data) -> None:
        self.page.list.choose(*_wanted(data))
        await self.page.show_list()

    async def _more(self, _staff: StaffRow, data: Data) -> None:
        await self.page.show_more(parse_place(data.get("after")))

    async def _meta(self, _staff: StaffRow, _data: Data) -> None:
        await self.page.show_meta()

    async def _save(self, staff: StaffRow, data: Data) -> None:
        view, filters = _wanted(data)
        async with self.page.services.database.transaction() as session:
            await save_view(session, staff, title=text_in(data, "title"), view=view, filters=filters, shared=data.get("shared") is True)
        await self.page.show_meta()

    async def _delete(self, staff: StaffRow, data: Data) -> None:
        async with self.page.services.database.transaction() as session:
            await delete_view(session, staff, id_in(data, "saved"))
        await self.page.show_meta()

    async def _search(self, staff: StaffRow, data: Data) -> None:
        said = text_in(data, "text")
        async with self.page.services.database.transaction() as session:
            found = await access_search(session, staff, said)
        conversations = [found_json(one) for one in found.conversations]
        self.page.screen("found", {"text": said, "conversations": conversations, "people": [person_json(one) for one in found.people]})

    async def _notifications(self, staff: StaffRow, _data: Data) -> None:
        async with self.page.services.database.transaction() as session:
            told = await list_notifications(session, staff.id)
        self.page.screen("notifications", {"items": [notification_json(one) for one in told]})

    async def _prefer(self, staff: StaffRow, data: Data) -> None:
        changes = data.get("changes")
        if not isinstance(changes, dict):
            raise InvalidInputError(strings()["error_unknown_command"])
        async with self.page.services.database.transaction() as session:
            await change_preferences(session, staff.id, changes)
        await self.page.show_meta()


def _wanted(data: Data) -> tuple[View, Filters]:
    try:
        return View(data["view"]), parse_filters(data.get("filters") or {})
    except (ValueError, KeyError):
        raise InvalidInputError(strings()["error_unknown_view"]) from None
