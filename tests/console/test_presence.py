"""The sign of life of an open console."""

from __future__ import annotations

import pytest

from console.frame import Presence
from console.services import ConsoleServices
from context.staff.accounts import close_session
from context.types import Role
from desk.presence import PresenceState, count_online, is_here, list_presence
from desk.routing.assigner import Assigner
from desk.routing.store import save_rules
from tests.console.desk import Screen, log_in, waiting_conversation
from tests.desk.routing.desks import team

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


@pytest.mark.parametrize(
    ("chosen", "here"),
    [(PresenceState.ONLINE, True), (PresenceState.BUSY, True), (PresenceState.AWAY, True), (PresenceState.OFFLINE, False)],
)
async def test_only_who_is_online_is_routed_to_and_nobody_passes_on_to_who_chose_offline(
    services: ConsoleServices, chosen: PresenceState, here: bool
) -> None:
    staff, login = await log_in(services, Role.AGENT)
    await Presence(services, login, Screen(), what="converse").record(chosen)
    await Presence(services, login, Screen(), what="converse").record(None)
    assert await seen(services) == [chosen]
    async with services.database.transaction() as session:
        assert await is_here(session, staff.id) is here
        assert await count_online(session) == (chosen == PresenceState.ONLINE)
        await team(session, "care", staff)
        await save_rules(session, "default: {team: care}", author="test")
    await waiting_conversation(services)
    assert len((await Assigner(services.database, services.ledger).round()).assigned) == (chosen == PresenceState.ONLINE)
