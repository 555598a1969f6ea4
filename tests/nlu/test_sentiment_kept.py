"""The sentiment heads that the project ships: they are those of its sentences, and nobody trains them again."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from nlu.encoders import Encoder, get_encoder
from nlu.encoders.cache import CachedEncoder
from nlu.sentiment_data import SENTIMENT_FOLDER, read_sentiment
from nlu.sentiment_kept import SHIPPED, ship, trained_or_kept
from nlu.train import Plan

GROUPS = (("hashing",), ("hashing",))
HASHING: dict[str, Encoder] = {"hashing": get_encoder("hashing")}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "sentiment"
    (folder / "en").mkdir(parents=True)
    (folder / "en" / "few.yml").write_text(
        "angry:\n- this is a disgrace\n- you are thieves\nneutral:\n- where is it\n- when do you open\n", "utf-8"
    )
    shutil.copytree(SENTIMENT_FOLDER / "words", folder / "words")
    return folder


class Refusing:
    """An encoder that must not be asked."""

    dimension = 4

    def __init__(self, name: str, version: str) -> None:
        self.name, self.version = name, version

    def encode(self, texts: object) -> np.ndarray:
        raise AssertionError(f"asked for {texts}")


def test_the_shipped_heads_are_those_of_the_present_sentences_and_code(tmp_path: Path) -> None:
    plan = Plan()
    encoders: dict[str, Encoder] = {name: Refusing(name, get_encoder(name, tmp_path).version) for name in plan.encoders}
    model, scores = trained_or_kept(SENTIMENT_FOLDER, encoders, groups=(plan.english, plan.others), folder=tmp_path)
    assert model is not None, "run `make sentiment`"
    assert set(model.heads) >= {"en", "pt", "*"}
    assert scores["sign_accuracy"] > 0.7
    assert list(tmp_path.iterdir()) == []


def test_only_one_file_is_shipped() -> None:
    assert len(list((SENTIMENT_FOLDER / SHIPPED).iterdir())) == 1


def test_what_is_shipped_is_not_trained_again(source: Path, tmp_path: Path) -> None:
    shipped = ship(source, HASHING, groups=GROUPS)
    refusing: dict[str, Encoder] = {"hashing": Refusing("hashing", HASHING["hashing"].version)}
    assert trained_or_kept(source, refusing, groups=GROUPS, folder=tmp_path / "kept")[0] is not None
    assert shipped.is_file()
    assert not (tmp_path / "kept").exists()


def test_a_changed_sentence_trains_anew_and_keeps_it(source: Path, tmp_path: Path) -> None:
    ship(source, HASHING, groups=GROUPS)
    with (source / "en" / "few.yml").open("a", encoding="utf-8") as file:
        file.write("- do you sell tea\n")
    first = trained_or_kept(source, HASHING, groups=GROUPS, folder=tmp_path / "kept")
    assert len(list((tmp_path / "kept").iterdir())) == 1
    refusing: dict[str, Encoder] = {"hashing": Refusing("hashing", HASHING["hashing"].version)}
    assert trained_or_kept(source, refusing, groups=GROUPS, folder=tmp_path / "kept")[1] == first[1]


def test_a_damaged_file_is_trained_anew(source: Path, tmp_path: Path) -> None:
    ship(source, HASHING, groups=GROUPS).write_bytes(b"damaged")
    assert trained_or_kept(source, HASHING, groups=GROUPS, folder=tmp_path / "kept")[0] is not None


def test_plain_requests_are_learned_as_neutral_in_every_language() -> None:
    requests = [feeling for feeling in read_sentiment(SENTIMENT_FOLDER) if feeling.text == "Any branch in Lisbon?"]
    assert [feeling.kind for feeling in requests] == ["neutral"]
    assert {file.parent.name for file in SENTIMENT_FOLDER.glob("*/requests.yml")} == {"en", "pt", "zh-Hans", "zh-Hant"}


@pytest.mark.model
def test_training_the_shipped_heads_anew_gives_almost_the_same(encoder_cache: Path) -> None:
    from nlu.sentiment_kept import _train

    plan = Plan()
    encoders: dict[str, Encoder] = {
        name: CachedEncoder(get_encoder(name, encoder_cache), encoder_cache / "embeddings.sqlite") for name in plan.encoders
    }
    groups = (plan.english, plan.others)
    shipped, scores = trained_or_kept(SENTIMENT_FOLDER, encoders, groups=groups, folder=encoder_cache / "none")
    fresh, fresh_scores = _train(SENTIMENT_FOLDER, encoders, groups)
    assert shipped is not None
    assert fresh is not None
    assert shipped.temperature == pytest.approx(fresh.temperature, rel=0.1)
    assert scores == pytest.approx(fresh_scores, abs=0.01)
