"""The page /console/supervisor: one component in the browser, told what changes."""

from __future__ import annotations

from fastapi import Request, Response
from nicegui import ui

from console.board import enter, set_up
from console.frame import add_frame
from console.services import ConsoleServices
from console.strings import strings
from console.supervisor.commands import SupervisorCommands
from console.supervisor.live import LiveSupervisor
from console.web import WebElement
from console.while_shown import while_shown
from desk.supervising import RIGHT


class SupervisorBoard(WebElement, component="../web/supervisor.js"):
    """The page in the browser."""


def register_supervisor(services: ConsoleServices) -> None:
    """Registers the page /console/supervisor."""

    @ui.page("/supervisor", title=strings()["supervisor_title"])
    async def show(request: Request) -> Response | None:
        found = await enter(services, request, RIGHT)
        if isinstance(found, Response):
            return found
        login, staff = found
        add_frame(services, login, staff, here="supervisor")
        board = SupervisorBoard()
        commands = SupervisorCommands(services, login, board.tell)
        set_up(board, staff, commands)
        while_shown(LiveSupervisor(commands).run)
        return None
