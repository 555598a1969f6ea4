"""Checks of training data and edit distance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.data import EntitySpan, Example, TrainingData
from nlu.distance import within_distance
from nlu.validate import Rules, validate


def example(text: str, intent: str = "a", language: str = "en", line: int = 1) -> Example:
    return Example(text, intent, language, file="f.yml", line=line)


def checks(*examples: Example, tests: tuple[Example, ...] = (), minimum: int = 1) -> list[tuple[str, int]]:
    found = validate(TrainingData(examples), tests=TrainingData(tests), rules=Rules(minimum))
    return [(f.check, f.line) for f in found]


def test_good_data_has_no_findings() -> None:
    assert checks(example("where is the parcel"), example("do you sell ceramic bowls", "b")) == []


def test_one_sentence_under_two_intents_is_an_error() -> None:
    assert checks(example("open today?"), example("Open today", "b", line=7)) == [("duplicate_across_intents", 7)]


def test_too_few_examples_and_missing_languages_are_found() -> None:
    assert checks(example("where is the parcel"), example("onde está a caixa", "b", "pt", 5), minimum=2) == [
        ("language_missing", 1), ("too_few", 1), ("language_missing", 5), ("too_few", 5)
    ]  # fmt: skip


def test_sentences_made_from_one_template_are_an_error() -> None:
    spans = [EntitySpan("product", word, word, 17, 17 + len(word)) for word in ("teapot", "bowl")]
    made = [
        Example(f"can i bring back a {s.text}", "a", "en", (EntitySpan("product", s.text, s.text, 19, 19 + len(s.text)),), "f.yml", 3)
        for s in spans
    ]
    assert checks(*made) == [("near_duplicates", 3)]


def test_short_sentences_are_near_only_when_equal() -> None:
    assert checks(example("hi"), example("yo"), example("hey")) == []


def test_held_out_sentences_must_be_new_and_of_known_intents() -> None:
    held = (example("Where is the parcel?", line=2), example("sing a song", "music", line=3), example("weather", "oos", line=4))
    assert checks(example("where is the parcel"), tests=held) == [("held_out_in_training", 2), ("unknown_intent_in_tests", 3)]


@pytest.mark.parametrize(
    ("a", "b", "limit", "near"),
    [("kitten", "sitting", 3, True), ("kitten", "sitting", 2, False), ("", "abc", 3, True), ("abcd", "", 3, False)],
)
def test_edit_distance_is_bounded(a: str, b: str, limit: int, near: bool) -> None:
    assert within_distance(a, b, limit) is near


@given(st.text("ab", max_size=8), st.text("ab", max_size=8), st.integers(0, 4))
def test_the_bounded_distance_agrees_with_the_full_one(a: str, b: str, limit: int) -> None:
    table = [[max(i, j) if not i or not j else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i, x in enumerate(a, 1):
        for j, y in enumerate(b, 1):
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (x != y))
    assert within_distance(a, b, limit) is (table[-1][-1] <= limit)
