"""What the panel beside a conversation asks for: help, and actions in two steps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from assist.schemas import help_out
from assist.steps.doing import Doing, Wanted
from assist.steps.helping import access_help
from console.inbox.desk_page import DeskPage
from console.strings import strings
from context.staff.models import StaffRow
from kit.errors import InvalidInputError

Data = Mapping[str, Any]
Handler = Callable[[StaffRow, Data], Awaitable[None]]


class AssistCommands:
    """The commands of the panel of one open inbox."""

    def __init__(self, page: DeskPage) -> None:
        self.page = page
        self.doing = Doing(page.services.database, page.services.ledger)

    def handlers(self) -> dict[str, Handler]:
        """The commands by name."""
        return {"assist": self._show, "prepare_action": self._prepare, "confirm_action": self._confirm}

    async def _show(self, staff: StaffRow, data: Data) -> None:
        conversation_id = self._opened(data)
        services = self.page.services
        async with services.database.reading() as session:
            found = await access_help(session, staff, conversation_id, now=services.ledger.now)
        self.page.show_in_opened("assist", {"help": help_out(found, []).model_dump(mode="json")})

    async def _prepare(self, staff: StaffRow, data: Data) -> None:
        wanted = _wanted(data)
        prepared = await self.doing.prepare(staff, self._opened(data), wanted)
        told = {"action": wanted.action, "arguments": wanted.arguments, "key": prepared.key, "result": prepared.result}
        self.page.show_in_opened("prepared", told)

    async def _confirm(self, staff: StaffRow, data: Data) -> None:
        await self.doing.confirm(staff, self._opened(data), _wanted(data), key=str(data.get("key", "")))
        await self._show(staff, data)

    def _opened(self, data: Data) -> UUID:
        opened = self.page.opened
        if opened is None or str(opened.id) != str(data.get("conversation")):
            raise InvalidInputError(strings()["error_not_open"])
        return opened.id


def _wanted(data: Data) -> Wanted:
    arguments = data.get("arguments")
    if not isinstance(arguments, Mapping):
        raise InvalidInputError(strings()["error_unknown_command"])
    return Wanted(str(data.get("action")), {str(name): value for name, value in arguments.items()}, bool(data.get("unproved")))
