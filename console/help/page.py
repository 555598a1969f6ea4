"""The page /console/help."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import ui
from nicegui.events import GenericEventArguments

from console.access import find_login
from console.frame import add_frame
from console.help.commands import HelpCommands
from console.login import home_of, login_address
from console.obeying import EDIT
from console.plain_page import refusal
from console.services import ConsoleServices
from console.strings import strings
from console.web import WebElement
from context.staff.accounts import check_may
from kit.errors import NotAllowedError
from knowledge.articles import LANGUAGES


class HelpBoard(WebElement, component="../web/helpcentre.js"):
    """The page in the browser."""

    def __init__(self) -> None:
        super().__init__()
        self.set("languages", list(LANGUAGES))
        self.set("t", dict(strings()))


def register_help(services: ConsoleServices) -> None:
    """Registers the page /console/help."""

    @ui.page("/help", title=strings()["help_title"])
    async def show(request: Request) -> Response | None:
        found = await find_login(services.database, request)
        if found is None:
            return RedirectResponse(login_address(request), 303)
        login, staff = found
        try:
            check_may(staff, EDIT)
        except NotAllowedError as error:
            return refusal(error.message, home=home_of(staff))
        add_frame(services, login, staff, here="help")
        board = HelpBoard()
        commands = HelpCommands(services, login, board.tell)

        async def obey(event: GenericEventArguments) -> None:
            await commands.run(event.args if isinstance(event.args, dict) else {})

        board.on("command", obey)
        return None
