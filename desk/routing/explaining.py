"""A dry run: who would get this, and why. Nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desk.routing.choosing import Loads, chosen_reason, judge
from desk.routing.deciding import offered_to, route
from desk.routing.types import House, Person, Reason, Route, Rules, Waiting


@dataclass(frozen=True)
class Explanation:
    """What would become of a conversation. `person` None: it would wait. `others` holds, of everybody else, why not."""

    route: Route
    offered: tuple[str, ...]
    person: Person | None
    reasons: tuple[Reason, ...]
    others: tuple[tuple[Person, Reason], ...]


def explain(waiting: Waiting, rules: Rules, house: House) -> Explanation:
    """Who would get a conversation if it were the next in the queue."""
    found = route(waiting.facts, rules, house.teams)
    loads = Loads(house.people)
    verdicts = [judge(waiting, found, person, rules, house, loads=loads) for person in house.people]
    fitting = sorted((v for v in verdicts if v.fits), key=lambda v: v.rank)
    kept = next((v for v in verdicts if v.sticky_waits), None)
    person = fitting[0].person if fitting and kept is None else None
    offered = offered_to(found.team, waiting.facts.waited, rules, house.teams)
    if person is not None:
        reasons: Sequence[Reason] = (chosen_reason(waiting, fitting),)
    else:
        reasons = (kept.reason,) if kept else (Reason("nobody"),)
    steps = _steps(found, offered, waiting, rules, house)
    others = tuple((v.person, v.reason) for v in verdicts if v.person is not person)
    return Explanation(found, offered, person, (*found.reasons, *steps, *reasons), others)


def _steps(found: Route, offered: tuple[str, ...], waiting: Waiting, rules: Rules, house: House) -> tuple[Reason, ...]:
    if found.team is None:
        return ()
    if rules.timeout is not None and waiting.facts.waited >= rules.timeout:
        return (Reason("timeout"),)
    return tuple(Reason("overflow", {"team": house.teams[key].name}) for key in offered if key != found.team)
