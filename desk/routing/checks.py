"""What is wrong with rules as a whole: unknown teams, overflow in a circle, rules that contradict each other or are never used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from desk.routing.rules import parse_rules
from desk.routing.types import PriorityRule, Rule, Rules, TeamFacts, When
from desk.routing.yaml_lines import Problem
from kit.errors import InvalidInputError


class RoutingRulesError(InvalidInputError):
    """These routing rules cannot be used."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(p) for p in problems))
        self.problems = tuple(problems)


def check_rules(text: str, teams: Mapping[str, TeamFacts]) -> tuple[Rules, list[Problem]]:
    """The rules, and all that is wrong with them, errors first; teams by key."""
    rules, problems = parse_rules(text)
    problems += [*_unknown_teams(rules, teams), *_circles(rules), *_never_used(rules.rules), *_contradictions(rules.priorities)]
    problems += [*_empty_teams(rules, teams)]
    return rules, sorted(set(problems), key=lambda p: (p.warning, p.line))


def accept_rules(text: str, teams: Mapping[str, TeamFacts]) -> Rules:
    """The rules, when they can be used. Raises RoutingRulesError with every problem that is no warning."""
    rules, problems = check_rules(text, teams)
    errors = [p for p in problems if not p.warning]
    if errors:
        raise RoutingRulesError(errors)
    return rules


def _named(rules: Rules) -> Iterator[tuple[str, int]]:
    yield from ((rule.team, rule.line) for rule in rules.rules if rule.team)
    if rules.default_team:
        yield rules.default_team, rules.default_line
    for team, steps in rules.overflow.items():
        yield team, steps[0].line if steps else 1
        yield from ((step.to, step.line) for step in steps)


def _unknown_teams(rules: Rules, teams: Mapping[str, TeamFacts]) -> Iterator[Problem]:
    there = f"There are: {', '.join(sorted(teams))}." if teams else "Make it first: there are no teams yet."
    for team, line in _named(rules):
        if team not in teams:
            yield Problem(line, f"there is no team {team!r}", there)


def _empty_teams(rules: Rules, teams: Mapping[str, TeamFacts]) -> Iterator[Problem]:
    for team, line in _named(rules):
        if team in teams and not teams[team].members:
            yield Problem(
                line,
                f"the team {team!r} has no members",
                "Add people to it; until then its overflow, or anyone, gets its work.",
                warning=True,
            )


def _circles(rules: Rules) -> Iterator[Problem]:
    done: set[str] = set()

    def walk(team: str, path: tuple[str, ...]) -> Iterator[Problem]:
        for step in rules.overflow.get(team, ()):
            if step.to in (*path, team):
                way = " -> ".join([*path, team, step.to])
                yield Problem(step.line, f"overflow goes in a circle: {way}", f"Take out the step to {step.to!r}.")
            elif step.to not in done:
                yield from walk(step.to, (*path, team))
        done.add(team)

    for team in rules.overflow:
        if team not in done:
            yield from walk(team, ())


def _never_used(rules: Sequence[Rule]) -> Iterator[Problem]:
    for number, rule in enumerate(rules):
        before = next((earlier for earlier in rules[:number] if covers(earlier.when, rule.when)), None)
        if before is None:
            continue
        same = covers(rule.when, before.when)
        if same and rule.team != before.team:
            text = f"{rule.name!r} contradicts {before.name!r} on line {before.line}: the same conditions, another team"
        else:
            text = f"{rule.name!r} is never used: {before.name!r} on line {before.line} takes all that it would take"
        yield Problem(rule.line, text, "Put it before that one, narrow that one down, or take one of them out.")


def _contradictions(rules: Sequence[PriorityRule]) -> Iterator[Problem]:
    for number, rule in enumerate(rules):
        for before in rules[:number]:
            both = (rule.at_least, before.at_most) if rule.at_least is not None else (before.at_least, rule.at_most)
            if both[0] is not None and both[1] is not None and both[0] > both[1] and covers(before.when, rule.when):
                text = f"{rule.name!r} contradicts {before.name!r} on line {before.line}: at least {both[0].name.lower()} and at most"
                yield Problem(rule.line, f"{text} {both[1].name.lower()}", "Let their conditions differ, or take one of them out.")


def covers(wide: When, narrow: When) -> bool:
    """Whether everything that fits `narrow` fits `wide` too."""
    if wide.waited is not None and (narrow.waited is None or narrow.waited < wide.waited):
        return False
    values = all(key in narrow.values and _within(key, narrow.values[key], found) for key, found in wide.values.items())
    return values and all(key in narrow.named and set(narrow.named[key]) <= set(found) for key, found in wide.named.items())


def _within(key: str, narrow: tuple[str, ...], wide: tuple[str, ...]) -> bool:
    return all(value in wide or (key == "language" and value.split("-")[0] in wide) for value in narrow)
