"""How far to believe a message that comes after something else than in the stories: what always answered one question is no wish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.policies.transformer.sequences import Story
from bot.project.types import LISTEN
from bot.states import State

START = ""
Before = Mapping[str, frozenset[str]]
"""intent -> the actions after which the bot listened when it came (START: none)."""


def learn_before(talks: Iterable[Story]) -> Before:
    """What came before each intent in the talks learned from."""
    found: dict[str, set[str]] = {}
    for talk in talks:
        last = START
        for state in talk.states:
            if state.action != LISTEN:
                last = state.action or START
            elif state.intent:
                found.setdefault(state.intent, set()).add(last)
    return {intent: frozenset(actions) for intent, actions in sorted(found.items())}


def trust(states: Sequence[State], before: Before) -> float:
    """The share of a prediction that stands: 1 where the message came as in a story, n / (n + 1) where it had come after n other actions.

    Only what follows the message at once is doubted; once the bot has begun to answer it goes on.
    """
    present = states[-1]
    known = before.get(present.intent or "")
    if not known or present.action != LISTEN:
        return 1.0
    last = next((state.action or START for state in reversed(states[:-1]) if state.action != LISTEN), START)
    return 1.0 if last in known else len(known) / (len(known) + 1)
