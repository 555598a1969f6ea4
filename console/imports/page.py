"""The page /console/imports: one component in the browser, told what changes."""

from __future__ import annotations

from fastapi import Request, Response
from nicegui import ui

from console.board import enter, keep_looking, set_up
from console.frame import add_frame
from console.imports.commands import ImportCommands
from console.services import ConsoleServices
from console.strings import strings
from console.web import WebElement
from knowledge.sources.registry import READABLE


class ImportBoard(WebElement, component="../web/imports.js"):
    """The page in the browser."""


def register_imports(services: ConsoleServices) -> None:
    """Registers the page /console/imports."""

    @ui.page("/imports", title=strings()["imports_title"])
    async def show(request: Request) -> Response | None:
        found = await enter(services, request)
        if isinstance(found, Response):
            return found
        login, staff = found
        add_frame(services, login, staff, here="imports")
        board = ImportBoard()
        commands = ImportCommands(services, login, board.tell)
        set_up(board, staff, commands, {"endings": sorted(READABLE)})
        keep_looking(commands, commands.show_state)
        return None
