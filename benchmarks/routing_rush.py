"""A simulated rush: everybody waits at once, people work them off side by side, and the pure plan says who gets what."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from desk.routing.choosing import plan
from desk.routing.deciding import route
from desk.routing.rules import parse_rules
from desk.routing.types import Assignment, Facts, House, Person, TeamFacts, Waiting

BEGIN = datetime(2026, 11, 23, 9, tzinfo=UTC)
STEP = timedelta(seconds=10)
LONGEST = timedelta(hours=12)
ROOM = 3
HANDLING = timedelta(minutes=8)  # mean, with three at once
TEAMS = {key: TeamFacts(key, key.title()) for key in ("care", "returns", "tech")}
ROUTES = """
rules:
  - {name: technical, when: {product: lamp}, team: tech, product: lamps}
  - {name: returns, when: {intent: return_item}, team: returns}
default: {team: care}
overflow:
  tech: [{to: care, after: 10m}]
  returns: [{to: care, after: 5m}]
  care: [{to: returns, after: 5m}]
relax: {product: 15m}
capacity: {all: 3}
"""
PRIORITIES = """
priority:
  - {name: a VIP, when: {vip: true}, at_least: urgent}
  - {name: anger, when: {sentiment: angry}, at_least: high}
"""


@dataclass(frozen=True)
class Rush:
    """How many wait for how many, and which throw of the dice."""

    waiting: int = 1000
    people: int = 50
    seed: int = 7


@dataclass
class _Agent:
    person: Person
    given: int = 0
    most: int = 0
    ends: list[datetime] = field(default_factory=list)


def simulate(rush: Rush, *, priorities: bool = True) -> dict[str, Any]:
    """Works a rush off; the figures of it. Priorities are those of the customers also where they do not count."""
    dice = random.Random(rush.seed)
    rules, problems = parse_rules(ROUTES + PRIORITIES)
    assert not problems
    used = rules if priorities else replace(rules, priorities=())
    queue = [_customer(dice) for _ in range(rush.waiting)]
    kinds = {w.id: route(w.facts, rules, TEAMS).priority.name.lower() for w in queue}
    agents = {a.person.id: a for a in (_Agent(_person(n, dice)) for n in range(rush.people))}
    waits: dict[UUID, float] = {}
    wrong = 0
    now = BEGIN
    while queue and now - BEGIN < LONGEST:
        for agent in agents.values():
            agent.ends = [end for end in agent.ends if end > now]
        house = House(TEAMS, tuple(replace(a.person, load={"web": len(a.ends)}) for a in agents.values()), now)
        queue = [replace(w, facts=replace(w.facts, waited=now - w.since), priority=route(w.facts, used, TEAMS).priority) for w in queue]
        by_id = {w.id: w for w in queue}
        planned = plan(queue, used, house)
        wrong += count_wrong(planned, by_id, house)
        for given in planned:
            agent = agents[given.person.id]
            agent.ends.append(now + timedelta(seconds=dice.expovariate(1 / HANDLING.total_seconds())))
            agent.given, agent.most = agent.given + 1, max(agent.most, len(agent.ends))
            waits[given.conversation_id] = (now - by_id[given.conversation_id].since).total_seconds()
        taken = {given.conversation_id for given in planned}
        queue = [w for w in queue if w.id not in taken]
        now += STEP
    return _figures(waits, kinds, list(agents.values()), wrong=wrong, left=len(queue))


def _customer(dice: random.Random) -> Waiting:
    facts = Facts(
        language=dice.choices(("en", "pt", "zh-Hant", "zh-Hans"), (50, 20, 20, 10))[0],
        intents=frozenset({"return_item"} if dice.random() < 0.25 else ()),
        products=frozenset({"lamp"} if dice.random() < 0.1 else ()),
        angry=dice.random() < 0.1,
        attributes={"vip": dice.random() < 0.05},
    )
    return Waiting(UUID(int=dice.getrandbits(128)), facts, BEGIN - timedelta(seconds=dice.uniform(0, 300)))


def _person(number: int, dice: random.Random) -> Person:
    team = ("care", "care", "care", "returns", "tech")[number % 5]
    spoken = {"en"} | {language for language in ("pt", "zh") if number % 2 == (language == "zh") or dice.random() < 0.2}
    skills = {("language", language): 2 for language in spoken} | ({("product", "lamps"): 2} if team == "tech" else {})
    return Person(UUID(int=dice.getrandbits(128)), f"P{number}", teams={team: 1}, skills=skills)


def count_wrong(planned: Sequence[Assignment], queue: dict[UUID, Waiting], house: House) -> int:
    """Assignments that break a rule of the house, said once more and plainly; each conversation once, nobody above their room."""
    given: dict[UUID, int] = {}
    wrong = len(planned) - len({a.conversation_id for a in planned})
    for assignment in planned:
        facts, person = queue[assignment.conversation_id].facts, assignment.person
        given[person.id] = given.get(person.id, 0) + 1
        minutes = facts.waited / timedelta(minutes=1)
        home = "tech" if "lamp" in facts.products else "returns" if "return_item" in facts.intents else "care"
        teams = {home} | ({"care"} if home != "care" and minutes >= {"tech": 10, "returns": 5}[home] else set())
        teams |= {"returns"} if (home == "care" and minutes >= 5) or (home == "tech" and minutes >= 15) else set()
        speaks = ("language", facts.language.split("-")[0]) in person.skills
        knows = home != "tech" or minutes >= 15 or ("product", "lamps") in person.skills
        wrong += not (teams & set(person.teams) and speaks and knows)
    load = {p.id: sum(p.load.values()) for p in house.people}
    return wrong + sum(load[person] + count > ROOM for person, count in given.items())


def _figures(waits: dict[UUID, float], kinds: dict[UUID, str], agents: Sequence[_Agent], *, wrong: int, left: int) -> dict[str, Any]:
    by_kind: dict[str, list[float]] = {}
    for conversation, seconds in waits.items():
        by_kind.setdefault(kinds[conversation], []).append(seconds / 60)
    given = [a.given for a in agents]
    by_team: dict[str, list[int]] = {}
    for a in agents:
        by_team.setdefault(next(iter(a.person.teams)), []).append(a.given)
    return {
        "assigned": len(waits),
        "left": left,
        "wrong": wrong,
        "minutes_waited": {kind: _spread(minutes) for kind, minutes in sorted(by_kind.items())},
        "given_to_each": {"least": min(given), "mean": round(statistics.fmean(given), 1), "most": max(given)},
        "given_by_team": {team: [min(each), max(each)] for team, each in sorted(by_team.items())},
        "held_at_once_most": max(a.most for a in agents),
    }


def _spread(minutes: Sequence[float]) -> dict[str, float]:
    ordered = sorted(minutes)
    at = {name: round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1) for name, share in (("median", 0.5), ("p95", 0.95))}
    return {"count": len(ordered), "mean": round(statistics.fmean(ordered), 1)} | at | {"most": round(ordered[-1], 1)}
