"""What surrounds every page: where one is, who one is, presence, dark mode, logging out."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments
from sqlalchemy.exc import SQLAlchemyError

from console.access import Login
from console.services import ConsoleServices
from console.strings import strings
from console.web import Screen, WebElement, style
from console.while_shown import while_shown
from context.staff.accounts import may
from context.staff.models import StaffRow
from desk.models import PresenceRow
from desk.personal.preferences import change_preferences
from desk.presence import PresenceState, record_presence
from kit.errors import BatonError
from kit.log import get_logger

ALIVE_SECONDS = 15.0
PAGES = (
    ("inbox", "converse"),
    ("supervisor", "supervise"),
    ("articles", "edit_articles"),
    ("imports", "edit_articles"),
    ("unanswered", "edit_articles"),
    ("knowledge", "edit_articles"),
    ("learning", "teach"),
    ("help", "edit_articles"),
)
ADMIN = (
    "manage_people", "manage_roles", "manage_tokens", "manage_teams", "manage_routing",
    "manage_macros", "manage_labels", "manage_channels", "manage_bot",
    "manage_integrations", "view_audit", "view_reports",
)  # fmt: skip
CHOICES = tuple(PresenceState)

log = get_logger("console")


def pages_of(staff: StaffRow) -> list[str]:
    """The pages that somebody may open, as the bar lists them."""
    pages = [page for page, what in PAGES if may(staff, what)]
    return [*pages, "admin"] if any(may(staff, what) for what in ADMIN) else pages


class Frame(WebElement, component="web/frame.js"):
    """The bar on top."""

    def __init__(self, staff: StaffRow, *, here: str, login: Login) -> None:
        super().__init__()
        self.set(
            "me",
            {"id": str(staff.id), "name": staff.name, "role": staff.role, "theme": login.preferences.theme, "language": login.language},
        )
        self.set("here", here)
        self.set("pages", pages_of(staff))
        self.set("t", dict(strings()))


class Presence:
    """The sign of life of one open page, and what its person chose. Editors have none: nobody routes conversations to them."""

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen, *, what: str) -> None:
        self.services = services
        self.login = login
        self.screen = screen
        self.what = what

    async def run(self) -> None:
        """Gives a sign of life until cancelled or until the login ends, which the page is then told."""
        while True:
            if not await self.record(None):
                return
            await asyncio.sleep(ALIVE_SECONDS)

    async def record(self, state: PresenceState | None) -> bool:
        """Records one sign of life; returns False when the login has ended."""
        try:
            async with self.services.database.transaction() as session:
                staff = await self.login.check_in(session, self.what)
                if may(staff, "converse"):
                    await record_presence(session, staff.id, state)
                    row = await session.get(PresenceRow, staff.id, populate_existing=True)
                    self.screen("presence", {"state": row.state if row else PresenceState.ONLINE})
        except BatonError:
            self.screen("expired", {})
            return False
        except (SQLAlchemyError, OSError) as error:
            log.warning("presence was not recorded", reason=type(error).__name__)
        return True

    async def prefer(self, changes: dict[str, Any]) -> None:
        """Keeps how the person likes the console; what does not exist is left alone."""
        try:
            async with self.services.database.transaction() as session:
                await change_preferences(session, (await self.login.check_in(session, self.what)).id, changes)
        except BatonError as error:
            log.info("a preference was not kept", reason=error.code)


def add_frame(services: ConsoleServices, login: Login, staff: StaffRow, *, here: str, right: str | None = None) -> None:
    """Puts the bar and the style sheet on the page that is being built. `here` is one of PAGES, or another page that needs `right`."""
    ui.add_css(style())
    frame = Frame(staff, here=here, login=login)
    presence = Presence(services, login, frame.tell, what=right or dict(PAGES)[here])

    async def choose(event: GenericEventArguments) -> None:
        asked = event.args if isinstance(event.args, dict) else {}
        if asked.get("state") in CHOICES:
            await presence.record(PresenceState(asked["state"]))
        elif "theme" in asked:
            await presence.prefer({"theme": asked["theme"]})

    frame.on("command", choose)
    while_shown(presence.run)
