"""States as bags of weighted tokens: every field of a state by its kind, so that a new field needs no change here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.project.types import LISTEN
from bot.states import State

PADDING = "(nothing)"
UNKNOWN = "?"
WORDS = "~"
"""Marks the words that a name is made of: `utter_ask_day` is like `utter_ask_number`."""
TEXT = "text"
Weighted = tuple[str, float]
_WORD = re.compile(r"\w+")


def tokens_of(state: State) -> tuple[Weighted, ...]:
    """What is known in a state: `field=value` for a name, `field:part` for each of several, a number as its token's weight."""
    return tuple(token for field in fields(state) for token in _of_field(field.name, getattr(state, field.name)))


def _of_field(name: str, value: Any) -> Iterator[Weighted]:
    if value is None or value == ():
        return
    if name == TEXT and isinstance(value, str):
        yield from ((f"{name}={word}", 1.0) for word in sorted(set(_WORD.findall(value.lower()))))
    elif isinstance(value, str):
        yield f"{name}={value}", 1.0
        yield from ((f"{name}{WORDS}={word}", 1.0) for word in sorted(set(value.lower().replace("/", "_").split("_"))) if word)
    elif isinstance(value, tuple | list):
        for part in value:
            named = isinstance(part, tuple) and len(part) == 2 and isinstance(part[1], tuple)
            yield from _of_feature(f"{name}={part[0]}", part[1]) if named else ((f"{name}={part}", 1.0),)
    else:
        yield f"{name}={value}", 1.0


def _of_feature(name: str, feature: tuple[Any, ...]) -> Iterator[Weighted]:
    yield name, 1.0
    for place, part in enumerate(feature):
        if isinstance(part, float):
            yield from ((f"{name}:{place}", part),) if part else ()
        else:
            yield f"{name}:{place}={part}", 1.0


@dataclass(frozen=True)
class Vocabulary:
    """The numbered tokens of the states learned from. Number 0 is padding; each field has a token for what was never seen in it."""

    tokens: tuple[str, ...]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """token -> number."""
        return {token: number for number, token in enumerate(self.tokens)}

    def encode(self, states: Sequence[State]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """(numbers, weights) of the states, both of shape (states, most tokens of a state)."""
        bags = [[(self._number(token), weight) for token, weight in tokens_of(state)] for state in states]
        width = max([1, *map(len, bags)])
        numbers = np.zeros((len(bags), width), dtype=np.int64)
        weights = np.zeros((len(bags), width), dtype=np.float32)
        for row, bag in enumerate(bags):
            for place, (number, weight) in enumerate(bag):
                numbers[row, place], weights[row, place] = number, weight
        return numbers, weights

    def _number(self, token: str) -> int:
        known = self.numbers.get(token)
        return known if known is not None else self.numbers[unknown_of(token)]


def unknown_of(token: str) -> str:
    """The token that stands for what was never seen in the token's field."""
    return token.partition("=")[0] + "=" + UNKNOWN


def field_of(token: str) -> str:
    """The field of a state that a token is of."""
    return token.partition("=")[0].removesuffix(WORDS)


def classes_of_actions(states: Sequence[State], classes: Sequence[str]) -> NDArray[np.int64]:
    """The number of each state's last action among `classes`; -1 for none and for listening, which is never repeated from earlier."""
    number = {action: place for place, action in enumerate(classes) if action != LISTEN}
    return np.array([number.get(state.action or "", -1) for state in states], dtype=np.int64)


def build_vocabulary(states: Iterable[State]) -> Vocabulary:
    """The tokens of `states`, sorted, behind padding and one unknown token for each field."""
    unknown = [f"{field.name}{mark}={UNKNOWN}" for field in fields(State) for mark in ("", WORDS)]
    known = {token for state in states for token, _ in tokens_of(state)} - {PADDING, *unknown}
    return Vocabulary((PADDING, *unknown, *sorted(known)))
