"""Where a conversation belongs, and how much it matters."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.routing.deciding import offered_to, overflow_of, place_in_queue, route
from desk.routing.types import Facts, Priority, Rules, TeamFacts
from tests.desk.routing.houses import NOW, TEAMS, rules

SHOP = rules("""
rules:
  - {name: Portuguese returns, when: {language: pt, intent: return_item}, team: returns, product: returns, level: 2}
  - {name: Chinese, when: {language: zh}, team: night}
default: {team: care}
priority:
  - {name: a VIP, when: {vip: true}, at_least: high}
  - {name: anger, when: {sentiment: angry}, at_least: urgent}
  - {name: long wait, when: {waited: 20m}, raise: 1}
  - {name: a promise broken, when: {sla: breached}, at_least: urgent}
  - {name: praise, when: {sentiment: positive}, at_most: low}
overflow:
  returns: [{to: care, after: 3m}]
  care: [{to: tech, after: 5m}]
timeout: {after: 30m}
vip: {tier: gold}
""")


@pytest.mark.parametrize(
    ("facts", "team"),
    [
        (Facts(language="pt", intents=frozenset({"return_item"})), "returns"),
        (Facts(language="pt"), "care"),
        (Facts(language="zh-Hant"), "night"),
        (Facts(language="zh-Hant", suggested_team="tech"), "tech"),
        (Facts(suggested_team="gone"), "care"),
    ],
)
def test_the_first_rule_that_fits_names_the_team(facts: Facts, team: str) -> None:
    assert route(facts, SHOP, TEAMS).team == team


@pytest.mark.parametrize(
    ("facts", "priority"),
    [
        (Facts(), Priority.NORMAL),
        (Facts(urgency=1), Priority.HIGH),
        (Facts(urgency=2), Priority.URGENT),
        (Facts(attributes={"vip": True}), Priority.HIGH),
        (Facts(attributes={"tier": "Gold"}), Priority.HIGH),
        (Facts(attributes={"tier": "silver"}), Priority.NORMAL),
        (Facts(angry=True), Priority.URGENT),
        (Facts(waited=timedelta(minutes=20)), Priority.HIGH),
        (Facts(waited=timedelta(minutes=20), attributes={"vip": "yes"}), Priority.URGENT),
        (Facts(sla="breached"), Priority.URGENT),
        (Facts(sentiment=2), Priority.LOW),
    ],
)
def test_the_priority_follows_from_what_is_known(facts: Facts, priority: Priority) -> None:
    assert route(facts, SHOP, TEAMS).priority == priority


def test_without_any_rules_the_urgent_still_comes_first() -> None:
    found = route(Facts(urgency=2), Rules(), {})
    assert (found.team, found.priority) == (None, Priority.URGENT)


def test_a_team_without_members_passes_its_work_on() -> None:
    empty = TEAMS | {"returns": TeamFacts("returns", "Returns", members=0)}
    found = route(Facts(language="pt", intents=frozenset({"return_item"})), SHOP, empty)
    assert found.team == "care"
    assert "empty" in [r.code for r in found.reasons]
    nobody = {key: TeamFacts(key, key, members=0) for key in TEAMS}
    assert route(Facts(), SHOP, nobody).team is None  # anybody may take it then


def test_overflow_adds_up_and_a_timeout_opens_it_to_everybody() -> None:
    assert overflow_of("returns", SHOP) == [("care", timedelta(minutes=3)), ("tech", timedelta(minutes=8))]
    after = {m: offered_to("returns", timedelta(minutes=m), SHOP, TEAMS) for m in (0, 3, 8, 30)}
    assert after[0] == ("returns",)
    assert after[3] == ("returns", "care")
    assert after[8] == ("returns", "care", "tech")
    assert after[30] == ("returns", "care", "tech", "night")


def test_nobody_waits_for_ever_behind_the_urgent() -> None:
    old = place_in_queue(NOW - timedelta(minutes=61), Priority.NORMAL, SHOP)
    assert old < place_in_queue(NOW, Priority.URGENT, SHOP)
    assert place_in_queue(NOW, Priority.URGENT, SHOP) < place_in_queue(NOW - timedelta(minutes=59), Priority.NORMAL, SHOP)
