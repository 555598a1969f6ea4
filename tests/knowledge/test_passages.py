"""Cutting articles along their structure, and text into sentences."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledge.passages import HUGE, LONG, cut, width
from knowledge.sentences import split_sentences
from knowledge.types import ArticleDraft


def _cut(body: str, language: str = "en") -> list[tuple[tuple[str, ...], str]]:
    return [(passage.title_path, passage.text) for passage in cut(ArticleDraft("a", language, "Title", body))]


def test_the_opening_and_each_section_are_passages_under_their_headings() -> None:
    assert _cut("Opening.\n\n## One\n\nFirst.\n\n### Deep\n\nSecond.\n\n## Two\n\nThird.") == [
        (("Title",), "Opening."),
        (("Title", "One"), "First."),
        (("Title", "One", "Deep"), "Second."),
        (("Title", "Two"), "Third."),
    ]


def test_a_list_stays_whole_with_the_line_before_it() -> None:
    items = "\n".join(f"- item number {number} with some words to fill the line" for number in range(30))
    parts = _cut(f"{'Some words first. ' * 40}\n\nThese cannot be returned:\n\n{items}")
    assert parts[-1][1].startswith("These cannot be returned:\n- item number 0")
    assert parts[-1][1].count("\n- item") == 30


def test_a_long_chinese_section_is_cut_between_sentences() -> None:
    parts = _cut("## 說明\n\n" + "這是一個關於茶葉儲存方法的句子，請放在乾燥的地方。" * 60, "zh-Hant")
    assert len(parts) > 2
    assert all(text.endswith("。") and width(text) <= LONG for _, text in parts)


def test_passages_are_numbered_and_named_by_version() -> None:
    passages = cut(ArticleDraft("a", "pt", "T", "Um.\n\n## B\n\nDois."), version=7)
    assert [(passage.id, passage.ordinal) for passage in passages] == [("a/pt/7/0", 0), ("a/pt/7/1", 1)]


def test_an_empty_article_is_found_by_its_title() -> None:
    assert _cut("") == [(("Title",), "Title")]


def test_text_without_sentences_or_spaces_is_cut_all_the_same() -> None:
    parts = _cut("x" * 50_000)
    assert len(parts) == 50
    assert all(width(text) <= HUGE for _, text in parts)


def test_portuguese_abbreviations_do_not_end_sentences() -> None:
    text = "O Sr. Silva paga 1.500 MOP. Veja p. ex. o n.º 3. Está bem? Sim!"
    assert split_sentences(text) == ["O Sr. Silva paga 1.500 MOP.", "Veja p. ex. o n.º 3.", "Está bem?", "Sim!"]


def test_chinese_quotation_marks_stay_with_their_sentence() -> None:
    assert split_sentences("他說「走吧！」然後走了。好；是") == ["他說「走吧！」", "然後走了。", "好；", "是"]


@given(st.text(alphabet="ab .。!?\n」3", max_size=80))
def test_sentences_lose_no_character_but_space(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())
