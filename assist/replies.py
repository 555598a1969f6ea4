"""What an agent does next, learned from what agents did in similar situations: the reply by its label, or to look something up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assist.reply_features import Situation, dense_rows, signs, sparse_rows, vocabulary
from assist.small_network import SmallNetwork, learn_network
from kit.errors import InvalidInputError
from knowledge.ports import Embedder
from nlu.softmax import Rows, Weights, fit, logits_of

DENSE_SCALE = 0.5
SIGNS_SCALE = 1.0
INVERSE_L2 = 5.0
_LEAST = 1e-9
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Reply:
    """A reply by its label, with its chance (0 to 1)."""

    label: str
    chance: float


@dataclass(frozen=True)
class ReplyModel:
    """A multinomial logistic regression and a small network, both on vectors and signs of the dialogue; their logits are averaged."""

    labels: tuple[str, ...]
    columns: Mapping[str, int]
    weights: Weights
    network: SmallNetwork
    encoder: Embedder

    def rank(self, turns: Situation) -> list[Reply]:
        """All known replies, the likeliest first, to follow `turns`."""
        chances = softmax(self.scores([turns]))[0]
        order = np.argsort(-chances, kind="stable")
        return [Reply(self.labels[place], float(chances[place])) for place in order]

    def scores(self, situations: Sequence[Situation]) -> Floats:
        """float32 (situations, labels): higher is likelier."""
        rows = _rows(situations, self.columns, self.encoder)
        both = np.log(softmax(logits_of(rows, self.weights)) + _LEAST) + np.log(self.network.chances(rows) + _LEAST)
        return np.asarray(both / 2, dtype=np.float32)


def learn_replies(situations: Sequence[Situation], labels: Sequence[str], encoder: Embedder) -> ReplyModel:
    """Learns which label follows which turns. Deterministic. Raises InvalidInputError without at least two different labels."""
    names = tuple(sorted(set(labels)))
    if len(names) < 2:
        raise InvalidInputError("Nothing to learn from: the agent turns do not have two different labels")
    number = {name: place for place, name in enumerate(names)}
    answers = np.array([number[label] for label in labels], dtype=np.intp)
    columns = vocabulary([signs(turns) for turns in situations])
    rows = _rows(situations, columns, encoder)
    even = np.ones(len(answers), dtype=np.float32)
    weights = fit(rows, answers, classes=len(names), sample_weights=even, inverse_l2=INVERSE_L2)
    return ReplyModel(names, columns, weights, learn_network(rows, answers), encoder)


def softmax(scores: Floats) -> Floats:
    """Chances (rows, labels) that add up to 1 in each row."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


def _rows(situations: Sequence[Situation], columns: Mapping[str, int], encoder: Embedder) -> Rows:
    dense = np.float32(DENSE_SCALE) * dense_rows(situations, encoder)
    return Rows(dense, sparse_rows([signs(turns) for turns in situations], columns, SIGNS_SCALE))
