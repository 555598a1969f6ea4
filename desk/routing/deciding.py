"""Where a conversation belongs and how much it matters: a pure function of facts, rules and teams."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from desk.alerts.kinds import KINDS
from desk.routing.types import Facts, Priority, Reason, Route, Rule, Rules, TeamFacts, When

SENTIMENT: dict[str, Callable[[Facts], bool]] = {
    "negative": lambda f: f.sentiment < 0,
    "neutral": lambda f: f.sentiment == 0,
    "positive": lambda f: f.sentiment > 0,
}


def route(facts: Facts, rules: Rules, teams: Mapping[str, TeamFacts]) -> Route:
    """The team, what its person must know, and the priority, with reasons.

    A team asked for by name comes first, then the first rule that fits, then the default. A team without members passes it on.
    """
    rule = next((r for r in rules.rules if fits(r.when, facts, rules)), None)
    team, reasons = _team(facts, rule, rules, teams)
    team, passed = _to_people(team, rules, teams)
    priority, why = decide_priority(facts, rules, rule)
    asked = facts.suggested_team in teams
    return Route(
        team=team,
        priority=priority,
        product=rule.product if rule and not asked else None,
        level=rule.level if rule and not asked else 1,
        rule=rule.name if rule and not asked else None,
        reasons=(*reasons, *passed, *why),
    )


def _team(facts: Facts, rule: Rule | None, rules: Rules, teams: Mapping[str, TeamFacts]) -> tuple[str | None, tuple[Reason, ...]]:
    if facts.suggested_team is not None and facts.suggested_team in teams:
        return facts.suggested_team, (Reason("suggested", {"team": teams[facts.suggested_team].name}),)
    if rule is not None and rule.team in teams:
        return rule.team, (Reason("rule", {"rule": rule.name, "team": teams[rule.team].name}),)
    if rules.default_team is not None and rules.default_team in teams:
        return rules.default_team, (Reason("default", {"team": teams[rules.default_team].name}),)
    return None, (Reason("no_team"),)


def _to_people(team: str | None, rules: Rules, teams: Mapping[str, TeamFacts]) -> tuple[str | None, tuple[Reason, ...]]:
    """Past teams in which nobody is: to the first with members among their overflow, then the default; None: anybody."""
    if team is None or teams[team].members:
        return team, ()
    chain = [key for key, _ in overflow_of(team, rules)] + [rules.default_team]
    following = next((key for key in chain if key is not None and key in teams and teams[key].members), None)
    named = teams[following].name if following else "anybody"
    return following, (Reason("empty", {"team": teams[team].name, "next": named}),)


def overflow_of(team: str, rules: Rules) -> list[tuple[str, timedelta]]:
    """The teams that a conversation of `team` reaches by waiting, and after how long, soonest first; each team once."""
    found: dict[str, timedelta] = {}
    ways = [(step.to, step.after) for step in rules.overflow.get(team, ())]
    while ways:
        ways.sort(key=lambda way: way[1], reverse=True)
        key, after = ways.pop()
        if key == team or key in found:
            continue
        found[key] = after
        ways += [(step.to, after + step.after) for step in rules.overflow.get(key, ())]
    return list(found.items())


def fits(when: When, facts: Facts, rules: Rules) -> bool:
    """Whether all conditions hold."""
    if when.waited is not None and facts.waited < when.waited:
        return False
    return all(_holds(key, values, facts, rules) for key, values in when.values.items()) and all(
        str((facts.slots if kind == "slot" else facts.attributes).get(name, "")).lower() in {v.lower() for v in values}
        for (kind, name), values in when.named.items()
    )


def _holds(key: str, values: tuple[str, ...], facts: Facts, rules: Rules) -> bool:
    if key == "language":
        return speaks(facts.language, values)
    if key == "sentiment":
        return any((facts.angry if v == "angry" else SENTIMENT[v](facts)) for v in values if v == "angry" or v in SENTIMENT)
    if key in {"vip", "urgent"}:
        return str(is_vip(facts, rules) if key == "vip" else facts.urgent).lower() in values
    if key in {"intent", "product", "alert"}:
        have = {"intent": facts.intents, "product": facts.products, "alert": facts.alerts}[key]
        return not have.isdisjoint(values)
    return {"channel": facts.channel, "reason": facts.reason, "sla": facts.sla, "suggested_team": facts.suggested_team}[key] in values


def speaks(language: str, known: tuple[str, ...] | frozenset[str]) -> bool:
    """Whether a language is among the known ones; `zh` stands for both Chinese scripts."""
    return language in known or language.split("-")[0] in known


def is_vip(facts: Facts, rules: Rules) -> bool:
    """Whether the contact is marked `vip`, or has one of the attributes that the rules name."""
    if str(facts.attributes.get("vip", "")).lower() in {"true", "yes", "1"}:
        return True
    return any(str(facts.attributes.get(name, "")).lower() in {v.lower() for v in values} for name, values in rules.vip.items())


def decide_priority(facts: Facts, rules: Rules, rule: Rule | None = None) -> tuple[Priority, tuple[Reason, ...]]:
    """The priority: the urgency of the handoff, what the rule says, alerts, then every entry of `priority` that fits, in their order."""
    level = min(Priority.NORMAL + max(facts.urgency, 0), int(Priority.URGENT))
    why = [] if level == Priority.NORMAL else ["the handoff is urgent"]
    if rule is not None and rule.priority is not None:
        level, why = int(rule.priority), [f"the rule “{rule.name}”"]
    for kind in (k for k in KINDS if k in facts.alerts and KINDS[k].priority > level):
        level, why = int(KINDS[kind].priority), [*why, KINDS[kind].en.lower()]
    for entry in rules.priorities:
        if not fits(entry.when, facts, rules):
            continue
        changed = max(level, entry.at_least if entry.at_least is not None else level)
        changed = min(changed, entry.at_most if entry.at_most is not None else changed)
        changed = min(changed + entry.raise_by, Priority.URGENT)
        if changed != level:
            level, why = changed, [*why, entry.name]
    found = Priority(level)
    return found, (Reason("priority", {"priority": found.name.lower(), "why": ", ".join(why)}),) if why else ()


def place_in_queue(since: datetime, priority: Priority, rules: Rules) -> datetime:
    """What the queue is ordered by: when it came, less the head start of its priority."""
    return since - rules.head_start[priority]


def offered_to(team: str | None, waited: timedelta, rules: Rules, teams: Mapping[str, TeamFacts]) -> tuple[str, ...]:
    """The teams whose people may get it by now, the team's own first: overflow by time; every team where none is meant, or after all."""
    if team is None or (rules.timeout is not None and waited >= rules.timeout):
        own = (team,) if team else ()
        return (*own, *(key for key in teams if key != team))
    return (team, *(key for key, after in overflow_of(team, rules) if after <= waited and key in teams))
