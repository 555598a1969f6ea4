"""Any sentence-transformers model as an encoder: real ones of two small random layers, made in another process, as torch stays outside."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nlu.data import TrainingData
from nlu.encoders import get_encoder
from nlu.encoders.minilm import weights_folder
from nlu.encoders.sentence_transformer import SentenceTransformerEncoder
from nlu.errors import EncoderError, ModelError
from nlu.fine_tuning import fine_tune
from nlu.intent_training import Sentence
from nlu.train import Plan, train
from nlu.understander import Understander
from tests.nlu.tiny_models import SENTENCES

ROOT = Path(__file__).resolve().parents[2]
REVISION = "0123456789abcdef0123456789abcdef01234567"
pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "made"
    subprocess.run([sys.executable, "-m", "tests.nlu.tiny_models", str(folder)], cwd=ROOT, check=True, capture_output=True, timeout=200)
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("encoders")


@pytest.mark.parametrize("name", ["dense", "prompted"])
def test_the_export_gives_what_torch_gives(name: str, models: Path, cache: Path) -> None:
    encoder = get_encoder(f"st:{models / name}", cache)
    wanted = np.load(models / f"{name}.npy")
    np.testing.assert_allclose(encoder.encode(SENTENCES), wanted, atol=1e-4)
    assert float((wanted @ wanted.T - 2 * np.eye(len(wanted))).max()) < 0.9999, "the sentences are told apart"
    assert "torch" not in sys.modules


def test_a_plain_transformers_checkpoint_is_one_too(models: Path, cache: Path) -> None:
    encoder = get_encoder(f"st:{models / 'checkpoint'}", cache)
    assert encoder.encode(["", "where is my order"]).shape == (2, 32)


def test_in_integers_it_points_the_same_way(models: Path, cache: Path) -> None:
    encoder = get_encoder(f"st-int8:{models / 'dense'}", cache)
    assert encoder.version != get_encoder(f"st:{models / 'dense'}", cache).version
    assert float((encoder.encode(SENTENCES) * np.load(models / "dense.npy")).sum(axis=1).min()) > 0.99


def test_published_weights_by_their_path_give_the_built_in_encoder(encoder_cache: Path) -> None:
    texts = ["where is my order", "I want my money back"]
    by_path = get_encoder(f"st:{weights_folder()}", encoder_cache).encode(texts)
    built_in = get_encoder("minilm-l6-v2", encoder_cache).encode(texts)
    assert float((by_path * built_in).sum(axis=1).min()) > 0.995


def test_other_weights_in_the_folder_are_another_version_and_an_old_model_is_refused(
    models: Path, cache: Path, tmp_path: Path, small_data: TrainingData
) -> None:
    shutil.copytree(models / "dense", tmp_path / "model")
    name = f"st:{tmp_path / 'model'}"
    train(small_data, out=tmp_path / "nlu", encoder_cache=cache, plan=Plan((name,), (name,), None))
    assert Understander.load(tmp_path / "nlu", encoder_cache=cache).understand("where is my order").language == "en"
    before = get_encoder(name, cache).version
    shutil.copytree(models / "prompted", tmp_path / "model", dirs_exist_ok=True)
    assert get_encoder(name, cache).version != before
    with pytest.raises(ModelError, match="another version"):
        Understander.load(tmp_path / "nlu", encoder_cache=cache)


def test_the_export_serves_when_the_folder_is_gone(models: Path, cache: Path, tmp_path: Path) -> None:
    shutil.copytree(models / "dense", tmp_path / "model")
    name = f"st:{tmp_path / 'model'}"
    wanted = get_encoder(name, cache).encode(SENTENCES)
    shutil.rmtree(tmp_path / "model")
    np.testing.assert_array_equal(get_encoder(name, cache).encode(SENTENCES), wanted)
    with pytest.raises(EncoderError, match="no sentence-transformers model"):
        get_encoder(name, tmp_path / "other").encode(["x"])


def test_a_damaged_export_is_made_again(models: Path, tmp_path: Path) -> None:
    name = f"st:{models / 'dense'}"
    wanted = get_encoder(name, tmp_path).encode(SENTENCES)
    words = next(tmp_path.rglob("words.npy"))
    words.write_bytes(words.read_bytes()[:-100])
    np.testing.assert_array_equal(get_encoder(name, tmp_path).encode(SENTENCES), wanted)


def test_a_hub_model_comes_from_the_local_copy_of_its_revision(
    models: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    shutil.copytree(models / "dense", tmp_path / "hub" / "models--shop--tiny" / "snapshots" / REVISION)
    encoder = get_encoder(f"st:shop/tiny@{REVISION}", cache)
    assert encoder.version == get_encoder(f"st:{models / 'dense'}", cache).version
    np.testing.assert_allclose(encoder.encode(SENTENCES), np.load(models / "dense.npy"), atol=1e-4)


def test_without_a_network_a_hub_model_is_refused_with_what_to_do(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EncoderError, match=f"shop/other@{REVISION} cannot be fetched") as caught:
        get_encoder(f"st:shop/other@{REVISION}", cache).encode(["x"])
    assert "hf download shop/other" in (caught.value.hint or "")


@pytest.mark.parametrize("name", ["st:shop/model", "st:shop/model@", "st:nothing here", "st:a/b/c@main"])
def test_a_hub_name_without_a_revision_is_refused_at_once(name: str, cache: Path) -> None:
    with pytest.raises(EncoderError) as caught:
        get_encoder(name, cache)
    assert "name@revision" in (caught.value.hint or "")


def test_a_folder_without_a_model_is_a_clear_error(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="no sentence-transformers model"):
        get_encoder(f"st:{tmp_path}", cache).encode(["x"])
    (tmp_path / "modules.json").write_text("[", encoding="utf-8")
    with pytest.raises(EncoderError, match="cannot be read"):
        get_encoder(f"st:{tmp_path}", cache).encode(["x"])


BY_TORCH = """
import json, sys
import numpy
from pathlib import Path
from nlu.encoders import get_encoder
encoder = get_encoder("st-torch:" + sys.argv[1], None)
version, before = encoder.version, "torch" in sys.modules
vectors = encoder.encode(json.loads(sys.argv[2]))
numpy.save(sys.argv[3], vectors)
print(json.dumps({"before": before, "after": "torch" in sys.modules, "dimension": encoder.dimension, "version": version}))
"""


def test_what_cannot_be_exported_is_served_by_torch_only_when_named_so(models: Path, cache: Path, tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="cannot be exported") as caught:
        get_encoder(f"st:{models / 'words'}", cache).encode(["x"])
    assert "st-torch:" in (caught.value.hint or "")
    command = [sys.executable, "-c", BY_TORCH, str(models / "words"), json.dumps(SENTENCES[:3]), str(tmp_path / "v.npy")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=200)
    said = json.loads(done.stdout.splitlines()[-1])
    assert (said["before"], said["after"], said["dimension"]) == (False, True, 5)
    np.testing.assert_allclose(np.load(tmp_path / "v.npy"), np.load(models / "words.npy")[:3], atol=1e-5)
    assert "600 MB" in done.stdout + done.stderr


def test_tuning_starts_from_a_checkpoint_and_draws_an_intent_together(models: Path, cache: Path) -> None:
    asked = {"track": "where is my {}", "back": "return the {} please", "greet": "hello to the {}"}
    things = ("order", "parcel", "cup", "lamp", "book")
    rows = [
        Sentence(text.format(thing), label, language)
        for language in ("en", "pt")
        for label, text in enumerate(asked.values())
        for thing in things
    ]
    base = f"st:{models / 'checkpoint'}"
    tuned = fine_tune(rows, tuple(asked), base=base, cache=cache)
    texts, labels = [row.text for row in rows], np.array([row.label for row in rows])
    same = labels[:, None] == labels[None]

    def gap(vectors: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> float:
        cosine = vectors @ vectors.T
        return float(cosine[same].mean() - cosine[~same].mean())

    assert gap(tuned.encoder.encode(texts)) > 1.1 * gap(get_encoder(base, cache).encode(texts)) > 0
    assert tuned.held.vectors.shape == (len(rows), 32)
    assert float(np.abs(tuned.held.vectors).sum(axis=1).min()) > 0
    assert tuned.encoder.version.startswith(SentenceTransformerEncoder(base, cache).version)
    assert "torch" not in sys.modules
