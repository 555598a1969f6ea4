"""The contract of the encoder port, the cache in front of it, and the real encoders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nlu.encoders import ENCODERS, Encoder, get_encoder
from nlu.encoders.cache import CachedEncoder
from nlu.encoders.fake import HashingEncoder
from nlu.encoders.minilm import export_is_sound
from nlu.encoders.port import Vectors
from nlu.errors import EncoderError


class Counting(HashingEncoder):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return super().encode(texts)


@pytest.mark.model
@pytest.mark.parametrize("name", sorted(ENCODERS))
def test_every_encoder_keeps_the_contract(name: str, encoder_cache: Path) -> None:
    encoder: Encoder = get_encoder(name, encoder_cache)
    texts = ["where is my order", "退貨", "", "x" * 5000, "olá \ud800"]
    vectors = encoder.encode(texts)
    assert vectors.shape == (5, encoder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)
    np.testing.assert_allclose(encoder.encode([texts[1]])[0], vectors[1], atol=1e-4)
    assert encoder.encode([]).shape == (0, encoder.dimension)


@pytest.mark.model
def test_a_damaged_export_is_made_again(encoder_cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "minilm-l6-v2"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"cut off")
    assert not export_is_sound(folder)
    wanted = get_encoder("minilm-l6-v2", encoder_cache).encode(["hello"])
    np.testing.assert_allclose(get_encoder("minilm-l6-v2", tmp_path).encode(["hello"]), wanted, atol=1e-5)
    assert export_is_sound(folder)


def test_an_unknown_encoder_is_refused_with_the_known_names() -> None:
    with pytest.raises(EncoderError) as caught:
        get_encoder("nothing")
    assert "hashing" in (caught.value.hint or "")


def test_the_cache_encodes_a_text_once_and_gives_the_same_vector(tmp_path: Path) -> None:
    inner = Counting()
    first = CachedEncoder(inner, tmp_path / "e.sqlite").encode(["a text", "another", "a text"])
    second = CachedEncoder(inner, tmp_path / "e.sqlite").encode(["a text", "another", "a text"])
    assert inner.asked == ["a text", "another"]
    np.testing.assert_array_equal(first, second)


def test_a_damaged_cache_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    path.write_bytes(b"this is no database, " * 100)
    np.testing.assert_array_equal(CachedEncoder(Counting(), path).encode(["x"]), HashingEncoder().encode(["x"]))
