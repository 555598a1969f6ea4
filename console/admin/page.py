"""The pages under /console/admin: each is one component in the browser, with the others beside it."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import ui

from console.access import find_login
from console.admin.bot import BotCommands
from console.admin.sections import SECTIONS, Section, sections_of
from console.board import enter, keep_looking, set_up
from console.frame import add_frame
from console.language import spoken
from console.login import ADMIN, LOGIN, home_of, login_address
from console.plain_page import refusal
from console.services import ConsoleServices
from console.strings import strings
from context.staff.permissions import PERMISSIONS
from context.staff.rights import permissions_of


def register_admin(services: ConsoleServices) -> None:
    """Registers /console/admin, which leads to the first page that somebody may open, and the pages."""

    @ui.page("/admin", title=strings()["admin_title"])
    async def show(request: Request) -> Response | None:
        found = await find_login(services.database, request)
        if found is None:
            return RedirectResponse(login_address(request), 303)
        may_open = sections_of(found[1])
        if not may_open:
            home = home_of(found[1])
            return refusal(strings()["adm_nothing"], home=LOGIN if home == ADMIN else home)
        return RedirectResponse(f"/console/admin/{may_open[0]}", 303)

    for section in SECTIONS:
        _register(services, section)


def _register(services: ConsoleServices, section: Section) -> None:
    @ui.page(f"/admin/{section.name}", title=f"{strings()['adm_' + section.name]} · Baton")
    async def show(request: Request) -> Response | None:
        found = await enter(services, request, section.commands.right)
        if isinstance(found, Response):
            return found
        login, staff = found
        add_frame(services, login, staff, here="admin", right=section.commands.right)
        board = section.board()
        commands = section.commands(services, login, board.tell)
        more = {
            "here": section.name,
            "sections": sections_of(staff),
            "permissions": _described(),
            "able": sorted(permissions_of(staff)),
        }
        set_up(board, staff, commands, more)
        if isinstance(commands, BotCommands):
            keep_looking(commands, commands.show_state)
        return None


def _described() -> dict[str, str]:
    chinese = spoken() == "zh-Hant"
    return {name: described.zh_hant if chinese else described.en for name, described in PERMISSIONS.items()}
