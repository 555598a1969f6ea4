"""What is kept of the tagger's, the typed extractors' and the tables' entities, and how found entities are scored."""

from __future__ import annotations

from nlu.tagging.merge import Values, merge
from nlu.tagging.scoring import entity_scores
from nlu.types import Entity

TEXT = "two red cups on friday"


def entity(name: str, start: int, end: int, extractor: str, value: str = "") -> Entity:
    return Entity(name, TEXT[start:end], value or TEXT[start:end], start, end, extractor=extractor)


def merged(
    tagged: list[Entity], known: list[Entity], *, names: tuple[str, ...] = (), asked: tuple[str, ...] = ()
) -> list[tuple[str, str, str]]:
    found = merge(tagged, known, names=names, asked=asked, values=Values({"red cups": "cup"}), text=TEXT)
    return [(e.name, e.text, e.value) for e in found]


def test_a_tagged_span_takes_the_value_that_a_typed_extractor_worked_out() -> None:
    known = [entity("date", 16, 22, "date", "2026-11-27")]
    assert merged([entity("date", 16, 22, "tagger")], known, names=("date",)) == [("date", "friday", "2026-11-27")]


def test_a_typed_entity_of_a_learned_name_that_the_tagger_does_not_see_is_dropped_unless_it_was_asked_for() -> None:
    known = [entity("date", 16, 22, "date", "2026-11-27")]
    assert merged([], known, names=("date",)) == []
    assert merged([], known, names=("date",), asked=("date",)) == [("date", "friday", "2026-11-27")]


def test_a_typed_entity_of_another_name_stays_beside_and_not_within_a_tagged_span() -> None:
    number = entity("number", 0, 3, "number", "2")
    assert merged([entity("count", 0, 3, "tagger")], [number], names=("count",)) == [("count", "two", "two"), ("number", "two", "2")]
    assert merged([entity("product", 0, 12, "tagger")], [number], names=("product",)) == [("product", "two red cups", "two red cups")]


def test_tables_add_what_no_tagged_span_touches() -> None:
    table = entity("product", 8, 12, "lookup")
    assert merged([], [table], names=("product",)) == [("product", "cups", "cups")]
    assert merged([entity("product", 4, 12, "tagger")], [table], names=("product",)) == [("product", "red cups", "cup")]


def test_a_whole_entry_of_a_table_takes_the_place_of_a_tagged_part_of_it() -> None:
    table = entity("product", 4, 12, "lookup")
    assert merged([entity("product", 8, 12, "tagger")], [table], names=("product",)) == [("product", "red cups", "cup")]


def rows(*spans: tuple[int, int, str]) -> list[dict[str, object]]:
    return [{"text": TEXT, "entities": [{"start": start, "end": end, "label": label} for start, end, label in spans]}]


def test_a_name_that_neither_side_marks_costs_nothing_and_one_that_training_marks_does() -> None:
    found = [[entity("date", 16, 22, "tagger"), entity("number", 0, 3, "number"), entity("product", 4, 12, "tagger")]]
    assert entity_scores(rows((16, 22, "date")), found, frozenset({"date"}))["entity_f1"] == 1.0
    assert entity_scores(rows((16, 22, "date")), found, frozenset({"date", "product"}))["entity_precision"] == 0.5


def test_a_span_that_is_one_character_off_is_wrong() -> None:
    assert entity_scores(rows((16, 22, "date")), [[entity("date", 16, 21, "tagger")]], frozenset())["entity_f1"] == 0.0


def test_rows_that_say_nothing_of_entities_are_passed_over() -> None:
    scores = entity_scores([{"text": TEXT}], [[entity("date", 16, 22, "tagger")]], frozenset({"date"}))
    assert set(scores.values()) == {None}


def test_roles_are_scored_where_rows_have_them() -> None:
    marked = rows((16, 22, "date"))
    marked[0]["entities"] = [{"start": 16, "end": 22, "label": "date", "role": "due"}]
    scores = entity_scores(marked, [[entity("date", 16, 22, "tagger")]], frozenset())
    assert (scores["entity_f1"], scores["entity_role_f1"]) == (1.0, 0.0)
