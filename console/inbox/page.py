"""The inbox as a NiceGUI page: one component in the browser, fed with small changes."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import ui
from nicegui.events import GenericEventArguments

from console.access import find_login
from console.frame import add_frame
from console.inbox.commands import Commands
from console.inbox.desk_page import DeskPage
from console.inbox.live import LivePage
from console.inbox.rows import Shared
from console.login import home_of, login_address
from console.services import ConsoleServices
from console.strings import strings
from console.web import WebElement
from console.while_shown import while_shown
from context.staff.accounts import may
from context.staff.models import StaffRow


class InboxBoard(WebElement, component="../web/inbox.js"):
    """The three panes in the browser."""

    def __init__(self, staff: StaffRow) -> None:
        super().__init__()
        self.set("me", {"id": str(staff.id), "name": staff.name})
        self.set("t", dict(strings()))


def register_inbox(services: ConsoleServices) -> None:
    """Registers the page /console/."""
    shared = Shared(services.database, services.hub)

    @ui.page("/", title=strings()["inbox_title"])
    async def inbox(request: Request) -> Response | None:
        found = await find_login(services.database, request)
        if found is None:
            return RedirectResponse(login_address(request), 303)
        login, staff = found
        if not may(staff, "converse"):
            return RedirectResponse(home_of(staff), 303)
        add_frame(services, login, staff, here="inbox")
        board = InboxBoard(staff)
        page = DeskPage(services, login, board.tell, shared=shared)
        commands, live = Commands(page), LivePage(page)

        async def obey(event: GenericEventArguments) -> None:
            await commands.run(event.args if isinstance(event.args, dict) else {})

        board.on("command", obey)
        while_shown(live.run)
        return None
