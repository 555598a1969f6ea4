"""Odd training sets, odd messages, damaged models and languages outside the four: a sensible result or a clear error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kit.errors import InvalidInputError
from nlu.artefact import Stored, read_artefact, write_artefact
from nlu.data import Example, TrainingData
from nlu.errors import ModelError
from nlu.evaluate import EvaluationOptions, evaluate_nlu, rows_to_data
from nlu.train import Plan, train
from nlu.understander import Understander

HASHING = Plan(english=("hashing",), others=("hashing",), sentiment=None)
FOREIGN = {
    "es": ("¿dónde está mi pedido?", "quiero devolver la taza", "¿dónde está el pedido?"),
    "fr": ("où est ma commande ?", "je veux rendre la tasse", "où est la commande ?"),
    "de": ("wo ist meine Bestellung?", "ich möchte die Tasse zurückgeben", "wo ist die Bestellung?"),
    "ja": ("注文はどこですか", "カップを返品したいです", "私の注文はどこですか"),
    "zh-Hans": ("我的订单在哪里", "我想退货", "订单在哪里"),
    "ar": ("أين طلبي؟", "أريد إرجاع الكوب", "أين هو طلبي؟"),
}
ODD_TEXTS = {
    "nothing": "",
    "emoji": "😀👍🏽🇲🇴",
    "digits": "123456",
    "long": "where is my order? " * 5300,
    "one long word": "x" * 100_000,
    "right to left": "\u202eאיפה ההזמנה שלי\u202c أين طلبي",
    "surrogates": "where \ud83d is \ude00 my order",
    "controls": "where\x00is\x1bmy\x7forder",
    "mixed": "訂單 order encomenda طلب заказ",
}


@pytest.fixture(scope="module")
def model(small_data: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    train(small_data, out=folder / "nlu", encoder_cache=folder, plan=HASHING)
    return folder / "nlu"


def trained(examples: list[Example], folder: Path) -> Understander:
    train(TrainingData(tuple(examples)), out=folder / "m", encoder_cache=folder, plan=HASHING)
    return Understander.load(folder / "m", encoder_cache=folder)


@pytest.mark.parametrize("language", FOREIGN)
def test_rows_of_any_language_are_learned_and_understood(tmp_path: Path, language: str) -> None:
    track, give_back, asked = FOREIGN[language]
    rows = [{"text": track, "intent": "track"}, {"text": give_back, "intent": "returns"}]
    found = evaluate_nlu(
        rows, [{"text": asked, "intent": "track"}], encoder_cache=tmp_path, options=EvaluationOptions(language, plan=HASHING)
    )
    assert found["predictions"][0]["best"] == "track"


@pytest.mark.model
@pytest.mark.parametrize("language", FOREIGN)
def test_the_real_encoder_understands_other_languages(tmp_path: Path, encoder_cache: Path, language: str) -> None:
    track, give_back, asked = FOREIGN[language]
    rows = [{"text": track, "intent": "track"}, {"text": give_back, "intent": "returns"}]
    found = evaluate_nlu(rows, [{"text": asked, "intent": "track"}], encoder_cache=encoder_cache, options=EvaluationOptions(language))
    assert found["predictions"][0]["best"] == "track"


@pytest.mark.parametrize("language", FOREIGN)
def test_entities_of_rows_are_found_in_any_language(tmp_path: Path, language: str) -> None:
    text = FOREIGN[language][1]
    word = text.split()[-1] if " " in text else text[-2:]
    entity = {"label": "thing", "start": len(text) - len(word), "end": len(text)}
    rows: list[dict[str, Any]] = [{"text": text, "intent": "a", "entities": [entity]}, {"text": FOREIGN[language][0], "intent": "b"}]
    assert evaluate_nlu(rows, rows[:1], encoder_cache=tmp_path, options=EvaluationOptions(language, plan=HASHING))["entity_f1"] == 1.0


@pytest.mark.parametrize(
    "entity", [{"start": 0, "end": 2}, {"label": "a", "start": 3, "end": 99}, {"label": "a", "start": "x", "end": 2}, "cup"]
)
def test_an_entity_without_a_place_is_refused_with_its_row(entity: Any) -> None:
    rows: list[dict[str, Any]] = [{"text": "hello", "intent": "a"}, {"text": "hello", "intent": "a", "entities": [entity]}]
    with pytest.raises(InvalidInputError, match="Row 2"):
        rows_to_data(rows, language="en", oos_train=False)


def test_one_intent_is_always_the_best(tmp_path: Path) -> None:
    found = trained([Example(text, "only", "en") for text in ("hello", "hi there", "good day")], tmp_path).understand("good day to you")
    assert found.ranking == (("only", 1.0),)


def test_one_example_is_recognised_again(tmp_path: Path) -> None:
    assert trained([Example("where is it", "only", "en")], tmp_path).understand("where is it").ranking[0][0] == "only"


def test_conflicting_labels_share_the_probability(tmp_path: Path) -> None:
    rows = [("cancel it", "cancel"), ("cancel it", "refund"), ("opening hours", "hours"), ("when do you open", "hours")]
    found = trained([Example(text, intent, "en") for text, intent in rows], tmp_path).understand("cancel it")
    likely = dict(found.ranking)
    assert likely["cancel"] == pytest.approx(likely["refund"], abs=0.25)
    assert {name for name, _ in found.ranking[:2]} == {"cancel", "refund"}


def test_five_hundred_intents_are_told_apart(tmp_path: Path) -> None:
    rows = [Example(f"{verb} item{n}", f"intent{n}", "en") for n in range(500) for verb in ("find", "show me")]
    understander = trained(rows, tmp_path)
    asked = range(0, 500, 25)
    assert sum(understander.understand(f"please show item{n}").ranking[0][0] == f"intent{n}" for n in asked) >= 15


@pytest.mark.parametrize("name", ODD_TEXTS)
def test_every_text_is_understood_somehow(model: Path, name: str) -> None:
    found = Understander.load(model, encoder_cache=model.parent).understand(ODD_TEXTS[name])
    assert 0.0 <= found.confidence <= 1.0
    assert all(0 <= e.start < e.end <= len(ODD_TEXTS[name]) for e in found.entities)
    json.dumps(found.ranking)


@pytest.mark.parametrize("name", ODD_TEXTS)
def test_every_text_can_be_learned_from(tmp_path: Path, name: str) -> None:
    found = trained([Example(ODD_TEXTS[name], "odd", "en"), Example("opening hours", "hours", "en")], tmp_path).understand("opening hours")
    assert found.ranking[0][0] == "hours"


@pytest.mark.parametrize("part", ["rarity", "latin", "near/en:hashing/vectors", "head/en/dense", "scope/en"])
def test_a_model_that_lacks_a_tensor_is_a_clear_error(model: Path, tmp_path: Path, part: str) -> None:
    stored = read_artefact(model)
    tensors: dict[str, np.ndarray[Any, Any]] = {name: tensor for name, tensor in stored.tensors.items() if name != part}
    head = {name: value for name, value in stored.manifest.items() if name not in {"files", "kind", "format"}}
    write_artefact(tmp_path / "m", Stored(head, stored.model, tensors))
    with pytest.raises(ModelError) as caught:
        Understander.load(tmp_path / "m", encoder_cache=tmp_path)
    assert "baton train" in (caught.value.hint or "")


def test_a_model_of_another_encoder_version_is_a_clear_error(model: Path, tmp_path: Path) -> None:
    stored = read_artefact(model)
    head = {name: value for name, value in stored.manifest.items() if name not in {"files", "kind", "format"}}
    write_artefact(tmp_path / "m", Stored({**head, "encoders": {"hashing": "older"}}, stored.model, stored.tensors))
    with pytest.raises(ModelError, match="another version of the encoder hashing"):
        Understander.load(tmp_path / "m", encoder_cache=tmp_path)
