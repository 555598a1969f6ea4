"""The page /console/learning: one component in the browser, told what changes."""

from __future__ import annotations

from fastapi import Request, Response
from nicegui import ui

from console.board import enter, keep_looking, set_up
from console.frame import add_frame
from console.learning.commands import LearningCommands
from console.services import ConsoleServices
from console.strings import strings
from console.web import WebElement
from insights.queue import RIGHT


class LearningBoard(WebElement, component="../web/learning.js"):
    """The page in the browser."""


def register_learning(services: ConsoleServices) -> None:
    """Registers the page /console/learning."""

    @ui.page("/learning", title=strings()["learning_title"])
    async def show(request: Request) -> Response | None:
        found = await enter(services, request, RIGHT)
        if isinstance(found, Response):
            return found
        login, staff = found
        add_frame(services, login, staff, here="learning")
        board = LearningBoard()
        commands = LearningCommands(services, login, board.tell)
        set_up(board, staff, commands)
        keep_looking(commands, commands.show_state)
        return None
