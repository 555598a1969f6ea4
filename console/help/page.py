"""The page /console/help."""

from __future__ import annotations

from fastapi import Request, Response
from nicegui import ui

from console.board import enter, set_up
from console.frame import add_frame
from console.help.commands import HelpCommands
from console.services import ConsoleServices
from console.strings import strings
from console.web import WebElement


class HelpBoard(WebElement, component="../web/helpcentre.js"):
    """The page in the browser."""


def register_help(services: ConsoleServices) -> None:
    """Registers the page /console/help."""

    @ui.page("/help", title=strings()["help_title"])
    async def show(request: Request) -> Response | None:
        found = await enter(services, request)
        if isinstance(found, Response):
            return found
        login, staff = found
        add_frame(services, login, staff, here="help")
        board = HelpBoard()
        set_up(board, staff, HelpCommands(services, login, board.tell))
        return None
