"""Rules that contradict each other, and stories that contradict rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.checks.finding import Finding
from bot.policies.learnt import NO_LOOP, Pair, rule_pairs, story_pairs
from bot.policies.rules import fits
from bot.project.types import LISTEN, Project
from bot.states import NOT_SET, State


def contradictions(project: Project) -> Iterator[Finding]:
    """Each step of a rule or story is played as a talk: another rule must not say something else there."""
    pairs = sorted((p for rule in project.rules for p in rule_pairs(rule, project.domain)), key=lambda p: -p.weight)
    seen: set[tuple[str, str]] = set()
    for pair in [*pairs, *story_pairs(project.stories, project.domain)]:
        if pair.states[-1].loop not in (None, NO_LOOP) and pair.action in (LISTEN, pair.states[-1].loop):
            continue  # the form itself decides
        winner = _winner(pair, pairs)
        if winner is None or winner.action == pair.action:
            continue
        key = (f"{winner.place}", f"{pair.place}")
        if key not in seen:
            seen.add(key)
            yield Finding.error(
                pair.place,
                f"{pair.flow.name!r} wants {pair.action} where rule {winner.flow.name!r} ({winner.place}) wants {winner.action}",
                remedy="Make the two agree, or tell them apart by a condition.",
            )


def _winner(pair: Pair, rules: list[Pair]) -> Pair | None:
    talk = [_as_seen(state) for state in pair.states]
    full = pair.states[-1].intent
    return next((rule for rule in rules if fits(rule, talk, full_intent=full, truncated=not pair.from_start)), None)


def _as_seen(state: State) -> State:
    """A rule's state as a talk that it fits would have it."""
    slots = tuple((name, feature) for name, feature in state.slots if feature != NOT_SET)
    loop = None if state.loop == NO_LOOP else state.loop
    intent = state.intent.split("/", 1)[0] if state.intent else None
    return replace(state, intent=intent, loop=loop, slots=slots)
