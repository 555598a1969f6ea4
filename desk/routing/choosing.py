"""Which person gets which waiting conversation: a pure plan over the whole queue, in its order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from context.staff.hours import is_open
from context.staff.teams import ANY_CHANNEL
from desk.routing.deciding import offered_to, place_in_queue, route, speaks
from desk.routing.types import Assignment, House, Person, Reason, Route, Rules, Waiting

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Verdict:
    """Whether a person may get a conversation, through which team, and why (not). The lowest `rank` is chosen."""

    person: Person
    fits: bool
    reason: Reason
    team: str | None = None
    rank: tuple[float, ...] = ()
    sticky_waits: bool = False


class Loads:
    """What everybody holds, while a plan is made."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._held: dict[UUID, dict[str, int]] = {p.id: defaultdict(int, p.load) for p in people}
        self._given: dict[UUID, datetime] = {p.id: p.last_given or LONG_AGO for p in people}

    def held(self, person: Person, channel: str = ANY_CHANNEL) -> int:
        """How many a person holds, of a channel or of all."""
        held = self._held[person.id]
        return sum(held.values()) if channel == ANY_CHANNEL else held[channel]

    def room(self, person: Person, channel: str, rules: Rules) -> tuple[bool, int, int]:
        """Whether there is room for one more of this channel; how many are held, and how many may be, where it is tightest."""
        limits = dict(rules.capacity) | dict(person.capacity)
        known = [(self.held(person, c), limits[c]) for c in (ANY_CHANNEL, channel) if c in limits]
        held, most = min(known, key=lambda k: k[1] - k[0], default=(0, 1))
        return held < most, held, most

    def share(self, person: Person, rules: Rules) -> float:
        """How full a person is, from 0 to 1 and beyond."""
        most = person.capacity.get(ANY_CHANNEL, rules.capacity.get(ANY_CHANNEL, 0))
        return self.held(person) / most if most else float(self.held(person))

    def given(self, person: Person) -> float:
        """When a person was last given one."""
        return self._given[person.id].timestamp()

    def give(self, person: Person, channel: str, at: datetime) -> None:
        """One more."""
        self._held[person.id][channel] += 1
        self._given[person.id] = at


def plan(queue: Sequence[Waiting], rules: Rules, house: House) -> list[Assignment]:
    """Who gets what now. The queue is worked off in its order; a conversation that nobody can take holds nobody up."""
    loads = Loads(house.people)
    online = {p.id: p for p in house.people if p.online}
    ready = list(online.values())
    found: list[Assignment] = []
    for waiting in in_order(queue, rules):
        ready = [p for p in ready if loads.room(p, ANY_CHANNEL, rules)[0]]
        if not ready:
            break
        last = online.get(waiting.facts.last_agent) if waiting.facts.last_agent else None  # who is full may still be waited for
        people = [*ready, last] if last is not None and last not in ready else ready
        assignment = choose(waiting, people, rules, house, loads=loads)
        if assignment is not None:
            loads.give(assignment.person, waiting.facts.channel, house.at)
            found.append(assignment)
    return found


def in_order(queue: Sequence[Waiting], rules: Rules) -> list[Waiting]:
    """The queue by the place of each."""
    return sorted(queue, key=lambda w: (place_in_queue(w.since, w.priority, rules), str(w.id)))


def choose(waiting: Waiting, people: Sequence[Person], rules: Rules, house: House, *, loads: Loads) -> Assignment | None:
    """The person for one conversation, or None for now."""
    found = route(waiting.facts, rules, house.teams)
    verdicts = [judge(waiting, found, person, rules, house, loads=loads) for person in people]
    if any(v.sticky_waits for v in verdicts):
        return None
    fitting = sorted((v for v in verdicts if v.fits), key=lambda v: v.rank)
    if not fitting or fitting[0].team is None:
        return None
    return Assignment(waiting.id, waiting.epoch, fitting[0].person, fitting[0].team, (*found.reasons, chosen_reason(waiting, fitting)))


def chosen_reason(waiting: Waiting, fitting: Sequence[Verdict]) -> Reason:
    """Why the first of those who fit."""
    person = fitting[0].person
    if person.id == waiting.facts.last_agent:
        return Reason("sticky", {"person": person.name})
    return Reason("only" if len(fitting) == 1 else "least_loaded", {"person": person.name, "count": len(fitting)})


def judge(waiting: Waiting, found: Route, person: Person, rules: Rules, house: House, *, loads: Loads) -> Verdict:
    """Whether a person may get a conversation now."""
    facts = waiting.facts
    refusal = _refusal(waiting, found, person, rules)
    team, closed = _through(found, person, rules, house, waited=facts.waited)
    if team is None and (refusal is None or (closed.code == "other_team" and person.online)):
        refusal = closed
    if refusal is not None:
        return Verdict(person, fits=False, reason=refusal)
    room, held, most = loads.room(person, facts.channel, rules)
    sticky = person.id == facts.last_agent and person.id != facts.let_go
    values = {"person": person.name, "load": held, "most": most}
    if not room:
        waits = sticky and most > 0 and facts.waited < rules.sticky_wait
        return Verdict(person, fits=False, reason=Reason("sticky_waits" if waits else "full", values), sticky_waits=waits)
    rank = (
        float(not sticky),
        float(team != found.team),
        round(loads.share(person, rules), 6),
        -float(_language_level(person, facts.language)),
        float(len(person.skills)),  # who can do less is asked first, so that those who can do more stay free for what only they can
        loads.given(person),
    )
    return Verdict(person, fits=True, reason=Reason("fits", values), team=team, rank=rank)


def _refusal(waiting: Waiting, found: Route, person: Person, rules: Rules) -> Reason | None:
    facts = waiting.facts
    if not person.online:
        return Reason("offline", {"person": person.name})
    if person.id == facts.let_go:
        return Reason("let_go", {"person": person.name})
    languages = frozenset(name for kind, name in person.skills if kind == "language")
    if languages and not speaks(facts.language, languages) and _asked("language", facts.waited, rules):
        return Reason("language", {"person": person.name, "language": facts.language})
    if found.product and ("product", found.product) not in person.skills and _asked("product", facts.waited, rules):
        return Reason("product", {"person": person.name, "product": found.product})
    return None


def _asked(kind: str, waited: timedelta, rules: Rules) -> bool:
    return kind not in rules.relax or waited < rules.relax[kind]


def _through(found: Route, person: Person, rules: Rules, house: House, *, waited: timedelta) -> tuple[str | None, Reason]:
    """The team through which a person may get it, or why there is none."""
    offered = offered_to(found.team, waited, rules, house.teams)
    why = Reason("other_team", {"person": person.name, "team": house.teams[offered[0]].name if offered else "-"})
    for key in offered:
        team = house.teams[key]
        if key not in person.teams:
            continue
        if not team.auto_assign:
            why = Reason("manual", {"team": team.name})
        elif not is_open(team.hours, house.at):
            why = Reason("closed", {"team": team.name})
        elif person.teams[key] < found.level and _asked("level", waited, rules):
            why = Reason("level", {"person": person.name, "level": found.level})
        else:
            return key, why
    return None, why


def _language_level(person: Person, language: str) -> int:
    levels: Mapping[tuple[str, str], int] = person.skills
    return max(levels.get(("language", language), 0), levels.get(("language", language.split("-")[0]), 0))
