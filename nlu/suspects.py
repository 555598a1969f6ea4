"""Sentences that may stand under the wrong intent, by confident learning.

Northcutt, Jiang, Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels" (JAIR 70): from probabilities that no
sentence had a part in, the threshold of a class is the mean probability that sentences labelled so give it; a sentence counts for the
most probable class among those whose threshold it reaches (the confident joint). Off-diagonal sentences are suspects. They are ranked by
the margin between the log-probabilities of the given and the other intent: with 45 intents a right label often has a low but not a
vanishing probability, and the paper's margin of plain probabilities puts such sentences among the wrong ones (figures in
docs/howto/curate-training-data.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.crossval import Judged
from nlu.data import Example
from nlu.types import OUT_OF_SCOPE

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]
FLOOR = 1e-3


@dataclass(frozen=True)
class Suspect:
    """An example whose label is doubted. `margin`: log-probability of the given intent less that of the suggested one, least first."""

    example: Example
    given: str
    suggested: str
    given_probability: float
    suggested_probability: float
    margin: float


@dataclass(frozen=True)
class Suspects:
    """`share`: that of all sentences which the confident joint holds off its diagonal, a rough estimate of the noise in the labels."""

    found: tuple[Suspect, ...]
    sentences: int
    share: float


def find_suspects(judged: Sequence[Judged], *, wide: bool = False) -> Suspects:
    """The doubted examples, the most doubtful first. Languages are looked at one by one, as their probabilities differ.

    `wide`: every sentence that another intent fits better, whether it reaches that intent's threshold or not: misses less, asks more.
    """
    found: list[Suspect] = []
    for language in sorted({one.example.language for one in judged}):
        found += _of_language([one for one in judged if one.example.language == language], wide)
    found.sort(key=lambda s: (s.margin, s.example.file, s.example.line))
    return Suspects(tuple(found), len(judged), len(found) / len(judged) if judged else 0.0)


def _of_language(judged: Sequence[Judged], wide: bool) -> list[Suspect]:
    names = sorted({one.truth for one in judged})
    labels = np.array([names.index(one.truth) for one in judged], dtype=np.intp)
    probabilities = probabilities_of(judged, names)
    suggested = best_other(probabilities, labels) if wide else off_diagonal(probabilities, labels)
    found = []
    for i in np.flatnonzero(suggested >= 0).tolist():
        given, other = float(probabilities[i, labels[i]]), float(probabilities[i, suggested[i]])
        found.append(Suspect(judged[i].example, judged[i].truth, names[suggested[i]], given, other, _margin(given, other)))
    return found


def _margin(given: float, other: float) -> float:
    return float(np.log(given + FLOOR) - np.log(other + FLOOR))


def probabilities_of(judged: Sequence[Judged], names: Sequence[str]) -> Floats:
    """Shape (sentences, names). Intents beyond the ranking count 0; "oos", where it is a class, gets what the ranked intents leave."""
    place = {name: k for k, name in enumerate(names)}
    out = np.zeros((len(judged), len(names)))
    for row, one in zip(out, judged, strict=True):
        for intent, probability in one.understanding.ranking:
            if intent in place:
                row[place[intent]] = probability
        if OUT_OF_SCOPE in place:
            row[place[OUT_OF_SCOPE]] = max(0.0, 1.0 - sum(p for _, p in one.understanding.ranking))
    return out


def off_diagonal(probabilities: Floats, labels: Labels) -> Labels:
    """For each row the class it confidently belongs to when that is not its label, else -1. Shape (rows,).

    `probabilities` (rows, classes) out of fold, `labels` (rows,).
    """
    classes = probabilities.shape[1]
    counts = np.bincount(labels, minlength=classes)
    own = np.bincount(labels, weights=probabilities[np.arange(len(labels)), labels], minlength=classes)
    thresholds = np.where(counts > 0, own / np.maximum(counts, 1), np.inf)
    reached = np.where(probabilities >= thresholds, probabilities, -1.0)
    best = reached.argmax(axis=1)
    return np.where((reached.max(axis=1) >= 0) & (best != labels), best, -1)


def best_other(probabilities: Floats, labels: Labels) -> Labels:
    """For each row the most probable class when that is not its label, else -1. Shape (rows,)."""
    best = probabilities.argmax(axis=1)
    return np.where(best != labels, best, -1)
