"""Sentences that are nearly the same under different intents, and intents that lie close."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlu.crossval import cached_encoders
from nlu.data import EntitySpan, Example
from nlu.encoders.fake import HashingEncoder
from nlu.encoders.port import Vectors, normalised
from nlu.train import Plan
from nlu.validate_base import Severity
from nlu.validate_likeness import check_likeness, close_pairs


def example(text: str, intent: str, language: str = "en", line: int = 1) -> Example:
    return Example(text, intent, language, file="f.yml", line=line)


def found(*examples: Example, meaning: bool = False) -> list[tuple[str, Severity, int]]:
    encoders = {"*": HashingEncoder()} if meaning else None
    return [(f.check, f.severity, f.line) for f in check_likeness(examples, encoders)]


def test_one_edit_across_intents_is_a_warning_and_three_are_a_hint() -> None:
    rows = [
        example("my parcel is late", "late"),
        example("my parcel is lost", "lost", line=2),
        example("my parcel is later", "lost", line=3),
    ]
    assert sorted(found(*rows)) == sorted(
        [("near_duplicate_across_intents", Severity.HINT, 1), ("near_duplicate_across_intents", Severity.WARNING, 1)]
    )


def test_near_sentences_of_one_intent_or_of_two_languages_are_none_of_its_business() -> None:
    assert found(example("my parcel is late", "late"), example("my parcel is later", "late", line=2)) == []
    assert found(example("my parcel is late", "late"), example("my parcel is later", "other", "pt", 2)) == []


def test_short_sentences_are_compared_by_meaning_only() -> None:
    assert found(example("no", "deny"), example("yo", "greet", line=2)) == []


def test_the_name_of_an_entity_does_not_make_two_short_sentences_alike() -> None:
    spans = [(EntitySpan("product", word, word, 0, 2),) for word in ("圍裙", "白茶")]
    rows = [Example("圍裙可以漂白", "care", "zh-Hant", spans[0]), Example("白茶可以煲", "brewing", "zh-Hant", spans[1])]
    assert found(*rows) == []


def test_the_two_scripts_of_chinese_are_compared_with_each_other() -> None:
    rows = [example("我的訂單現在到哪裡了呢", "track", "zh-Hant"), example("我的订单现在到哪里了吗", "late", "zh-Hans", 2)]
    assert found(*rows) == [("near_duplicate_across_intents", Severity.WARNING, 1)]


def test_like_vectors_across_intents_are_found_once_with_the_other_place() -> None:
    rows = [
        example("the parcel, where is it now", "a"),
        example("where is it now, the parcel", "b", line=2),
        example("opening hours", "b", line=3),
    ]
    said = [f for f in check_likeness(rows, {"*": HashingEncoder()}) if f.check == "near_duplicate_across_intents"]
    assert [(f.severity, f.line) for f in said] == [(Severity.WARNING, 1)]
    assert "f.yml:2" in said[0].message


def clouds(distance: float, count: int = 20) -> tuple[list[Example], Vectors]:
    """Three intents: b lies at `distance` from a, c far away."""
    random = np.random.default_rng(5)
    centres = np.zeros((3, 16))
    centres[0, 0] = centres[1, 0] = centres[2, 9] = 1.0
    centres[1, 1] = distance
    rows = [example(f"s{k}", name) for name in "abc" for k in range(count)]
    vectors = np.concatenate([c + 0.1 * random.standard_normal((count, 16)) for c in centres])
    return rows, normalised(vectors)


def test_intents_whose_sentences_lie_among_each_other_are_close() -> None:
    pairs = close_pairs(*clouds(0.0))
    assert [(p.first, p.second) for p in pairs] == [("a", "b")]
    assert pairs[0].confused > 0.3
    assert pairs[0].mutual


def test_intents_that_are_well_apart_are_not_close() -> None:
    assert close_pairs(*clouds(2.0)) == []


def test_out_of_scope_is_not_an_intent_that_could_be_close() -> None:
    rows, vectors = clouds(0.0)
    renamed = [example(e.text, "out_of_scope" if e.intent == "a" else e.intent) for e in rows]
    assert close_pairs(renamed, vectors) == []


@pytest.mark.model
def test_the_real_encoders_find_what_shares_its_meaning_but_not_its_letters(encoder_cache: Path) -> None:
    rows = [
        example("cancel my order please", "cancel"), example("i want to cancel my order", "track", line=2),
        example("do you sell teapots", "stock", line=3), example("onde está a minha encomenda agora", "track", "pt", 4),
        example("agora onde está minha encomenda", "late", "pt", 5), example("vendem bules", "stock", "pt", 6),
    ]  # fmt: skip
    said = [f for f in check_likeness(rows, cached_encoders(Plan(), encoder_cache)) if f.check == "near_duplicate_across_intents"]
    assert [f.line for f in said] == [1, 4]
