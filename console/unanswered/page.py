"""The page /console/unanswered: one component in the browser."""

from __future__ import annotations

from fastapi import Request, Response
from nicegui import ui

from console.board import enter, set_up
from console.frame import add_frame
from console.services import ConsoleServices
from console.strings import strings
from console.unanswered.commands import UnansweredCommands
from console.web import WebElement


class UnansweredBoard(WebElement, component="../web/unanswered.js"):
    """The page in the browser."""


def register_unanswered(services: ConsoleServices) -> None:
    """Registers the page /console/unanswered."""

    @ui.page("/unanswered", title=strings()["unanswered_title"])
    async def show(request: Request) -> Response | None:
        found = await enter(services, request)
        if isinstance(found, Response):
            return found
        login, staff = found
        add_frame(services, login, staff, here="unanswered")
        board = UnansweredBoard()
        set_up(board, staff, UnansweredCommands(services, login, board.tell))
        return None
