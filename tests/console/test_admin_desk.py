"""The admin pages about the desk: teams, hours, skills, rules with a dry run, labels, channels; and that changes are recorded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from assist.models import SuggestionRow
from channels.models import ChannelAccountRow
from console.admin.channels import ChannelCommands
from console.admin.labels import LabelCommands
from console.admin.macros import MacroCommands
from console.admin.routing import RoutingCommands
from console.admin.sla import SlaCommands
from console.admin.suggestions import SuggestionCommands
from console.admin.teams import TeamCommands
from console.services import ConsoleServices
from context.conversations import list_messages
from context.macros.storing import create_macro
from context.macros.types import MacroDraft
from context.staff.audit import AuditFilter, access_changes
from context.types import Role
from desk.presence import record_presence
from tests.console.desk import log_in, waiting_conversation
from tests.console.test_admin import Desk, opened

pytestmark = pytest.mark.integration
RULES = """
rules:
  - name: Portuguese to Porto
    when: {language: pt}
    team: porto
default: {team: everyone}
"""
OFFICE = ["09:00-12:30, 13:30-18:00"] * 5 + ["", ""]


async def changes(services: ConsoleServices, desk: Desk) -> list[tuple[str, str]]:
    """What the record holds, newest first."""
    async with services.database.transaction() as session:
        admin = desk.staff
        return [(one.action, one.subject.name) for one in await access_changes(session, admin, AuditFilter())]


async def with_teams(services: ConsoleServices) -> tuple[Desk, UUID]:
    """Two teams; Mei, who is here, belongs to Porto and writes Portuguese."""
    mei, _ = await log_in(services, Role.AGENT, name="Mei")
    async with services.database.transaction() as session:
        await record_presence(session, mei.id)
    desk = await opened(TeamCommands, services)
    for key, members in (("porto", [{"id": str(mei.id), "level": 2}]), ("everyone", [])):
        await desk.ask("save", key=key, name=key.title(), timeZone="Europe/Lisbon", week=[], holidays="", members=members)
    await desk.ask("person", id=str(mei.id), languages="pt: 3, en", products="lamps: 1", most=3)
    return desk, mei.id


async def test_a_team_has_members_hours_and_holidays_and_its_change_is_recorded(services: ConsoleServices) -> None:
    desk, mei = await with_teams(services)
    holidays = "2026-12-25 Christmas\n2026-12-24 Half a day 9:00-12:00"
    members = [{"id": str(mei), "level": 3}]
    await desk.ask("save", key="porto", name="Porto", timeZone="Europe/Lisbon", week=OFFICE, holidays=holidays, members=members)
    team = next(one for one in desk.last("list")["teams"] if one["key"] == "porto")
    assert team["week"] == OFFICE
    assert team["holidays"] == "2026-12-24 Half a day 09:00-12:00\n2026-12-25 Christmas"
    assert team["members"] == members
    person = next(one for one in desk.last("list")["people"] if one["name"] == "Mei")
    assert (person["languages"], person["products"], person["most"]) == ("en: 2, pt: 3", "lamps: 1", 3)
    await desk.ask("remove", id=team["id"])
    assert [one["key"] for one in desk.last("list")["teams"]] == ["everyone"]
    assert (await changes(services, desk))[:2] == [("team.removed", "Porto"), ("team.saved", "Porto")]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"week": ["nine to five"]}, "no hours"),
        ({"holidays": "Christmas"}, "does not begin with a day"),
        ({"holidays": "2026-13-40"}, "does not begin with a day"),
        ({"key": "Not A Key"}, "key of a team"),
        ({"timeZone": "Moon/Sea"}, "Moon/Sea"),
        ({"members": [{"id": "x"}]}, "malformed"),
    ],
)
async def test_a_team_that_cannot_be_is_refused_whole(services: ConsoleServices, wrong: dict[str, Any], said: str) -> None:
    desk = await opened(TeamCommands, services)
    good = {"key": "porto", "name": "Porto", "timeZone": "Europe/Lisbon", "week": OFFICE, "holidays": "", "members": []}
    await desk.ask("save", **(good | wrong))
    assert said in desk.last("failed")["message"]
    await desk.ask("list")
    assert desk.last("list")["teams"] == []


async def test_a_dry_run_says_who_would_get_it_and_why_and_changes_nothing(services: ConsoleServices) -> None:
    await with_teams(services)
    desk = await opened(RoutingCommands, services, Role.SUPERVISOR)
    await desk.ask("check", source=RULES)
    assert [one for one in desk.last("checked")["problems"] if not one["warning"]] == []
    await desk.ask("try", source=RULES, language="pt", channel="web")
    found = desk.last("tried")
    assert (found["person"], found["team"]) == ("Mei", "Porto")
    assert any("Portuguese to Porto" in why for why in found["reasons"])
    waiting = await waiting_conversation(services)
    await desk.ask("try", source=RULES, conversation=str(waiting))
    assert any("no members" in why for why in desk.last("tried")["reasons"])
    await desk.ask("try", source=RULES, conversation=str(uuid4()))
    assert "does not wait" in desk.last("failed")["message"]
    await desk.ask("list")
    assert desk.last("list")["versions"] == []


async def test_rules_with_a_mistake_are_shown_by_line_and_do_not_come_in_force(services: ConsoleServices) -> None:
    await with_teams(services)
    desk = await opened(RoutingCommands, services)
    await desk.ask("check", source=RULES.replace("porto", "nowhere"))
    assert desk.last("checked")["problems"][0]["line"] == 3
    await desk.ask("save", source=RULES.replace("porto", "nowhere"), based_on=0)
    assert "nowhere" in desk.last("failed")["message"]
    await desk.ask("save", source=RULES, note="first", based_on=0)
    version = desk.last("done")["version"]
    assert desk.last("list")["source"] == RULES
    await desk.ask("save", source=RULES + "# more\n", based_on=version - 1 or 99)
    assert "Somebody else" in desk.last("failed")["message"]
    assert ("routing.changed", f"version {version}") in await changes(services, desk)


async def test_labels_are_made_renamed_and_removed(services: ConsoleServices) -> None:
    desk = await opened(LabelCommands, services)
    await desk.ask("save", title="Refund", colour="green")
    label = desk.last("list")["labels"][0]
    await desk.ask("save", id=label["id"], title="Refunds", colour="red")
    await desk.ask("save", title="refunds", colour="red")
    assert "already" in desk.last("failed")["message"]
    await desk.ask("remove", id=label["id"])
    assert desk.last("list")["labels"] == []
    assert [action for action, _ in await changes(services, desk)] == ["label.removed", "label.changed", "label.created"]


async def test_a_channel_is_paused_and_resumed(services: ConsoleServices) -> None:
    async with services.database.transaction() as session:
        session.add(ChannelAccountRow(channel="whatsapp", account="1555000", name="Shop number"))
    desk = await opened(ChannelCommands, services)
    await desk.ask("list")
    account = desk.last("list")["accounts"][0]
    for on, state in ((True, "paused"), (False, "active")):
        await desk.ask("pause", id=account["id"], on=on)
        async with services.database.transaction() as session:
            assert (await session.execute(select(ChannelAccountRow.state))).scalar_one() == state
    await desk.ask("replay", id=str(uuid4()))
    assert "no such dead letter" in desk.last("failed")["message"]
    assert [action for action, _ in await changes(services, desk)] == ["channel.resumed", "channel.paused"]


async def test_promises_are_saved_in_order_and_one_that_is_never_used_is_refused(services: ConsoleServices) -> None:
    desk = await opened(SlaCommands, services)
    vip = {
        "name": "Urgent",
        "first_response": 5,
        "next_response": 10,
        "resolution": None,
        "team": "",
        "leastPriority": 3,
        "warnPercent": 80,
    }
    rest = {**vip, "name": "Everybody", "first_response": 60, "leastPriority": 0, "businessHours": False}
    await desk.ask("save", policies=[vip, rest])
    told = desk.last("list")["policies"]
    assert [(one["name"], one["first_response"], one["businessHours"]) for one in told] == [("Urgent", 5, True), ("Everybody", 60, False)]
    await desk.ask("save", policies=[rest, vip])
    assert "never be used" in desk.last("failed")["message"]
    assert [action for action, _ in await changes(services, desk)] == ["sla.changed"]


async def test_a_macro_is_made_changed_and_removed_and_an_unknown_variable_is_named(services: ConsoleServices) -> None:
    desk = await opened(MacroCommands, services, Role.ADMIN)
    steps = [{"step": "add_label", "value": "refund"}]
    await desk.ask("save", title="Refund", bodies={"en": "We refund you.", "pt": ""}, questions=["money back", " "], actions=steps)
    macro = desk.last("list")["macros"][0]
    assert (macro["title"], macro["bodies"], macro["questions"], macro["actions"]) == (
        "Refund", {"en": "We refund you."}, ["money back"], steps,
    )  # fmt: skip
    await desk.ask("save", **{**macro, "title": "Refunds"})
    await desk.ask("save", **macro)
    assert "in the meantime" in desk.last("failed")["message"]
    await desk.ask("save", title="Odd", bodies={"en": "Hello {{nobody.knows}}"})
    assert "nobody.knows" in desk.last("failed")["message"]
    await desk.ask("save", title="Odd", bodies={"en": "Hello"}, actions=[{"step": "fly"}])
    assert "no such step" in desk.last("failed")["message"]
    await desk.ask("remove", id=macro["id"])
    assert desk.last("list")["macros"] == []
    assert [action for action, _ in await changes(services, desk)] == ["macro.removed", "macro.changed", "macro.created"]


async def test_what_became_of_suggestions_is_told_by_source_origin_and_agent(services: ConsoleServices) -> None:
    mei, _ = await log_in(services, Role.AGENT, name="Mei")
    conversation = await waiting_conversation(services)
    async with services.database.transaction() as session:
        macro = await create_macro(session, None, MacroDraft("Sorry", {"en": "We are sorry."}))
        message = (await list_messages(session, [conversation]))[0].id
        now = services.ledger.now
        kept = [
            ("knowledge", "delivery", "accepted", None, 1), ("knowledge", "delivery", "edited", 5, 1),
            ("macro", str(macro.id), "dismissed", None, 1), ("macro", str(macro.id), "shown", None, 60),
        ]  # fmt: skip
        for rank, (source, origin, state, distance, days) in enumerate(kept, 1):
            session.add(
                SuggestionRow(
                    conversation_id=conversation, message_id=message, rank=rank, source=source, text="0123456789", citations=[],
                    confidence=0.8, state=state, origin=origin, distance=distance, staff_id=mei.id, shown_at=now - timedelta(days=days),
                )
            )  # fmt: skip
    desk = await opened(SuggestionCommands, services, Role.SUPERVISOR)
    await desk.ask("list", by="source", days=30)
    shown = {one["key"]: one for one in desk.last("list")["uses"]}
    assert {key: (one["shown"], one["accepted"], one["edited"], one["dismissed"]) for key, one in shown.items()} == {
        "knowledge": (2, 1, 1, 0), "macro": (1, 0, 0, 1),
    }  # fmt: skip
    assert (shown["knowledge"]["used"], shown["knowledge"]["changed"]) == (100, 50)
    await desk.ask("list", by="origin", days=90)
    assert {(one["name"], one["shown"]) for one in desk.last("list")["uses"]} == {("delivery", 2), ("Sorry", 2)}
    await desk.ask("list", by="agent", days=90)
    assert [(one["name"], one["shown"], one["used"]) for one in desk.last("list")["uses"]] == [("Mei", 4, 50)]
    await desk.ask("list", by="nonsense", days=12345)
    assert (desk.last("list")["by"], desk.last("list")["days"]) == ("source", 30)
