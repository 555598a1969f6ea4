"""Sentences of different intents that are nearly the same, and intents whose sentences lie among each other.

By edit distance always, by meaning when encoders are given. Whether two intents lie too close is asked of the sentences: each is left out
and given to the intent of its nearest neighbours (the nearest-neighbour rule, leave-one-out).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from nlu.data import Example
from nlu.encoders.port import Encoder, Vectors, normalised
from nlu.intents import OUT_OF_SCOPE_NAMES
from nlu.language import base_language, canonical
from nlu.text import holds_han
from nlu.validate_base import Finding, Severity, at, mask_entities, same_key

HINT_DISTANCE, WARN_DISTANCE = 3, 1
HINT_COSINE, WARN_COSINE = 0.8, 0.9
SHORT_HAN, SHORT_LATIN = 8, 15
NEIGHBOURS = 3
CONFUSED = 0.15
FEWEST_CONFUSED = 3
MARGIN = 0.02
AT_ONCE = 1_000
MASK = "x"
MOST_PAIRS = 300


@dataclass(frozen=True)
class ClosePair:
    """Two intents of a language that lie close. `cosine` of their centres; `confused`: the share of both intents' sentences whose nearest
    neighbours are of the other; `mutual`: each centre is the other's nearest, and sentences are hardly nearer to their own.
    """

    language: str
    first: str
    second: str
    cosine: float
    confused: float
    mutual: bool


def check_likeness(examples: Sequence[Example], encoders: Mapping[str, Encoder] | None) -> Iterator[Finding]:
    """Near-duplicates across intents and, with encoders (by language, "*" for others), intents too close."""
    pairs = lexical_pairs(examples)
    if encoders:
        for language, rows in _by_language(examples).items():
            vectors = _vectors(rows, language, encoders)
            pairs |= {pair: words for pair, words in _near_in_meaning(rows, vectors).items() if pair not in pairs}
            yield from _too_close(rows, close_pairs(rows.examples, vectors))
    ranked = sorted(pairs.items(), key=lambda one: (one[1][0] != Severity.WARNING, one[0]))
    for (i, j), (severity, how) in ranked[:MOST_PAIRS]:
        a, b = examples[i], examples[j]
        message = f"{a.text!r} ({a.intent}) and {b.text!r} ({b.intent}, {at(b)}) are nearly the same: {how}"
        remedy = "Word one of them differently, or move it, when one customer could mean both."
        yield Finding("near_duplicate_across_intents", severity, message, remedy, a.file, a.line)


Pairs = dict[tuple[int, int], tuple[Severity, str]]


def lexical_pairs(examples: Sequence[Example]) -> Pairs:
    """Pairs of different intents within HINT_DISTANCE edits after folding and masking, without the ones that are the same."""
    groups: dict[str, list[int]] = defaultdict(list)
    for i, example in enumerate(examples):
        groups[base_language(example.language)].append(i)
    found: Pairs = {}
    for members in groups.values():
        keys = [same_key(mask_entities(examples[i], MASK), examples[i].language)[1] for i in members]
        long = [n for n, k in enumerate(keys) if len(k) > (SHORT_HAN if holds_han(k) else SHORT_LATIN)]
        rows, texts = [members[n] for n in long], [keys[n] for n in long]
        labels = np.array([examples[i].intent for i in rows])
        for start in range(0, len(rows), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            distance = cdist(texts[part], texts, scorer=Levenshtein.distance, score_cutoff=HINT_DISTANCE, dtype=np.uint8)
            near = (distance <= HINT_DISTANCE) & (distance > 0) & (labels[part, None] != labels[None])
            for x, y in np.argwhere(near):
                if start + x < y:
                    edits = int(distance[x, y])
                    severity = Severity.WARNING if edits <= WARN_DISTANCE else Severity.HINT
                    found[(rows[start + x], rows[y])] = (severity, f"{edits} {'edit' if edits == 1 else 'edits'} apart")
    return found


@dataclass(frozen=True)
class _Rows:
    places: list[int]
    examples: list[Example]


def close_pairs_by_language(examples: Sequence[Example], encoders: Mapping[str, Encoder]) -> list[ClosePair]:
    """`close_pairs` of every language, one after another."""
    groups = _by_language(examples)
    return [pair for language, rows in groups.items() for pair in close_pairs(rows.examples, _vectors(rows, language, encoders))]


def _by_language(examples: Sequence[Example]) -> dict[str, _Rows]:
    found: dict[str, _Rows] = {}
    for i, example in enumerate(examples):
        rows = found.setdefault(example.language, _Rows([], []))
        rows.places.append(i)
        rows.examples.append(example)
    return dict(sorted(found.items()))


def _vectors(rows: _Rows, language: str, encoders: Mapping[str, Encoder]) -> Vectors:
    encoder = encoders.get(language) or encoders["*"]
    return encoder.encode([canonical(e.text) for e in rows.examples])


def _near_in_meaning(rows: _Rows, vectors: Vectors) -> Pairs:
    labels = np.array([e.intent for e in rows.examples])
    found: Pairs = {}
    for start in range(0, len(vectors), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        cosine = vectors[part] @ vectors.T
        for x, y in np.argwhere((cosine >= HINT_COSINE) & (labels[part, None] != labels[None])):
            a, b = rows.examples[start + x], rows.examples[y]
            if start + x < y and same_key(a.text, a.language) != same_key(b.text, b.language):
                severity = Severity.WARNING if cosine[x, y] >= WARN_COSINE else Severity.HINT
                found[(rows.places[start + x], rows.places[y])] = (severity, f"cosine {cosine[x, y]:.2f}")
    return found


def close_pairs(examples: Sequence[Example], vectors: Vectors) -> list[ClosePair]:
    """The pairs of intents that lie close, the most confused first. All are of one language; `vectors` (n, d) of length 1."""
    kept = np.array([e.intent not in OUT_OF_SCOPE_NAMES for e in examples], dtype=bool)
    names = sorted({e.intent for e in examples} - OUT_OF_SCOPE_NAMES)
    if len(names) < 2:
        return []
    place = {name: k for k, name in enumerate(names)}
    labels = np.array([place[e.intent] for e in examples if e.intent in place])
    inner = vectors[kept]
    sums = np.stack([inner[labels == k].sum(axis=0) for k in range(len(names))])
    confused = _confusions(inner, labels, len(names))
    centres = normalised(sums)
    cosine = centres @ centres.T
    np.fill_diagonal(cosine, -1.0)
    sizes = np.bincount(labels, minlength=len(names))
    crowded = _crowded(inner, labels, sums, cosine)
    found = []
    for a in range(len(names)):
        for b in range(a + 1, len(names)):
            both = int(confused[a, b] + confused[b, a])
            share = both / int(sizes[a] + sizes[b])
            if (share >= CONFUSED and both >= FEWEST_CONFUSED) or (a, b) in crowded:
                pair = ClosePair(examples[0].language, names[a], names[b], float(cosine[a, b]), share, (a, b) in crowded)
                found.append(pair)
    return sorted(found, key=lambda p: (-p.confused, -p.cosine, p.first, p.second))


def _confusions(vectors: Vectors, labels: NDArray[np.intp], classes: int) -> NDArray[np.intp]:
    """Entry (a, b): sentences of a whose nearest neighbours, itself left out, are of b: by the mean cosine of the three nearest of each."""
    table = np.zeros((classes, classes), dtype=np.intp)
    members = [np.flatnonzero(labels == k) for k in range(classes)]
    for start in range(0, len(vectors), AT_ONCE):
        cosine = vectors[start : start + AT_ONCE] @ vectors.T
        own = np.arange(len(cosine))
        cosine[own, start + own] = -1.0
        best = np.stack([_top(cosine[:, m]) for m in members], axis=1)
        np.add.at(table, (labels[start : start + AT_ONCE], best.argmax(axis=1)), 1)
    return table


def _top(cosine: Vectors) -> Vectors:
    count = min(NEIGHBOURS, cosine.shape[1])
    return np.asarray(np.partition(cosine, -count, axis=1)[:, -count:].mean(axis=1), dtype=np.float32)


def _crowded(vectors: Vectors, labels: NDArray[np.intp], sums: Vectors, cosine: Vectors) -> set[tuple[int, int]]:
    """Pairs that are each other's nearest centre, with sentences on average at most MARGIN nearer to their own (themselves left out)."""
    nearest = cosine.argmax(axis=1)
    found = set()
    for a, b in enumerate(nearest.tolist()):
        if a < b and nearest[b] == a and _margin(vectors, labels, sums, a, b) + _margin(vectors, labels, sums, b, a) <= 2 * MARGIN:
            found.add((a, b))
    return found


def _margin(vectors: Vectors, labels: NDArray[np.intp], sums: Vectors, own: int, other: int) -> float:
    rows = vectors[labels == own]
    centre = normalised(sums[[other]])[0]
    return float(((rows * normalised(sums[own] - rows)).sum(axis=1) - rows @ centre).mean())


def _too_close(rows: _Rows, pairs: Sequence[ClosePair]) -> Iterator[Finding]:
    for pair in pairs:
        first = next(e for e in rows.examples if e.intent == pair.first)
        second = next(e for e in rows.examples if e.intent == pair.second)
        enough = pair.confused >= CONFUSED
        message = (
            f"{pair.first} and {pair.second} ({at(second)}) lie close in {pair.language}: the nearest neighbours of "
            f"{pair.confused:.0%} of their sentences are of the other, cosine of the centres {pair.cosine:.2f}"
        )
        remedy = "Move sentences to where they belong, word them apart, or join the intents."
        yield Finding("intents_too_close", Severity.WARNING if enough else Severity.HINT, message, remedy, first.file, first.line)
