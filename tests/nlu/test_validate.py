"""Checks of training data and edit distance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.data import EntitySpan, Example, Lookup, TrainingData
from nlu.distance import within_distance
from nlu.validate import Rules, Severity, validate


def example(text: str, intent: str = "a", language: str = "en", line: int = 1) -> Example:
    return Example(text, intent, language, file="f.yml", line=line)


OTHER = example("completely different words about nothing", "other", line=99)


def checks(
    *examples: Example, tests: tuple[Example, ...] = (), minimum: int = 1, lookups: tuple[Lookup, ...] = ()
) -> list[tuple[str, int]]:
    found = validate(TrainingData(examples, lookups=lookups), tests=TrainingData(tests), rules=Rules(minimum))
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
    assert checks(*made, OTHER) == [("near_duplicates", 3)]


def test_short_sentences_are_near_only_when_equal() -> None:
    assert checks(example("hi"), example("yo"), example("hey"), OTHER) == []


def test_held_out_sentences_must_be_new_and_of_known_intents() -> None:
    held = (example("Where is the parcel?", line=2), example("sing a song", "music", line=3), example("weather", "oos", line=4))
    assert checks(example("where is the parcel"), OTHER, tests=held) == [("held_out_in_training", 2), ("unknown_intent_in_tests", 3)]


def test_a_held_out_sentence_that_is_trained_on_in_the_other_script_is_a_warning() -> None:
    held = TrainingData((example("附近有停車場嗎", language="zh-Hant", line=4),))
    data = TrainingData((example("附近有停车场吗", language="zh-Hans"), example("几点开门", "b", "zh-Hans")))
    found = [f for f in validate(data, tests=held, rules=Rules(1)) if f.check == "held_out_in_training"]
    assert [(f.severity, f.line) for f in found] == [(Severity.WARNING, 4)]


@pytest.mark.parametrize(
    ("first", "second", "language"),
    [
        ("Where's my ORDER?!", "wheres my order", "en"),
        ("ＡＢＣ order", "abc order", "en"),
        ("我的訂單在哪裡", "我的订单在哪里", "zh-Hans"),
    ],
)
def test_case_width_punctuation_and_script_do_not_hide_a_duplicate(first: str, second: str, language: str) -> None:
    other = "zh-Hant" if language == "zh-Hans" else language
    found = checks(example(first, "a", other), example(second, "b", language, 7))
    assert ("duplicate_across_intents", 7) in found


def test_the_same_words_in_two_languages_are_no_duplicate() -> None:
    assert checks(example("ok", "a", "en"), example("ok", "b", "en", 2), example("ok", "a", "pt"), example("sim", "b", "pt")) == [
        ("duplicate_across_intents", 2)
    ]


def test_a_sentence_that_a_whole_message_table_gives_to_another_intent_is_an_error() -> None:
    table = Lookup("thank", ("Cheers!",), "en", "f.yml", 20)
    assert checks(example("cheers", "goodbye", line=3), example("thanks a lot", "thank"), lookups=(table,)) == [("conflicting_labels", 3)]


def test_a_word_in_the_tables_of_two_intents_is_an_error() -> None:
    tables = (Lookup("a", ("fine",), "en", "f.yml", 20), Lookup("b", ("Fine",), "en", "f.yml", 30))
    assert checks(example("that is good"), example("leave me alone", "b"), lookups=tables) == [("conflicting_labels", 30)]


def test_a_single_intent_is_an_error_and_so_is_no_example() -> None:
    assert checks(example("where is the parcel")) == [("one_intent", 1)]
    assert checks() == [("empty", 0)]


def test_one_example_is_an_error_and_a_few_are_a_warning() -> None:
    rows = (example("where is the parcel"), example("open now", "b"), example("closing time today", "b"))
    found = {f.message.split(" ")[0]: f.severity for f in validate(TrainingData(rows), rules=Rules(20)) if f.check == "too_few"}
    assert found == {"a": Severity.ERROR, "b": Severity.WARNING}


def test_hints_are_left_out_unless_asked_for() -> None:
    data = TrainingData((example("my parcel is surely late"), example("my parcel is surely lost", "b", line=2)))
    assert validate(data, rules=Rules(1)) == ()
    assert [f.severity for f in validate(data, rules=Rules(1, hints=True))] == [Severity.HINT]


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
