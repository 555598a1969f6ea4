"""The page /console/learning: one component in the browser, told what changes."""

from __future__ import annotations

import asyncio

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import ui
from nicegui.events import GenericEventArguments
from sqlalchemy.exc import SQLAlchemyError

from console.access import Login, find_login
from console.frame import add_frame
from console.learning.commands import LearningCommands
from console.login import home_of, login_address
from console.plain_page import refusal
from console.services import ConsoleServices
from console.strings import strings
from console.web import WebElement
from console.while_shown import while_shown
from context.staff.accounts import check_may
from context.staff.models import StaffRow
from insights.queue import RIGHT
from kit.errors import BatonError, NotAllowedError
from kit.log import get_logger
from knowledge.articles import LANGUAGES

LOOK_SECONDS = 1.0

log = get_logger("console")


class LearningBoard(WebElement, component="../web/learning.js"):
    """The page in the browser."""

    def __init__(self, staff: StaffRow) -> None:
        super().__init__()
        self.set("me", {"id": str(staff.id), "name": staff.name})
        self.set("languages", list(LANGUAGES))
        self.set("t", dict(strings()))


def register_learning(services: ConsoleServices) -> None:
    """Registers the page /console/learning."""

    @ui.page("/learning", title=strings()["learning_title"])
    async def show(request: Request) -> Response | None:
        found = await find_login(services.database, request)
        if found is None:
            return RedirectResponse(login_address(request), 303)
        login, staff = found
        try:
            check_may(staff, RIGHT)
        except NotAllowedError as error:
            return refusal(error.message, home=home_of(staff))
        add_frame(services, login, staff, here="learning")
        _add_board(services, login, staff)
        return None


def _add_board(services: ConsoleServices, login: Login, staff: StaffRow) -> None:
    board = LearningBoard(staff)
    commands = LearningCommands(services, login, board.tell)

    async def obey(event: GenericEventArguments) -> None:
        await commands.run(event.args if isinstance(event.args, dict) else {})

    board.on("command", obey)
    while_shown(lambda: _look(commands))


async def _look(commands: LearningCommands) -> None:
    """Shows the progress of a training and what others decide, until cancelled or until the login ends."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            await commands.show_state()
        except BatonError:
            commands.screen("expired", {})
            return
        except (SQLAlchemyError, OSError) as error:
            log.warning("the page for teaching lost the database", reason=type(error).__name__)
