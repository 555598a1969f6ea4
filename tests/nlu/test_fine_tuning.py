"""Fine-tuning of the English encoder."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from kit.errors import InvalidInputError
from nlu.artefact import read_artefact
from nlu.data import Example, TrainingData
from nlu.encoders import get_encoder
from nlu.encoders.minilm import TUNED, TunedMiniLM
from nlu.errors import EncoderError, ModelError
from nlu.train import Plan, train
from nlu.understander import Understander

TUNING = Plan(sentiment=None, fine_tune=True)


@pytest.fixture(scope="module")
def model(small_data: TrainingData, encoder_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tuned")
    train(small_data, out=folder / "nlu", encoder_cache=encoder_cache, plan=TUNING)
    return folder / "nlu"


@pytest.mark.model
def test_a_tuned_model_understands_and_torch_stays_outside(model: Path, encoder_cache: Path) -> None:
    understander = Understander.load(model, encoder_cache=encoder_cache)
    assert understander.understand("where's my parcel?").ranking[0][0] == "track"
    assert understander.understand("我想退貨").ranking[0][0] == "returns"
    assert "torch" not in sys.modules


@pytest.mark.model
def test_tuning_draws_the_sentences_of_an_intent_together(model: Path, encoder_cache: Path, small_data: TrainingData) -> None:
    rows = [e for e in small_data.examples if e.language == "en"]
    same = np.array([[a.intent == b.intent for a in rows] for b in rows])

    def gap(vectors: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> float:
        cosine = vectors @ vectors.T
        return float(cosine[same].mean() - cosine[~same].mean())

    network = read_artefact(model).network
    assert network is not None
    texts = [e.text for e in rows]
    assert gap(TunedMiniLM(network).encode(texts)) > gap(get_encoder("minilm-l6-v2", encoder_cache).encode(texts)) + 0.02


@pytest.mark.model
def test_two_tunings_of_the_same_data_give_the_same_bytes(
    model: Path, small_data: TrainingData, encoder_cache: Path, tmp_path: Path
) -> None:
    train(small_data, out=tmp_path / "again", encoder_cache=encoder_cache, plan=TUNING)
    for name in ("encoder.onnx", "tensors.safetensors", "model.json", "manifest.json"):
        assert (tmp_path / "again" / name).read_bytes() == (model / name).read_bytes()


@pytest.mark.model
def test_a_tuned_model_without_its_network_is_a_clear_error(model: Path, encoder_cache: Path, tmp_path: Path) -> None:
    shutil.copytree(model, tmp_path / "m")
    (tmp_path / "m" / "encoder.onnx").write_bytes(b"cut off")
    with pytest.raises(ModelError, match=r"encoder\.onnx"):
        Understander.load(tmp_path / "m", encoder_cache=encoder_cache)


def test_a_network_that_is_none_is_a_clear_error() -> None:
    with pytest.raises(EncoderError, match="cannot be opened"):
        TunedMiniLM(b"this is no network").encode(["hello"])


@pytest.mark.parametrize(
    "examples",
    [
        (Example("hello", "greet", "en"), Example("hi", "greet", "en")),
        (Example("hello", "greet", "en"), Example("bye", "leave", "en")),
        tuple(Example(text, intent, "es") for intent, text in (("a", "hola"), ("a", "buenas"), ("b", "adiós"), ("b", "hasta luego"))),
    ],
)
def test_too_little_english_is_refused_at_once(tmp_path: Path, examples: tuple[Example, ...]) -> None:
    with pytest.raises(InvalidInputError, match="two intents"):
        train(TrainingData(examples), out=tmp_path / "m", encoder_cache=tmp_path, plan=TUNING)
    assert not (tmp_path / "m").exists()


def test_other_encoders_are_not_tuned(tmp_path: Path, small_data: TrainingData) -> None:
    with pytest.raises(InvalidInputError, match="not used"):
        train(small_data, out=tmp_path / "m", encoder_cache=tmp_path, plan=Plan(("hashing",), ("hashing",), None, fine_tune=True))
    plan = Plan(("hashing",), ("hashing",), None, fine_tune=True, base="hashing")
    with pytest.raises(EncoderError, match="cannot be fine-tuned"):
        train(small_data, out=tmp_path / "m", encoder_cache=tmp_path, plan=plan)


def test_the_name_of_a_tuned_encoder_is_not_in_the_registry() -> None:
    with pytest.raises(EncoderError):
        get_encoder(TUNED)
