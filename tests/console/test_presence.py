"""The sign of life of an open console."""

from __future__ import annotations

import pytest

from console.frame import Presence
from console.services import ConsoleServices
from context.staff.accounts import close_session
from context.types import Role
from desk.presence import PresenceState, list_presence
from tests.console.desk import Screen, log_in

pytestmark = pytest.mark.integration


async def seen(services: ConsoleServices) -> list[PresenceState]:
    async with services.database.transaction() as session:
        return [state for _, state in await list_presence(session)]


async def test_an_agent_with_an_open_console_is_online(services: ConsoleServices) -> None:
    _, login = await log_in(services, Role.AGENT)
    assert await Presence(services, login, Screen(), what="converse").record(None)
    assert await seen(services) == [PresenceState.ONLINE]


async def test_away_stays_chosen_over_later_signs_of_life(services: ConsoleServices) -> None:
    _, login = await log_in(services, Role.AGENT)
    screen = Screen()
    presence = Presence(services, login, screen, what="converse")
    await presence.record(PresenceState.AWAY)
    await presence.record(None)
    assert await seen(services) == [PresenceState.AWAY]
    assert screen.last("presence") == {"state": "away"}


async def test_an_editor_is_nobody_to_route_conversations_to(services: ConsoleServices) -> None:
    _, login = await log_in(services, Role.EDITOR)
    assert await Presence(services, login, Screen(), what="edit_articles").record(None)
    assert await seen(services) == [PresenceState.OFFLINE]


async def test_a_revoked_login_gives_no_sign_of_life_and_the_page_is_told(services: ConsoleServices) -> None:
    _, login = await log_in(services, Role.AGENT)
    async with services.database.transaction() as session:
        await close_session(session, login.token)
    screen = Screen()
    await Presence(services, login, screen, what="converse").run()
    assert screen.kinds() == {"expired"}
    assert await seen(services) == [PresenceState.OFFLINE]
