"""The tagger as it serves: a message and what the encoders saw of it in, spans with confidences out. No torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.errors import ModelError
from nlu.tagging.features import SHAPES, character_rows, shape_rows, word_rows
from nlu.tagging.inputs import Floats, Inputs
from nlu.tagging.labels import Label, to_spans
from nlu.tagging.linear import Linear
from nlu.tagging.network import Network
from nlu.tagging.reading import Reading
from nlu.types import Entity

EXTRACTOR = "tagger"
ALL = "*"
"""The group of a tagger for all languages."""


@dataclass(frozen=True)
class Design:
    """What a tagger was trained with.

    `encoder`: whose states it reads, or None. `tables`: the entities whose lookups and patterns are hints. `asked`: whether it has
    learned what a slot just asked for means.
    """

    labels: tuple[Label, ...]
    words: Mapping[str, int]
    characters: Mapping[str, int]
    tables: tuple[str, ...] = ()
    encoder: str | None = None
    asked: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The entities it knows, sorted."""
        return tuple(sorted({label.name for label in self.labels}))

    @property
    def hints(self) -> int:
        """How many hints a token has: its shape, what was asked for, begin and inside of each table."""
        return self.free + 2 * len(self.tables)

    @property
    def free(self) -> int:
        """Hints that training never hides."""
        return SHAPES + (len(self.names) if self.asked else 0)

    def inputs(self, reading: Reading, states: Floats | None, known: Iterable[Entity], asked: Sequence[str]) -> Inputs:
        """What the network is given. `known`: what lookups and patterns found in the message."""
        words = reading.words
        hints = np.zeros((len(words), self.hints), dtype=np.float32)
        hints[:, :SHAPES] = shape_rows(words)
        if self.asked:
            hints[:, SHAPES : self.free] = [float(name in asked) for name in self.names]
        places = [reading.span(i, i) for i in range(len(words))]
        for entity in known:
            if entity.name in self.tables:
                column = self.free + 2 * self.tables.index(entity.name)
                inside = [i for i, (start, end) in enumerate(places) if start < entity.end and end > entity.start]
                hints[inside[1:], column + 1] = 1
                hints[inside[:1], column] = 1
        given = np.zeros((len(words), 0), dtype=np.float32) if states is None else states
        return Inputs(word_rows(words, self.words), character_rows(words, self.characters), hints, given)


class Tagger:
    """A trained tagger. Deterministic; safe for use by several threads at once."""

    def __init__(self, design: Design, weights: Mapping[str, Floats]) -> None:
        """Raises ModelError when the weights are not those of the design."""
        try:
            self._network: Linear | Network = Linear(weights) if "sparse" in weights else Network(weights)
            self._asked = self._network.asked_bonus
            self._network.decode(design.inputs(_PROBE, _no_states(weights), (), ()), self._bonus(design, ()))
        except (KeyError, ValueError, IndexError) as error:
            raise ModelError(f"The tagger of the model is not complete: {error}", hint="Train again with `baton train`.") from None
        self.design = design

    def tag(
        self, reading: Reading, states: Floats | None, *, known: Iterable[Entity] = (), asked: Sequence[str] = ()
    ) -> tuple[Entity, ...]:
        """The entities of a message, in order of place; `states` as `by_token` gives them when the design names an encoder.

        The confidence is the mean probability of the span's tags. `text` and `value` are the plain text of the span.
        """
        if not reading.tokens:
            return ()
        inputs = self.design.inputs(reading, states, known, asked)
        decoded = self._network.decode(inputs, self._bonus(self.design, asked))
        sure = decoded.probabilities[np.arange(len(decoded.tags)), decoded.tags]
        found = []
        for span in to_spans(decoded.tags):
            label, (start, end) = self.design.labels[span.label], reading.span(span.first, span.last)
            text = reading.plain[reading.tokens[span.first][0] : reading.tokens[span.last][1]]
            confidence = round(float(sure[span.first : span.last + 1].mean()), 4)
            found.append(Entity(label.name, text, text, start, end, confidence, EXTRACTOR, label.role or None, label.group or None))
        return tuple(found)

    def _bonus(self, design: Design, asked: Sequence[str]) -> Floats:
        bonus = np.zeros(1 + 2 * len(design.labels), dtype=np.float32)
        if not design.asked:
            for number, label in enumerate(design.labels):
                bonus[2 * number + 1 : 2 * number + 3] = self._asked * (label.name in asked)
        return bonus


_PROBE = Reading("a b", ((0, 1), (2, 3)), ((0, 1), (1, 2), (2, 3)))


def _no_states(weights: Mapping[str, Floats]) -> NDArray[np.float32] | None:
    width = len(weights["states.middle"]) if "states.middle" in weights else weights["states"].shape[1] if "states" in weights else 0
    return np.zeros((2, width), dtype=np.float32) if width else None


def pack_tagger(tagger_of: tuple[Design, Mapping[str, Floats]], prefix: str) -> tuple[dict[str, Any], dict[str, Floats]]:
    """JSON part and tensors of a trained tagger."""
    design, weights = tagger_of
    described = {
        "labels": [[label.name, label.role, label.group] for label in design.labels],
        "words": list(design.words),
        "characters": "".join(design.characters),
        "tables": list(design.tables),
        "encoder": design.encoder,
        "asked": design.asked,
    }
    return described, {f"{prefix}/{name}": value for name, value in weights.items()}


def unpack_tagger(described: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]], prefix: str) -> Tagger:
    """The tagger again. Raises ModelError when a part is missing or does not fit."""
    try:
        design = Design(
            labels=tuple(Label(*(str(part) for part in label)) for label in described["labels"]),
            words=numbered(described["words"]),
            characters=numbered(described["characters"]),
            tables=tuple(described["tables"]),
            encoder=described["encoder"],
            asked=bool(described["asked"]),
        )
    except (KeyError, TypeError) as error:
        raise ModelError(f"The tagger of the model is not complete: {error}", hint="Train again with `baton train`.") from None
    weights = {name.removeprefix(f"{prefix}/"): value for name, value in tensors.items() if name.startswith(f"{prefix}/")}
    return Tagger(design, weights)


def numbered(entries: Iterable[str]) -> dict[str, int]:
    """Entries to their rows in a table of vectors, behind padding and unknown."""
    return {entry: place for place, entry in enumerate(entries, start=2)}
