"""The page /console/imports: one component in the browser, told what changes."""

from __future__ import annotations

import asyncio

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import ui
from nicegui.events import GenericEventArguments
from sqlalchemy.exc import SQLAlchemyError

from console.access import find_login
from console.frame import add_frame
from console.imports.commands import ImportCommands
from console.login import home_of, login_address
from console.obeying import EDIT
from console.plain_page import refusal
from console.services import ConsoleServices
from console.strings import strings
from console.web import WebElement
from console.while_shown import while_shown
from context.staff.accounts import check_may
from kit.errors import BatonError, NotAllowedError
from kit.log import get_logger
from knowledge.articles import LANGUAGES
from knowledge.sources.registry import READABLE

LOOK_SECONDS = 1.0

log = get_logger("console")


class ImportBoard(WebElement, component="../web/imports.js"):
    """The page in the browser."""


def register_imports(services: ConsoleServices) -> None:
    """Registers the page /console/imports."""

    @ui.page("/imports", title=strings()["imports_title"])
    async def show(request: Request) -> Response | None:
        found = await find_login(services.database, request)
        if found is None:
            return RedirectResponse(login_address(request), 303)
        login, staff = found
        try:
            check_may(staff, EDIT)
        except NotAllowedError as error:
            return refusal(error.message, home=home_of(staff))
        add_frame(services, login, staff, here="imports")
        board = ImportBoard()
        board.set("languages", list(LANGUAGES))
        board.set("endings", sorted(READABLE))
        board.set("t", dict(strings()))
        commands = ImportCommands(services, login, board.tell)

        async def obey(event: GenericEventArguments) -> None:
            await commands.run(event.args if isinstance(event.args, dict) else {})

        board.on("command", obey)
        while_shown(lambda: _look(commands))
        return None


async def _look(commands: ImportCommands) -> None:
    """Shows how far imports are and what others decide, until cancelled or until the login ends."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            await commands.show_state()
        except BatonError:
            commands.screen("expired", {})
            return
        except (SQLAlchemyError, OSError) as error:
            log.warning("the page for importing lost the database", reason=type(error).__name__)
