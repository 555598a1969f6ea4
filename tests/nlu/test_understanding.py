"""Training, loading and understanding, with the fake encoder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kit.errors import InvalidInputError
from nlu.data import Example, TrainingData
from nlu.errors import ModelError
from nlu.train import Plan, train
from nlu.understander import Understander

HASHING = Plan(english=("hashing",), others=("hashing",), sentiment=None)


@pytest.fixture(scope="module")
def model(small_data: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    train(small_data, out=folder / "nlu", encoder_cache=folder / "cache", plan=HASHING)
    return folder / "nlu"


@pytest.fixture(scope="module")
def understander(model: Path) -> Understander:
    return Understander.load(model, encoder_cache=model.parent)


@pytest.mark.parametrize(
    ("text", "intent"), [("where's my order?", "track"), ("may i return the cup", "returns"), ("想退貨", "returns"), ("想退货", "returns")]
)
def test_a_sentence_near_the_training_data_is_understood(understander: Understander, text: str, intent: str) -> None:
    assert understander.understand(text).ranking[0][0] == intent


def test_what_is_pasted_behind_a_sentence_does_not_change_what_it_means(understander: Understander) -> None:
    plain = understander.understand("may i return the cup")
    pasted = understander.understand("may i return the cup https://shop.example/p/cup?track=my-order ana@track.example")
    assert (pasted.intent, pasted.ranking) == (plain.intent, plain.ranking)
    assert [e.name for e in pasted.entities] == ["product", "url", "email"]


def test_a_whole_message_from_a_table_is_certain(understander: Understander) -> None:
    found = understander.understand("  ＯＰＥＮ ?!")
    assert (found.intent, found.confidence) == ("hours", 1.0)


def test_probabilities_fall_and_sum_to_one(understander: Understander) -> None:
    ranking = understander.understand("track my cup").ranking
    values = [p for _, p in ranking]
    assert values == sorted(values, reverse=True)
    assert sum(values) == pytest.approx(1.0, abs=1e-4)


def test_entities_come_with_the_understanding(understander: Understander) -> None:
    found = understander.understand("return the cup of lc 100234")
    assert [(e.name, e.value) for e in found.entities] == [("product", "cup"), ("order_number", "LC-100234")]


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "\x00\x01", "\ud800\udfff\ud800", "?!", "🙂 " * 3000])
def test_a_text_that_says_nothing_has_no_intent(understander: Understander, text: str) -> None:
    found = understander.understand(text, previous_language="pt")
    assert (found.intent, found.language) == (None, "pt")


@pytest.mark.parametrize("text", ["a" * 100_000, "où est مرحبا שלום" * 50, "\u202eabc", "where is my order " * 6000])
def test_strange_and_long_texts_do_no_harm(understander: Understander, text: str) -> None:
    found = understander.understand(text)
    assert 0.0 <= found.confidence <= 1.0


def test_many_texts_at_once_mean_what_each_means_alone(understander: Understander) -> None:
    texts = ["where is my parcel", "hello", "?!", "I want to send it back", "can you fly"]
    together = understander.likely_intents(texts, language="en")
    for text, said in zip(texts, together, strict=True):
        alone = understander.understand(text, language="en")
        assert (said.intent, said.best) == (alone.intent, alone.ranking[0][0])
        assert said.ranking[0][1] == pytest.approx(alone.ranking[0][1], abs=1e-4)
    assert understander.likely_intents([], language="en") == []


def test_the_same_text_gives_the_same_understanding(understander: Understander) -> None:
    first, second = understander.understand_many(["where is my parcel"] * 2, language="en")
    assert first == second


def test_two_trainings_give_the_same_bytes(small_data: TrainingData, model: Path, tmp_path: Path) -> None:
    shuffled = TrainingData(small_data.examples[::-1], lookups=small_data.lookups)
    train(shuffled, out=tmp_path / "again", encoder_cache=tmp_path, plan=HASHING)
    for name in ("tensors.safetensors", "model.json"):
        assert (tmp_path / "again" / name).read_bytes() == (model / name).read_bytes()


def test_training_replaces_an_older_model_and_leaves_nothing_behind(small_data: TrainingData, tmp_path: Path) -> None:
    for _ in range(2):
        train(small_data, out=tmp_path / "m" / "nlu", encoder_cache=tmp_path / "c", plan=HASHING)
    assert [p.name for p in (tmp_path / "m").iterdir()] == ["nlu"]


def test_a_folder_that_is_no_model_is_not_overwritten(small_data: TrainingData, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"meow")
    with pytest.raises(ModelError):
        train(small_data, out=tmp_path / "photos", encoder_cache=tmp_path / "c", plan=HASHING)
    assert (tmp_path / "photos" / "cat.jpg").read_bytes() == b"meow"


@pytest.mark.parametrize("name", ["manifest.json", "model.json", "tensors.safetensors"])
def test_a_cut_off_file_is_a_clear_error(model: Path, tmp_path: Path, name: str) -> None:
    for file in model.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / name).write_bytes((model / name).read_bytes()[:-20])
    with pytest.raises(ModelError) as caught:
        Understander.load(tmp_path, encoder_cache=tmp_path)
    assert caught.value.hint


def test_a_missing_foreign_or_newer_model_is_a_clear_error(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model"):
        Understander.load(tmp_path / "nowhere", encoder_cache=tmp_path)
    (tmp_path / "manifest.json").write_text('{"name": "other"}')
    with pytest.raises(ModelError, match="not a model"):
        Understander.load(tmp_path, encoder_cache=tmp_path)
    manifest = json.loads((model / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps({**manifest, "format": 99}))
    with pytest.raises(ModelError, match="format 99"):
        Understander.load(tmp_path, encoder_cache=tmp_path)


@pytest.mark.parametrize(
    "examples",
    [
        (Example("only one", "a", "en"),),
        (Example("one", "a", "en"), Example("two", "a", "en")),
        (Example("same", "a", "en"), Example("same", "b", "en")),
        (Example("hi", "a", "pt"), Example("退貨", "b", "zh-Hant")),
        (Example("weather", "out_of_scope", "en"), Example("hi", "a", "en")),
    ],
)
def test_tiny_and_conflicting_data_can_be_trained(tmp_path: Path, examples: tuple[Example, ...]) -> None:
    train(TrainingData(examples), out=tmp_path / "m", encoder_cache=tmp_path, plan=HASHING)
    found = Understander.load(tmp_path / "m", encoder_cache=tmp_path).understand("hi there")
    assert 0.0 <= found.confidence <= 1.0


@pytest.mark.parametrize("examples", [(), (Example("weather", "out_of_scope", "en"),)])
def test_data_without_an_intent_is_refused(tmp_path: Path, examples: tuple[Example, ...]) -> None:
    with pytest.raises(InvalidInputError):
        train(TrainingData(examples), out=tmp_path / "m", encoder_cache=tmp_path, plan=HASHING)
    assert not (tmp_path / "m").exists()


def test_the_class_out_of_scope_never_becomes_an_intent(tmp_path: Path, small_data: TrainingData) -> None:
    strange = tuple(Example(t, "out_of_scope", "en") for t in ("who won the match", "weather in paris", "tell a joke", "capital of peru"))
    train(TrainingData(small_data.examples + strange), out=tmp_path / "m", encoder_cache=tmp_path, plan=HASHING)
    found = Understander.load(tmp_path / "m", encoder_cache=tmp_path).understand("who won the match")
    assert found.intent is None
    assert "out_of_scope" not in dict(found.ranking)
