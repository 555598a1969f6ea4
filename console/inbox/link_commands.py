"""Two customers who may be one: an agent confirms it or says no, beside the conversation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from console.inbox.arguments import Data, id_in
from console.inbox.desk_page import DeskPage
from console.strings import strings
from context.event_base import Actor
from context.identity.suggesting import confirm, dismiss, list_suggestions
from context.staff.models import StaffRow
from kit.errors import InvalidInputError


class LinkCommands:
    """The commands of the customer's pane."""

    def __init__(self, page: DeskPage) -> None:
        self.page = page

    def handlers(self) -> dict[str, Callable[[StaffRow, Data], Awaitable[None]]]:
        """What each command does."""
        return {"link": self._link}

    async def _link(self, staff: StaffRow, data: Data) -> None:
        """Merges them, or notes that they are two; `shared`: they use what they have in common together."""
        services, opened = self.page.services, self.page.opened
        suggestion, decision = id_in(data, "suggestion"), data.get("decision")
        if opened is None or opened.id != id_in(data, "conversation"):
            raise InvalidInputError(strings()["error_not_open"])
        if decision not in ("confirm", "dismiss"):
            raise InvalidInputError(strings()["error_unknown_command"])
        actor = Actor("agent", str(staff.id))
        async with services.database.transaction() as session:
            if suggestion not in {one.id for one in await list_suggestions(session, contact_id=opened.contact_id)}:
                raise InvalidInputError(strings()["error_unknown_suggestion"])
            if decision == "confirm":
                await confirm(session, services.ledger, suggestion, actor=actor)
            else:
                await dismiss(session, services.ledger, suggestion, actor=actor, shared=data.get("shared") is True)
        await self.page.refresh_opened()
