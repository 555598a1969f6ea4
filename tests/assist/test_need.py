"""Whether a turn needs knowledge, and the encoder that remembers a conversation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assist.need import evidence, learn_need, untrained_need
from assist.remembering import RememberingEncoder
from assist.snippets import FEATURES, MEANING, SAID
from nlu.encoders.fake import HashingEncoder
from nlu.encoders.port import Vectors


def match(meaning: float, said: float) -> NDArray[np.float64]:
    features = np.zeros((3, len(FEATURES)))
    features[0, [MEANING, SAID]] = meaning, said
    return features


def test_without_training_a_question_that_something_answers_needs_knowledge() -> None:
    assert untrained_need(evidence("Is there parking?", match(0.7, 0.5), wants=0.9)) > 0.5
    assert untrained_need(evidence("Is there parking?", match(0.2, 0.5), wants=0.9)) < 0.5
    assert untrained_need(evidence("the shower is cold", match(0.7, 0.5), wants=0.9)) > 0.5
    assert untrained_need(evidence("thank you", match(0.5, 0.5), wants=0.1)) < 0.5


def test_without_articles_only_the_turn_decides() -> None:
    nothing = np.zeros((0, len(FEATURES)))
    asking, thanking = evidence("Is there parking?", nothing, wants=0.9), evidence("thank you", nothing, wants=0.1)
    assert untrained_need(asking) > 0.5 > untrained_need(thanking)


def test_need_is_not_learned_from_one_kind_alone() -> None:
    found = [evidence("hi", match(0.1, 0.0), wants=0.1)] * 3
    assert learn_need(found, [np.ones(4, dtype=np.float32)] * 3, [False] * 3) is None
    assert learn_need([], [], []) is None


class Counting(HashingEncoder):
    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.seen.extend(texts)
        return super().encode(texts)


def test_a_text_is_encoded_once_while_it_is_remembered() -> None:
    inner = Counting()
    encoder = RememberingEncoder(inner, most=2)
    first = encoder.encode(["a", "b", "a"])
    assert np.array_equal(first, HashingEncoder().encode(["a", "b", "a"]))
    encoder.encode(["a", "b"])
    assert inner.seen == ["a", "b"]
    encoder.encode(["c"])
    encoder.encode(["a"])
    assert inner.seen == ["a", "b", "c", "a"]
    assert encoder.encode([]).shape == (0, inner.dimension)
