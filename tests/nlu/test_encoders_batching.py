"""Requests of several threads in one batch."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from nlu.encoders import get_encoder
from nlu.encoders.batching import MOST_TEXTS, BatchingEncoder
from nlu.encoders.fake import HashingEncoder
from nlu.encoders.port import Vectors


class Gated(HashingEncoder):
    """Remembers its batches; each begins only when the gate is open. Fails on the text "bad"."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[str]] = []
        self.gate, self.begun = threading.Event(), threading.Event()

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.batches.append(list(texts))
        self.begun.set()
        assert self.gate.wait(20)
        if "bad" in texts:
            raise ValueError("bad")
        return super().encode(texts)


def gathered(inner: Gated, encoder: BatchingEncoder, asked: Sequence[Sequence[str]]) -> list[Vectors | Exception]:
    """What each call of `asked` gets: the first runs, the others come while it does."""
    found: list[Vectors | Exception] = [ValueError("nothing")] * len(asked)

    def ask(place: int) -> None:
        try:
            found[place] = encoder.encode(asked[place])
        except ValueError as error:
            found[place] = error

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(len(asked))]
    threads[0].start()
    assert inner.begun.wait(20)
    for number, thread in enumerate(threads[1:], start=1):
        thread.start()
        while len(encoder._waiting) < number:
            threading.Event().wait(0.001)
    inner.gate.set()
    for thread in threads:
        thread.join(20)
    return found


def test_texts_that_come_while_a_batch_runs_go_together() -> None:
    inner = Gated()
    asked = [["first"], ["a", "b"], ["c"], ["d"]]
    found = gathered(inner, BatchingEncoder(inner), asked)
    assert inner.batches == [["first"], ["a", "b", "c", "d"]]
    for texts, vectors in zip(asked, found, strict=True):
        np.testing.assert_array_equal(vectors, HashingEncoder().encode(texts))


def test_a_batch_has_its_limit_unless_one_call_is_larger() -> None:
    inner = Gated()
    asked = [["first"], [str(n) for n in range(MOST_TEXTS + 6)], ["a"] * (MOST_TEXTS - 1), ["b"], ["c"]]
    found = gathered(inner, BatchingEncoder(inner), asked)
    assert [len(batch) for batch in inner.batches] == [1, MOST_TEXTS + 6, MOST_TEXTS, 1]
    assert [len(vectors) for vectors in found if isinstance(vectors, np.ndarray)] == [len(texts) for texts in asked]


def test_an_error_reaches_those_in_the_batch_and_the_next_goes_on() -> None:
    inner = Gated()
    encoder = BatchingEncoder(inner)
    found = gathered(inner, encoder, [["first"], ["bad"], ["c"]])
    assert [isinstance(one, ValueError) for one in found] == [False, True, True]
    assert encoder.encode(["d"]).shape == (1, 128)


def test_who_is_alone_runs_at_once_in_the_own_thread() -> None:
    inner = Gated()
    inner.gate.set()
    encoder = BatchingEncoder(inner)
    encoder.encode(["a"])
    encoder.encode(["b"])
    assert inner.batches == [["a"], ["b"]]
    assert encoder.encode([]).shape == (0, 128)


def test_many_threads_get_their_own_vectors() -> None:
    encoder = BatchingEncoder(HashingEncoder(), at_once=2)
    texts = [f"sentence {number}" for number in range(400)]
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(lambda text: encoder.encode([text])[0], texts))
    np.testing.assert_array_equal(np.stack(found), HashingEncoder().encode(texts))


@pytest.mark.model
@pytest.mark.parametrize(("name", "tolerance"), [("minilm-l6-v2", 0.0), ("use-multilingual", 1e-6)])
def test_the_real_encoders_give_under_load_what_they_give_alone(name: str, tolerance: float, encoder_cache: Path) -> None:
    inner = get_encoder(name, encoder_cache)
    texts = [f"where is my order {'please ' * (number % 5)}{number}" for number in range(40)]
    alone = np.stack([inner.encode([text])[0] for text in texts])
    encoder = BatchingEncoder(inner)
    with ThreadPoolExecutor(8) as threads:
        found = np.stack(list(threads.map(lambda text: encoder.encode([text])[0], texts)))
    np.testing.assert_allclose(found, alone, rtol=0, atol=tolerance)
