"""The next reply of an agent, learned from what agents replied in similar situations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assist.reply_features import Situation, dense_rows, signs, sparse_rows, vocabulary
from kit.errors import InvalidInputError
from nlu.encoders.port import Encoder, Vectors
from nlu.intents import votes
from nlu.softmax import Rows, Weights, fit, logits_of

SIGNS_SCALE = 1.0
INVERSE_L2 = 20.0
VOTE = 0.15
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Reply:
    """A reply by its label, with its chance (0 to 1)."""

    label: str
    chance: float


@dataclass(frozen=True)
class ReplyModel:
    """A multinomial logistic regression on vectors and signs of the dialogue, with votes of the nearest known situations beside it."""

    labels: tuple[str, ...]
    columns: Mapping[str, int]
    weights: Weights
    vectors: Vectors
    answers: NDArray[np.int32]
    encoder: Encoder

    def rank(self, turns: Situation) -> list[Reply]:
        """All known replies, the likeliest first, to follow `turns`."""
        chances = softmax(self.scores([turns]))[0]
        order = np.argsort(-chances, kind="stable")
        return [Reply(self.labels[place], float(chances[place])) for place in order]

    def scores(self, situations: Sequence[Situation]) -> Floats:
        """float32 (situations, labels): higher is likelier."""
        rows = _rows(situations, self.columns, self.encoder)
        near = votes(rows.dense @ self.vectors.T / np.float32(3), self.answers, len(self.labels))
        return logits_of(rows, self.weights) + np.float32(VOTE) * near


def learn_replies(situations: Sequence[Situation], labels: Sequence[str], encoder: Encoder) -> ReplyModel:
    """Learns which label follows which turns. Deterministic. Raises InvalidInputError without at least two different labels."""
    names = tuple(sorted(set(labels)))
    if len(names) < 2:
        raise InvalidInputError("Nothing to learn from: the agent turns do not have two different labels")
    number = {name: place for place, name in enumerate(names)}
    answers = np.array([number[label] for label in labels])
    columns = vocabulary([signs(turns) for turns in situations])
    rows = _rows(situations, columns, encoder)
    even = np.ones(len(answers), dtype=np.float32)
    weights = fit(rows, answers.astype(np.intp), classes=len(names), sample_weights=even, inverse_l2=INVERSE_L2)
    return ReplyModel(names, columns, weights, rows.dense, answers.astype(np.int32), encoder)


def softmax(scores: Floats) -> Floats:
    """Chances (rows, labels) that add up to 1 in each row."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


def _rows(situations: Sequence[Situation], columns: Mapping[str, int], encoder: Encoder) -> Rows:
    return Rows(dense_rows(situations, encoder), sparse_rows([signs(turns) for turns in situations], columns, SIGNS_SCALE))
