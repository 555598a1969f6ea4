"""Cross-validation of the pipeline, its figures, and the store of judgements."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from kit.errors import InvalidInputError
from nlu.crossval import Judged, Judgement, Split, assign_folds, cross_validate, judge_held_out
from nlu.crossval_figures import figures_by_language, figures_of
from nlu.crossval_store import KEPT, find_judgement, judgement_key, keep_judgement
from nlu.data import EntitySpan, Example, Lookup, Synonym, TrainingData
from nlu.train import Plan
from nlu.types import Entity, Understanding

HASHING = Plan(("hashing",), ("hashing",), sentiment=None)


def example(text: str, intent: str = "a", language: str = "en", *spans: EntitySpan) -> Example:
    return Example(text, intent, language, spans, "f.yml", 1)


def judged(truth: str, answered: str | None, confidence: float = 0.9, *, best: str = "", language: str = "en") -> Judged:
    ranking = ((best or answered or "a", confidence),)
    return Judged(example("text", truth, language), Understanding(language, answered, confidence, ranking))


def test_folds_are_of_equal_size_within_each_intent_and_language() -> None:
    rows = [example(f"sentence number {k}", intent, language) for intent in "ab" for language in ("en", "pt") for k in range(10)]
    counts = Counter((e.intent, e.language, fold) for e, fold in zip(rows, assign_folds(rows, 5), strict=True))
    assert set(counts.values()) == {2}
    assert len(counts) == 20


def test_what_is_the_same_but_for_case_or_script_shares_a_fold() -> None:
    rows = [example(f"我的訂單{k}", "a", "zh-Hant") for k in range(8)] + [example(f"我的订单{k}", "a", "zh-Hans") for k in range(8)]
    folds = assign_folds(rows, 4)
    assert folds[:8] == folds[8:]
    assert len(set(folds)) == 4
    assert len(set(assign_folds([example("Hello there"), example("hello there!", "b")], 2))) == 1


def test_no_sentence_is_judged_by_a_model_that_has_seen_it(tmp_path: Path) -> None:
    """Gibberish can only be learned by heart: a model that had seen it would be right on all of it."""
    words = ["qzx", "vbw", "kjp", "xqy", "wvz", "jkq", "pzv", "yxw", "bqk", "zjw"]
    rows = [example(f"{w} {w[::-1]} {w * 2}", "ab"[n % 2]) for n, w in enumerate(words)]
    data = TrainingData(tuple(rows) + tuple(example(f"{w} {w}", "ab"[k % 2]) for k, w in enumerate(("open", "parcel") * 5)))
    found = cross_validate(data, encoder_cache=tmp_path, split=Split(5), plan=HASHING).judged
    assert [one.example for one in found] == list(data.examples)
    assert sum(one.best == one.truth for one in found[:10]) < 10
    assert [one.best for one in judge_held_out(data, rows, encoder_cache=tmp_path, plan=HASHING).judged] == [e.intent for e in rows]


def test_two_runs_agree_and_progress_rises_to_the_end(small_data: TrainingData, tmp_path: Path) -> None:
    shares: list[float] = []
    first = cross_validate(small_data, encoder_cache=tmp_path, split=Split(2), plan=HASHING, progress=lambda _, share: shares.append(share))
    assert first == cross_validate(small_data, encoder_cache=tmp_path, split=Split(2), plan=HASHING)
    assert shares == sorted(shares)
    assert 0.9 < shares[-1] <= 1.0


def test_synonyms_of_held_out_sentences_are_held_out_too(tmp_path: Path) -> None:
    span = EntitySpan("city", "ou mun", "Macau", 6, 12)
    rows = [Example("go to ou mun", "go", "en", (span,), "f.yml", 3), *(example(f"go to place {k}", "go") for k in range(4))]
    rows += [example(f"stay at home {k}", "stay") for k in range(4)]
    data = TrainingData(tuple(rows), (Synonym("Macau", "ou mun", "en", "f.yml", 3),), (Lookup("city", ("ou mun",), "en"),))
    found = cross_validate(data, encoder_cache=tmp_path, split=Split(2), plan=HASHING).judged[0]
    assert [(e.text, e.value) for e in found.understanding.entities] == [("ou mun", "ou mun")]


@pytest.mark.parametrize(
    ("rows", "folds"),
    [
        ((), 5),
        ((example("hi"), example("hello")), 5),
        ((example("hi"), example("HI!"), example("bye", "b"), example("good bye", "b")), 5),
        ((example("hi"), example("hello"), example("oh", "oos"), example("uh", "oos")), 5),
        ((example("hi"), example("hello"), example("bye", "b"), example("good bye", "b")), 1),
    ],
)
def test_what_cannot_be_split_is_refused_before_any_training(rows: tuple[Example, ...], folds: int, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError):
        cross_validate(TrainingData(rows), encoder_cache=tmp_path, split=Split(folds), plan=HASHING)


def test_held_out_sentences_must_be_there(small_data: TrainingData, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="no held-out"):
        judge_held_out(small_data, (), encoder_cache=tmp_path, plan=HASHING)


def test_figures_count_rejections_and_confusions() -> None:
    rows = [
        judged("a", "a"), judged("a", "a"), judged("a", "b", best="b"), judged("b", None, 0.3, best="b"),
        judged("out_of_scope", None, 0.2), judged("out_of_scope", "a", 0.5),
    ]  # fmt: skip
    found = figures_of("en", rows)
    assert (found.accuracy, found.accuracy_rejecting, found.oos_recall, found.oos_precision) == (0.75, 0.5, 0.5, 0.5)
    assert [(c.truth, c.answered, c.count) for c in found.confusions] == [("a", "b", 1), ("b", "oos", 1), ("oos", "a", 1)]
    intent = next(i for i in found.intents if i.name == "a")
    assert (intent.sentences, intent.precision, intent.recall, intent.worst) == (3, 0.6667, 0.6667, ("b", 1))


def test_bins_hold_in_scope_sentences_and_their_mean() -> None:
    bins = figures_of("en", [judged("a", "a", 1.0), judged("a", "b", 0.92), judged("a", None, 0.05), judged("oos", None, 0.5)]).bins
    assert [(b.low, b.count, round(b.confidence, 2), b.right) for b in bins] == [(0.0, 1, 0.05, 1.0), (0.9, 2, 0.96, 0.5)]


def test_entities_count_when_span_and_name_are_exact() -> None:
    spans = (EntitySpan("city", "Macau", "Macau", 0, 5), EntitySpan("city", "Porto", "Porto", 9, 14))
    found = (Entity("city", "Macau", "Macau", 0, 5), Entity("city", "to", "to", 6, 8), Entity("number", "1", "1", 20, 21))
    one = Judged(example("Macau to Porto", "a", "en", *spans), Understanding("en", "a", 1.0, (("a", 1.0),), found))
    figures = figures_of("en", [one])
    assert (figures.entities[0].precision, figures.entities[0].recall, figures.entity_f1) == (0.5, 0.5, 0.5)
    assert len(figures.entities) == 1


def test_entities_count_only_where_the_model_had_a_tagger() -> None:
    span = EntitySpan("city", "Macau", "Macau", 0, 5)
    hit = Understanding("en", "a", 1.0, (("a", 1.0),), (Entity("city", "Macau", "Macau", 0, 5),))
    rows = [
        Judged(example("Macau", "a", "en", span), hit),
        Judged(example("Macau", "a", "en", span), replace(hit, entities=()), tagged=False),
    ]
    assert (figures_of("en", rows).entity_f1, figures_of("en", rows).entities[0].annotated) == (1.0, 1)
    assert figures_of("en", rows[1:]).entity_f1 is None


def test_as_many_folds_have_a_tagger_as_are_asked_for(small_data: TrainingData, tmp_path: Path) -> None:
    found = cross_validate(small_data, encoder_cache=tmp_path, split=Split(3, tagged=2), plan=HASHING).judged
    places = assign_folds(small_data.examples, 3)
    assert [one.tagged for one in found] == [place < 2 for place in places]


def test_each_language_has_its_figures_beside_those_of_all() -> None:
    found = figures_by_language([judged("a", "a"), judged("a", "b", language="pt")])
    assert [(f.language, f.accuracy) for f in found] == [("all", 0.5), ("en", 1.0), ("pt", 0.0)]
    assert [f.language for f in figures_by_language([judged("a", "a")])] == ["en"]


def test_a_kept_judgement_comes_back_as_it_was(small_data: TrainingData, tmp_path: Path) -> None:
    made = cross_validate(small_data, encoder_cache=tmp_path, split=Split(2), plan=HASHING)
    keep_judgement(tmp_path / "kept", "key", made)
    assert find_judgement(tmp_path / "kept", "key", small_data.examples) == made


def test_a_judgement_that_is_damaged_or_of_other_sentences_is_not_found(small_data: TrainingData, tmp_path: Path) -> None:
    keep_judgement(tmp_path, "key", Judgement((judged("a", "a"),), "m"))
    assert find_judgement(tmp_path, "key", small_data.examples) is None
    (tmp_path / "key.json").write_text('{"understandings"')
    assert find_judgement(tmp_path, "key", (example("text"),)) is None


def test_the_key_changes_with_sentences_labels_folds_and_plan(small_data: TrainingData) -> None:
    changed = replace(small_data, examples=(replace(small_data.examples[0], intent="hours"), *small_data.examples[1:]))
    keys = {
        judgement_key(small_data, split=Split(5), plan=HASHING),
        judgement_key(small_data, split=Split(4), plan=HASHING),
        judgement_key(changed, split=Split(5), plan=HASHING),
        judgement_key(small_data, split=Split(5), plan=Plan()),
    }
    assert len(keys) == 4


def test_only_the_newest_judgements_are_kept(tmp_path: Path) -> None:
    for number in range(KEPT + 2):
        keep_judgement(tmp_path, str(number), Judgement((), "m"))
    assert len(list(tmp_path.glob("*.json"))) == KEPT


@pytest.mark.model
def test_the_real_pipeline_understands_most_of_what_it_has_not_seen(small_data: TrainingData, encoder_cache: Path) -> None:
    found = cross_validate(small_data, encoder_cache=encoder_cache, split=Split(4))
    figures = {f.language: f for f in figures_by_language(found.judged)}
    assert set(figures) == {"all", "en", "zh-Hant"}
    assert (figures["all"].accuracy or 0) >= 0.7
    assert found.sentiment["level_accuracy"] > 0.5
