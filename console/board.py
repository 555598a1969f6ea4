"""What the pages that are one component in the browser have in common: who may enter, what the component gets, and its commands."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui.events import GenericEventArguments
from sqlalchemy.exc import SQLAlchemyError

from console.access import Login, find_login
from console.login import home_of, login_address
from console.obeying import EDIT, Obeying
from console.plain_page import refusal
from console.refusals.telling import tell
from console.services import ConsoleServices
from console.strings import strings
from console.web import WebElement
from console.while_shown import while_shown
from context.staff.accounts import check_may
from context.staff.models import StaffRow
from kit.errors import BatonError, NotAllowedError
from kit.log import get_logger
from knowledge.articles import LANGUAGES

LOOK_SECONDS = 1.0

log = get_logger("console")


async def enter(services: ConsoleServices, request: Request, right: str = EDIT) -> tuple[Login, StaffRow] | Response:
    """Who opens the page, or the answer for one who may not."""
    found = await find_login(services.database, request)
    if found is None:
        return RedirectResponse(login_address(request), 303)
    try:
        check_may(found[1], right)
    except NotAllowedError as error:
        return refusal(tell(error)[0], home=home_of(found[1]))
    return found


def set_up(element: WebElement, staff: StaffRow, commands: Obeying, more: Mapping[str, Any] | None = None) -> None:
    """Gives a component what every page has and `more` by name, and lets it command."""
    element.set("me", {"id": str(staff.id), "name": staff.name})
    element.set("languages", list(LANGUAGES))
    for name, value in (more or {}).items():
        element.set(name, value)
    element.set("t", dict(strings()))

    async def obey(event: GenericEventArguments) -> None:
        await commands.run(event.args if isinstance(event.args, dict) else {})

    element.on("command", obey)


def keep_looking(commands: Obeying, look: Callable[[], Awaitable[None]]) -> None:
    """Calls `look` every second while the page is shown, until the login ends."""

    async def forever() -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await look()
            except BatonError:
                commands.screen("expired", {})
                return
            except (SQLAlchemyError, OSError) as error:
                log.warning("a page lost the database", page=type(commands).__name__, reason=type(error).__name__)

    while_shown(forever)
