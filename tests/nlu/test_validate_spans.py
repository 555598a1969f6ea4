"""Checks of annotations, tables, patterns and synonyms."""

from __future__ import annotations

from nlu.annotations import parse_annotations
from nlu.data import EntitySpan, Example, Lookup, Regex, Synonym, TrainingData
from nlu.validate_base import Severity
from nlu.validate_spans import Declared, check_spans


def annotated(source: str, line: int = 1, language: str = "en") -> Example:
    found = parse_annotations(source)
    return Example(found.text, "a", language, found.entities, "f.yml", line)


def checks(*examples: Example, declared: dict[str, Declared] | None = None) -> list[tuple[str, int]]:
    return [(f.check, f.line) for f in check_spans(TrainingData(examples), declared)]


def test_good_annotations_have_no_findings() -> None:
    assert checks(annotated("a [teapot](product) please"), annotated("我要[茶壺](product)", 2, "zh-Hant")) == []


def test_a_span_that_is_not_at_its_place_is_an_error() -> None:
    wrong = Example("a teapot", "a", "en", (EntitySpan("product", "teapot", "teapot", 3, 9),), "f.yml", 4)
    found = list(check_spans(TrainingData((wrong,))))
    assert [(f.check, f.severity, f.line) for f in found] == [("span_not_found", Severity.ERROR, 4)]


def test_a_span_that_ends_inside_a_word_is_found_but_not_between_chinese_characters() -> None:
    assert checks(annotated("two [teapot](product)s"), annotated("這個[茶壺](product)好", 2, "zh-Hant")) == [("span_inside_word", 1)]


def test_a_span_with_a_blank_at_its_edge_is_found() -> None:
    assert checks(annotated("a [teapot ](product)please")) == [("span_edges", 1)]


def test_spans_that_overlap_are_an_error() -> None:
    spans = (EntitySpan("product", "clay teapot", "clay teapot", 2, 13), EntitySpan("material", "clay", "clay", 2, 6))
    assert ("spans_overlap", 3) in checks(Example("a clay teapot", "a", "en", spans, "f.yml", 3))


def test_the_rarer_of_two_names_for_the_same_words_is_reported() -> None:
    rows = [annotated("a [teapot](product)"), annotated("the [Teapot](product)", 2), annotated("my [teapot](thing)", 3)]
    assert checks(*rows) == [("annotated_differently", 3)]


def test_words_that_are_annotated_elsewhere_and_bare_here_are_hinted_at() -> None:
    rows = [annotated("a [tea cup](product)"), annotated("the [tea cup](product)", 2), annotated("where is my Tea Cup", 3)]
    assert checks(*rows, annotated("teacups and tea cupboards", 4)) == [("not_annotated", 3)]


def test_words_of_the_lookup_table_of_an_entity_count_as_known() -> None:
    data = TrainingData(
        (annotated("a [bowl](product)"), annotated("my vase broke", 2)), lookups=(Lookup("product", ("bowl", "vase"), "en"),)
    )
    assert [(f.check, f.line) for f in check_spans(data)] == [("not_annotated", 2)]


def test_one_text_with_two_values_is_found() -> None:
    synonyms = (Synonym("New York", "NYC", "en", "f.yml", 1), Synonym("Nyack", "nyc", "en", "f.yml", 2))
    data = TrainingData((annotated("fly to NYC"),), synonyms=synonyms)
    assert [(f.check, f.line) for f in check_spans(data)] == [("conflicting_values", 2)]


def test_tables_patterns_and_synonyms_that_no_sentence_uses_are_hinted_at() -> None:
    data = TrainingData(
        (annotated("order 123"), annotated("a bowl", 2)),
        synonyms=(Synonym("bowl", "dish", "en", "f.yml", 5),),
        lookups=(Lookup("product", ("vase",), "en", "f.yml", 6), Lookup("dish", ("bowl",), "en", "f.yml", 7), Lookup("a", ("ok",), "en")),
        regexes=(Regex("order", r"\d{3}", "en", "f.yml", 8), Regex("order", r"[A-Z]{9}", "en", "f.yml", 9)),
    )
    assert sorted((f.check, f.line) for f in check_spans(data)) == [("never_occurs", 5), ("never_occurs", 6), ("never_occurs", 9)]


def test_entities_roles_and_groups_must_be_in_the_domain_when_it_is_known() -> None:
    declared = {"city": Declared(roles=("from", "to"))}
    rows = [
        annotated('[Macau]{"entity": "city", "role": "from"}'),
        annotated('[Macau]{"entity": "city", "role": "form"}', 2),
        annotated('[Macau]{"entity": "city", "group": "1"}', 3),
        annotated('[Macao]{"entity": "citty"}', 4),
    ]
    found = {f.check: f for f in check_spans(TrainingData(tuple(rows)), declared) if f.check.startswith("unknown")}
    assert {name: f.line for name, f in found.items()} == {"unknown_role": 2, "unknown_group": 3, "unknown_entity": 4}
    assert "did you mean from?" in found["unknown_role"].message


def test_without_a_domain_a_role_that_is_used_once_beside_usual_ones_is_hinted_at() -> None:
    rows = [annotated(f'to [{c}]{{"entity": "city", "role": "to"}}', n) for n, c in enumerate(("Macau", "Porto", "Hong Kong"), 1)]
    assert checks(*rows, annotated('[Lisbon]{"entity": "city", "role": "too"}', 9)) == [("unknown_role", 9)]
