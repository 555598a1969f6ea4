"""Rules as people write them: read whole, and every mistake named with its line and what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.routing.checks import RoutingRulesError, accept_rules, check_rules
from desk.routing.rules import parse_rules
from desk.routing.types import Overflow, Priority, TeamFacts, When
from tests.desk.routing.houses import TEAMS

GOOD = """\
rules:
  - name: Portuguese returns
    when: {language: pt, intent: [return_item, exchange_item]}
    team: returns
    product: returns
    level: 2
    priority: high
  - name: Anything technical
    when:
      slot: {topic: [lamp, bulb]}
    team: tech
default: {team: care}
priority:
  - name: a VIP
    when: {vip: true}
    at_least: high
  - when: {waited: 20m}
    raise: 1
overflow:
  returns:
    - {to: care, after: 3m}
sticky: {for: 2d, wait: 30s}
relax: {language: 5m}
timeout: {after: 1h}
capacity: {all: 5, whatsapp: 3}
head_start: {high: 10m, urgent: 2h}
vip: {tier: [gold]}
"""


def test_rules_are_read_whole() -> None:
    rules, problems = check_rules(GOOD, TEAMS)
    assert problems == []
    first = rules.rules[0]
    assert (first.name, first.line, first.team, first.product, first.level, first.priority) == (
        "Portuguese returns", 2, "returns", "returns", 2, Priority.HIGH,
    )  # fmt: skip
    assert first.when == When({"language": ("pt",), "intent": ("return_item", "exchange_item")})
    assert rules.rules[1].when.named == {("slot", "topic"): ("lamp", "bulb")}
    assert rules.overflow == {"returns": (Overflow("care", timedelta(minutes=3), 21),)}
    assert (rules.sticky_for, rules.sticky_wait, rules.timeout) == (timedelta(days=2), timedelta(seconds=30), timedelta(hours=1))
    assert (rules.capacity, rules.relax, rules.vip) == ({"*": 5, "whatsapp": 3}, {"language": timedelta(minutes=5)}, {"tier": ("gold",)})
    assert [p.name for p in rules.priorities] == ["a VIP", "priority 2"]


def test_nothing_at_all_is_a_set_of_rules() -> None:
    assert check_rules("", {}) == (parse_rules("# later\n")[0], [])


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("rules: [", 1, "not YAML"),
        ("rules:\n  - {team: care}\nrules: []", 3, "written twice"),
        ("a: &x 1\nb: *x", 2, "aliases"),
        ("colour: red", 1, "'colour' is unknown"),
        ("rules: care", 1, "must be a list"),
        ("rules:\n  - {when: {vip: true}}", 2, "names no team"),
        ("rules:\n  - {team: nowhere}", 2, "there is no team 'nowhere'"),
        ("default: {team: nowhere}", 1, "there is no team 'nowhere'"),
        ("rules:\n  - team: care\n    when: {reason: bored}", 3, "'bored' is no reason"),
        ("rules:\n  - team: care\n    when: {language: []}", 3, "no value"),
        ("rules:\n  - team: care\n    when: {weather: rain}", 3, "'weather' is unknown"),
        ("rules:\n  - team: care\n    level: 4", 3, "level must be a number from 1 to 3"),
        ("rules:\n  - team: care\n    priority: soon", 3, "'soon' is no priority"),
        ("timeout: {after: soon}", 1, "after must be a time"),
        ("capacity: {all: many}", 1, "all must be a number from 0 to 200"),
        ("head_start: {high: 2h, urgent: 1h}", 1, "larger head start"),
        ("priority:\n  - {when: {vip: true}}", 2, "changes nothing"),
        ("priority:\n  - {at_least: high, at_most: low}", 2, "contradict each other"),
        ("priority:\n  - {when: {vip: true}, at_least: high}\n  - {when: {vip: true}, at_most: low}", 3, "'priority 1' on line 2"),
        ("overflow:\n  care:\n    - {to: tech}", 3, "needs a team and a time"),
        ("overflow:\n  care:\n    - {to: care, after: 1m}", 3, "circle: care -> care"),
        ("overflow:\n  care: [{to: tech, after: 1m}]\n  tech: [{to: night, after: 1m}]\n  night: [{to: care, after: 1m}]", 4, "circle"),
        ("rules:\n  - {team: care, when: {language: pt}}\n  - {team: tech, when: {language: pt}}", 3, "contradicts 'rule 1' on line 2"),
        ("rules:\n  - {team: care, when: {language: zh}}\n  - {team: tech, when: {language: zh-Hant, vip: true}}", 3, "never used"),
        ("rules:\n  - {team: care}\n  - {team: tech, when: {vip: true}}", 3, "takes all that it would take"),
        ("rules:\n  - {team: care, when: {waited: 5m}}\n  - {team: tech, when: {waited: 10m}}", 3, "never used"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_a_remedy(text: str, line: int, says: str) -> None:
    problems = check_rules(text, TEAMS)[1]
    assert [(p.line, says in p.text, p.remedy != "", p.warning) for p in problems] == [(line, True, True, False)], problems
    with pytest.raises(RoutingRulesError, match=f"line {line}"):
        accept_rules(text, TEAMS)


@pytest.mark.parametrize(
    "text",
    [
        "rules:\n  - {team: care, when: {language: pt}}\n  - {team: tech, when: {language: [pt, en]}}",
        "rules:\n  - {team: care, when: {waited: 10m}}\n  - {team: tech, when: {waited: 5m}}",
        "overflow:\n  care: [{to: tech, after: 1m}, {to: night, after: 2m}]\n  tech: [{to: night, after: 1m}]",
        "priority:\n  - {when: {vip: true}, at_least: high}\n  - {when: {alert: legal}, at_most: low}",
    ],
)
def test_rules_that_only_look_alike_are_accepted(text: str) -> None:
    accept_rules(text, TEAMS)


def test_a_team_without_members_is_a_warning_and_no_obstacle() -> None:
    teams = TEAMS | {"care": TeamFacts("care", "Care", members=0)}
    problems = check_rules("default: {team: care}", teams)[1]
    assert [(p.line, p.warning) for p in problems] == [(1, True)]
    assert accept_rules("default: {team: care}", teams).default_team == "care"


@pytest.mark.parametrize("text", ["[" * 5000, "a: " * 3, "\x00", "- 1\n- 2", "rules:\n  - 5", "when", "x" * 200_000])
def test_rubbish_is_refused_and_breaks_nothing(text: str) -> None:
    assert check_rules(text, TEAMS)[1]
