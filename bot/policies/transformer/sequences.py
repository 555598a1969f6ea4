"""Stories as sequences of states with the action at each moment, and random concatenations of them (Rasa's data augmentation)."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.policies.learnt import Pair
from bot.states import State

ROUNDS = 3
MOST_AT_A_SEAM = 10
LONGEST = 32
"""States that a sequence keeps: attention is quadratic, and what was said longer ago has never decided anything."""


@dataclass(frozen=True)
class Story:
    """One way through the stories: at each moment the state and the action that comes next (None: nothing is to be learned there)."""

    states: tuple[State, ...]
    actions: tuple[str | None, ...]

    def __len__(self) -> int:
        return len(self.states)


def sequences_of(pairs: Iterable[Pair]) -> list[Story]:
    """The pairs of `story_pairs` put together again: one sequence for each way through each story."""
    found: list[tuple[Pair, dict[int, str]]] = []
    for pair in pairs:
        last = found[-1][0] if found else None
        if last and last.flow is pair.flow and len(pair.states) > len(last.states) and pair.states[: len(last.states)] == last.states:
            known = found.pop()[1]
        else:
            known = {}
        found.append((pair, {**known, len(pair.states) - 1: pair.action}))
    return [Story(pair.states, tuple(known.get(i) for i in range(len(pair.states)))) for pair, known in found]


def joined(first: Story, then: Story) -> Story:
    """`then` told after `first`: it begins as the bot listens, and what `first` left behind (slots, form) stays until `then` changes it."""
    left, fresh = first.states[-1], then.states[0]
    states = list(first.states)
    touched: set[str] = set()
    loop_changed = False
    for state in then.states[1:]:
        own, before = dict(state.slots), dict(fresh.slots)
        touched |= {name for name in own.keys() | before.keys() if own.get(name) != before.get(name)}
        loop_changed = loop_changed or state.loop != fresh.loop
        slots = {name: value for name, value in left.slots if name not in touched}
        slots |= {name: value for name, value in own.items() if name in touched}
        states.append(replace(state, loop=state.loop if loop_changed else left.loop, slots=tuple(sorted(slots.items()))))
    return Story(tuple(states), (*first.actions, *then.actions[1:]))


def augmented(stories: Sequence[Story], *, factor: int, seed: int) -> list[Story]:
    """Up to `factor` * 10 concatenations of two to four stories, drawn in rounds as Rasa's generator does; none are twice there."""
    draw = random.Random(seed)  # noqa: S311
    most = factor * MOST_AT_A_SEAM
    ended, found = list(stories), dict[Story, None]()
    for _ in range(ROUNDS):
        starts = draw.sample(ended, min(factor, len(ended)))
        ways = len(starts) * len(stories)
        pairs = [(starts[way // len(stories)], stories[way % len(stories)]) for way in draw.sample(range(ways), min(most, ways))]
        made = [joined(first, then) for first, then in pairs if len(first) + len(then) <= 2 * LONGEST]
        found |= dict.fromkeys(made)
        ended += made
    several = list(found)
    draw.shuffle(several)
    return several[:most]
