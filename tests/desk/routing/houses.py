"""An invented house for the tests of routing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from desk.routing.rules import parse_rules
from desk.routing.types import Facts, House, Person, Rules, TeamFacts, Waiting

NAMES = UUID("00000000-0000-0000-0000-0000000000aa")
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)  # a Monday
TEAMS = {key: TeamFacts(key, key.title()) for key in ("care", "returns", "tech", "night")}


def person(name: str, *teams: str, level: int = 1, most: int = 4, held: int = 0, online: bool = True, skills: str = "") -> Person:
    """Somebody; skills as "pt product:lamps"."""
    found = dict.fromkeys(
        ((kind, rest) if kind == "product" else ("language", word) for word in skills.split() for kind, _, rest in [word.partition(":")]), 2
    )
    return Person(
        uuid5(NAMES, name), name, online=online, teams=dict.fromkeys(teams, level), skills=found, capacity={"*": most}, load={"web": held}
    )


def house(*people: Person, **teams: TeamFacts) -> House:
    """The house with these people."""
    return House(TEAMS | teams, people, NOW)


def waiting(name: str, facts: Facts | None = None, *, minutes: float = 1, **changes: object) -> Waiting:
    """A conversation that has waited for some minutes."""
    waited = timedelta(minutes=minutes)
    return replace(Waiting(uuid5(NAMES, name), replace(facts or Facts(), waited=waited), NOW - waited), **changes)  # type: ignore[arg-type]


def rules(text: str) -> Rules:
    """Rules that must be well written."""
    found, problems = parse_rules(text)
    assert problems == []
    return found
