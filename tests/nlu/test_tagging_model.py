"""The tagger within a trained model: from Rasa YAML to what `understand` says, and what a damaged or older model does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nlu.artefact import read_artefact, write_artefact
from nlu.errors import ModelError
from nlu.evaluate import EvaluationOptions, evaluate_nlu
from nlu.rasa_yaml import read_training_data
from nlu.train import Plan, train
from nlu.understander import Understander

PLAN = Plan(english=("hashing",), others=("hashing",), sentiment=None)
CITIES = ("paris", "lisbon", "macau", "rome", "berlin", "taipa")
LINES = [
    f'- send it from [{a}]{{"entity": "city", "role": "from"}} to [{b}]{{"entity": "city", "role": "to"}}'
    for a, b in zip(CITIES, CITIES[1:] + CITIES[:1], strict=True)
]
LINES += [
    f'- to [{b}]{{"entity": "city", "role": "to"}} from [{a}](city:home) please'
    for a, b in zip(CITIES, CITIES[2:] + CITIES[:2], strict=True)
]
YAML = (
    "nlu:\n- intent: ship\n  examples: |\n    "
    + "\n    ".join(LINES)
    + "\n- intent: hours\n  examples: |\n    - when are you open\n    - opening hours\n"
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    (folder / "nlu.yml").write_text(YAML, encoding="utf-8")
    train(read_training_data([folder / "nlu.yml"]), out=folder / "out", encoder_cache=folder, plan=PLAN)
    return folder


def test_roles_of_rasa_annotations_come_out_of_understand(model: Path) -> None:
    found = Understander.load(model / "out", encoder_cache=model).understand("send it from rome to lisbon", language="en")
    assert [(e.text, e.role, e.extractor) for e in found.entities] == [("rome", "from", "tagger"), ("lisbon", "to", "tagger")]


def test_a_synonym_of_an_annotation_is_the_value(model: Path) -> None:
    found = Understander.load(model / "out", encoder_cache=model).understand("send it from rome to lisbon", language="en")
    assert found.entities[0].value == "home"


def test_several_slots_may_be_asked_for_at_once(model: Path) -> None:
    understander = Understander.load(model / "out", encoder_cache=model)
    found = understander.understand("berlin", language="en", expected=("city", "order_number"))
    assert [(e.name, e.text) for e in found.entities] == [("city", "berlin")]


def test_a_model_whose_tagger_lost_its_tensors_is_refused(model: Path, tmp_path: Path) -> None:
    stored = read_artefact(model / "out")
    fewer = {name: value for name, value in stored.tensors.items() if not name.startswith("tagger/")}
    write_artefact(tmp_path / "out", replace(stored, tensors=fewer, manifest=_unsealed(stored.manifest)))
    with pytest.raises(ModelError, match="tagger"):
        Understander.load(tmp_path / "out", encoder_cache=tmp_path)


def test_a_model_from_before_there_were_taggers_still_serves(model: Path, tmp_path: Path) -> None:
    stored = read_artefact(model / "out")
    parts = {name: value for name, value in stored.model.items() if name != "taggers"}
    write_artefact(tmp_path / "out", replace(stored, model=parts, manifest=_unsealed(stored.manifest)))
    found = Understander.load(tmp_path / "out", encoder_cache=tmp_path).understand("send it from rome to lisbon", language="en")
    assert [e for e in found.entities if e.extractor == "tagger"] == []


def test_evaluation_scores_roles_and_tells_the_spans_of_each_row(tmp_path: Path) -> None:
    rows = [
        {"text": f"from {a} to {b}", "intent": "ship", "entities": [_at(5, a, "from"), _at(9 + len(a), b, "to")]}
        for a in CITIES
        for b in CITIES
        if a != b
    ]
    rows.append({"text": "opening hours", "intent": "hours", "entities": []})
    found = evaluate_nlu(rows[::2] + rows[-1:], rows[1::2], encoder_cache=tmp_path, options=EvaluationOptions("en", plan=PLAN))
    assert (found["entity_f1"], found["entity_role_f1"]) == (1.0, 1.0)
    assert [(e["label"], e["role"]) for e in found["predictions"][0]["entities"]] == [("city", "from"), ("city", "to")]


def _at(start: int, text: str, role: str) -> dict[str, object]:
    return {"start": start, "end": start + len(text), "label": "city", "role": role}


def _unsealed(manifest: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in manifest.items() if name not in {"kind", "format", "files", "checksum"}}
