"""What a tag stands for, and the way between spans and tags (begin, inside, outside; Ramshaw and Marcus 1995)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.data import EntitySpan
from nlu.tagging.reading import Reading


@dataclass(frozen=True, order=True)
class Label:
    """An entity's name with its role and group ("" where it has none).

    Label k has the tags 2k+1 (begin) and 2k+2 (inside); 0 is outside.
    """

    name: str
    role: str = ""
    group: str = ""


@dataclass(frozen=True)
class Tagged:
    """Tokens from `first` to `last` (both count) are of label number `label`."""

    label: int
    first: int
    last: int


def label_of(span: EntitySpan) -> Label:
    """The label of an annotated span."""
    return Label(span.name, span.role or "", span.group or "")


def to_tags(reading: Reading, spans: Sequence[EntitySpan], labels: Sequence[Label]) -> list[int]:
    """A tag for each token: those that a span touches are in it. Of spans that overlap the longest counts; unknown labels are left out."""
    tags = [0] * len(reading.tokens)
    places = [reading.span(i, i) for i in range(len(tags))]
    for span in sorted(spans, key=lambda s: (s.start - s.end, s.start, s.name)):
        inside = [i for i, (start, end) in enumerate(places) if start < span.end and end > span.start]
        label = label_of(span)
        if label in labels and not any(tags[i] for i in inside):
            number = 2 * labels.index(label)
            for i in inside:
                tags[i] = number + (1 if i == inside[0] else 2)
    return tags


def to_spans(tags: Sequence[int]) -> list[Tagged]:
    """The spans of tags in which every "inside" follows its kind, as the tagger's decoding grants."""
    found: list[Tagged] = []
    for i, tag in enumerate(tags):
        if tag % 2:
            found.append(Tagged(tag // 2, i, i))
        elif tag:
            found[-1] = Tagged(found[-1].label, found[-1].first, i)
    return found


def may_follow(count: int) -> NDArray[np.bool_]:
    """Shape (1 + 2 count, 1 + 2 count): whether the tag of the column may follow that of the row; row 0 also stands for the beginning."""
    size = 1 + 2 * count
    allowed = np.ones((size, size), dtype=np.bool_)
    for inside in range(2, size, 2):
        allowed[:, inside] = False
        allowed[[inside - 1, inside], inside] = True
    return allowed
