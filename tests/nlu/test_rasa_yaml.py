"""Reading Rasa 3 NLU files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from kit.errors import InvalidInputError
from nlu.annotations import AnnotationError, parse_annotations
from nlu.rasa_yaml import read_training_data

GOOD = """version: "3.1"
nlu:
- intent: faq/returns
  examples: |
    - can I return [the cup](product)
    - send [tea pot]{"entity": "product", "value": "teapot", "role": "bought", "group": "1"} back
- intent: greet
  examples:
  - text: |
      hello you
    metadata:
      sentiment: neutral
- synonym: teapot
  examples: |
    - kettle
- lookup: product
  examples: |
    - cup
    - yes
- regex: order_number
  examples: |
    - LC-\\d{6}
"""


def write(folder: Path, text: str, language: str = "pt") -> Path:
    file = folder / "nlu" / language / "shop.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_every_kind_of_entry_is_read_with_language_and_line(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    data = read_training_data([tmp_path])
    assert [(e.text, e.intent, e.language, e.line) for e in data.examples] == [
        ("can I return the cup", "faq/returns", "pt", 5),
        ("send tea pot back", "faq/returns", "pt", 6),
        ("hello you", "greet", "pt", 10),
    ]
    assert data.examples[2].metadata == {"sentiment": "neutral"}
    assert [(s.value, s.text) for s in data.synonyms] == [("teapot", "tea pot"), ("teapot", "kettle")]
    assert data.lookups[0].words == ("cup", "yes")
    assert data.regexes[0].pattern == r"LC-\d{6}"


def test_annotated_spans_carry_value_role_and_group(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    span = read_training_data([tmp_path]).examples[1].entities[0]
    assert (span.text, span.value, span.role, span.group, span.start, span.end) == ("tea pot", "teapot", "bought", "1", 5, 12)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("nlu:\n- intent: a\n  examples: |\n    - fine\n    not an example\n", 5),
        ("nlu:\n- intent: a\n  examples: |\n    - [cup](product\n", 4),
        ('nlu:\n- intent: a\n  examples: |\n    - fine\n    - [cup]{"entity": }\n', 5),
        ("nlu:\n- intent: a\n   examples: |\n  - x\n", 3),
        ("nlu:\n- intent: a\n", 2),
        ("nlu:\n- thing: a\n  examples: |\n    - b\n", 2),
        ("nlu:\n- regex: a\n  examples: |\n    - (\n", 4),
        ("- a\n", 1),
    ],
)
def test_a_malformed_file_is_refused_with_file_line_and_remedy(tmp_path: Path, text: str, line: int) -> None:
    file = write(tmp_path, text)
    with pytest.raises(InvalidInputError) as caught:
        read_training_data([file])
    assert f"{file}:{line}:" in caught.value.message
    assert caught.value.hint


def test_a_file_without_a_language_folder_takes_the_given_language(tmp_path: Path) -> None:
    file = tmp_path / "data.yml"
    file.write_text("nlu:\n- intent: a\n  examples: |\n    - b\n", encoding="utf-8")
    assert read_training_data([file], language="zh-Hans").examples[0].language == "zh-Hans"


def test_the_digest_changes_with_a_sentence_and_not_with_its_line(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    first = read_training_data([file]).digest()
    file.write_text("# comment\n" + GOOD, encoding="utf-8")
    moved = read_training_data([file]).digest()
    file.write_text(GOOD.replace("hello you", "hello me"), encoding="utf-8")
    assert first == moved != read_training_data([file]).digest()


def test_four_thousand_examples_are_read_within_a_second_and_a_half(tmp_path: Path) -> None:
    lines = "".join(f"    - where is [LC-{n:06}](order_number) now {n}\n" for n in range(4000))
    file = write(tmp_path, f"nlu:\n- intent: track\n  examples: |\n{lines}")
    started = time.perf_counter()
    assert len(read_training_data([file]).examples) == 4000
    assert time.perf_counter() - started < 1.5


def test_brackets_without_an_annotation_are_text() -> None:
    assert parse_annotations("see [1] there").text == "see [1] there"


def test_several_entities_may_share_one_span() -> None:
    found = parse_annotations('[Macau][{"entity": "city"}, {"entity": "country"}]')
    assert [e.name for e in found.entities] == ["city", "country"]


def test_an_unknown_field_of_an_annotation_is_refused() -> None:
    with pytest.raises(AnnotationError):
        parse_annotations('[x]{"entity": "a", "colour": "b"}')
