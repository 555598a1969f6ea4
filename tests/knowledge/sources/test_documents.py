"""PDF, Word, Excel, CSV and Markdown as articles, and what is said when they are broken."""

from __future__ import annotations

import pytest

from kit.errors import InvalidInputError
from knowledge.sources.registry import parse
from knowledge.sources.types import Document, Options, Reading, UnreadableError
from tests.knowledge.sources.making import GUIDE, archive, encrypted, pdf, sheet, with_entry, word

PLAIN = Options()


def read(name: str, data: bytes, options: Options = PLAIN) -> Reading:
    return parse(Document(name, data), options)


def why_not(name: str, data: bytes, options: Options = PLAIN) -> str:
    """The reason for which nothing of a document is taken."""
    try:
        reading = read(name, data, options)
    except InvalidInputError as error:
        return error.message
    assert not reading.items
    return reading.skipped[0].reason


def test_a_pdf_becomes_paragraphs_under_its_headings_without_page_numbers() -> None:
    (item,) = read("ceramics.pdf", GUIDE).items
    assert (item.article_id, item.title) == ("ceramics", "Care of ceramics")
    assert item.body == (
        "Wash by hand with warm water and a soft sponge, and let it dry in the air.\n\n"
        "## Glazed bowls\n\nThey may go into the dishwasher at 50 degrees.\n\n"
        "## Raw clay\n\nNever use soap. Rinse and dry.\n\n- no oven\n- no freezer\n\n"
        "## Repairs\n\nSend us a picture first, então respondemos."
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (encrypted(GUIDE, "secret"), "protected with a password"),
        (pdf([[], []]), "scanned"),
        (GUIDE[:300], "damaged"),
        (b"%PDF-1.4 nonsense", "damaged"),
    ],
)
def test_a_pdf_that_cannot_be_read_says_why(data: bytes, said: str) -> None:
    assert said in why_not("a.pdf", data)


def test_a_pdf_with_an_empty_password_is_read() -> None:
    assert read("a.pdf", encrypted(GUIDE, "")).items[0].title == "Care of ceramics"


def test_a_word_document_keeps_headings_lists_and_tables() -> None:
    (item,) = read("guide.docx", word()).items
    assert item.title == "Returns guide"
    assert item.body == (
        "You have **30 days**\n\n## Costs\n\n| Where | Price |\n| --- | --- |\n| Macau | MOP 40 |\n\n"
        "### Steps\n\n1. Open the order\n2. Choose return\n\n- in the app"
    )


def test_xml_with_entities_is_not_opened() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><w:document>&b;</w:document>'
    assert "document type" in why_not("a.docx", with_entry(word(), "word/document.xml", bomb))
    assert "document type" in why_not("a.docx", with_entry(word(), "word/document.xml", bomb.decode().encode("utf-16")))
    assert "document type" in why_not("a.xlsx", with_entry(sheet([["Question", "Answer"]]), "xl/workbook.xml", bomb))


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    assert "zip bomb" in why_not("a.docx", with_entry(word(), "word/media/x.bin", bytes(60_000_000)))
    assert "zip bomb" in why_not("a.xlsx", with_entry(sheet([["Question", "Answer"]]), "xl/x.bin", bytes(60_000_000)))


def test_a_damaged_word_document_is_said() -> None:
    assert "damaged" in why_not("a.docx", word()[:2000])
    assert "damaged or not a Word document" in why_not("a.docx", with_entry(word(), "word/document.xml", b"<broken"))


def test_one_row_with_several_languages_is_one_article() -> None:
    rows: list[list[object]] = [
        ["Question (EN)", "Answer (EN)", "問題 zh-Hant", "答案 zh-Hant", "Tags", "ID"],
        ["How?", "So.", "如何？", "如此。", "a; b", 7],
    ]
    first, second = read("faq.xlsx", sheet(rows)).items
    assert (first.article_id, first.language, first.tags) == ("how", "en", ("a", "b"))
    assert (second.article_id, second.language, second.title, second.body) == ("how", "zh-Hant", "如何？", "如此。")
    assert first.group == second.group


def test_rows_that_cannot_be_taken_are_listed_with_their_place() -> None:
    rows = [
        ["Pergunta", "Resposta", "Idioma"],
        ["A?", "Sim.", "pt"],
        ["B?", "", "pt"],
        ["", "Não.", "pt"],
        ["C?", "Oui.", "fr"],
        ["A?", "x", "pt"],
    ]
    reading = read("faq.xlsx", sheet(rows, further=[["when", "who"], [1, 2]]))
    assert [item.title for item in reading.items] == ["A?"]
    assert [(skipped.key, skipped.reason) for skipped in reading.skipped[:4]] == [
        ("faq.xlsx:Sheet!3", "The answer is empty"),
        ("faq.xlsx:Sheet!4", "The question is empty"),
        ("faq.xlsx:Sheet!5", "'fr' is not a language of articles"),
        ("faq.xlsx:Sheet!6 pt", "The same question stands in row 2"),
    ]
    assert "Sheet 'Other': The columns of question and answer cannot be told" in reading.skipped[4].reason


def test_columns_can_be_named() -> None:
    data = b"Ref;Frage;Antwort\n1;Wie?;So.\n"
    with pytest.raises(UnreadableError, match="cannot be told: the first row has 'Ref', 'Frage', 'Antwort'"):
        read("faq.csv", data)
    (item,) = read("faq.csv", data, Options(question="frage", answer="Antwort")).items
    assert (item.title, item.body) == ("Wie?", "So.")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_separator_and_lines_within_cells(separator: str) -> None:
    data = separator.join(["Question", "Answer"]) + "\n" + separator.join(["How?", '"First.\nSecond.\n\n\u2022 one\n\u2022 two"']) + "\n"
    assert read("faq.csv", data.encode()).items[0].body == "First.  \nSecond.\n\n- one\n- two"


def test_html_in_a_cell_is_converted_and_its_script_dropped() -> None:
    data = b'question,answer\nHow?,"<p>So <b>now</b>.</p><script>alert(1)</script>"\n'
    assert read("faq.csv", data).items[0].body == "So **now**."


def test_an_open_quotation_mark_swallows_no_rows_silently() -> None:
    data = b'question,answer\n"How?,So.\nWhere?,Here.\n'
    assert "empty" in why_not("faq.csv", data)


def test_moving_rows_does_not_change_their_keys() -> None:
    first, second = b"question,answer\nA b?,1\nC d?,2\n", b"question,answer\nC d?,2\nA b?,1\n"
    assert {i.key for i in read("f.csv", first).items} == {i.key for i in read("f.csv", second).items}


def test_plain_markdown_is_named_by_heading_file_and_folder() -> None:
    (item,) = read("docs/pt/devolucoes.md", b"# Como devolver?\n\nEm 30 dias.\n").items
    assert (item.article_id, item.language, item.title, item.body) == ("devolucoes", "pt", "Como devolver?", "Em 30 dias.\n")
    assert item.group == read("docs/en/devolucoes.md", b"# How?\n\nSo.\n").items[0].group


def test_front_matter_of_other_tools_is_passed_over_and_said() -> None:
    (item,) = read("a.md", b"---\nid: a\nlanguage: en\ntitle: T\nlayout: post\ndate: 2026-01-01\n---\nText\n").items
    assert (item.fixed, item.article_id) == (True, "a")
    assert item.notes == ("Fields passed over: layout, date.",)


def test_broken_front_matter_says_its_line() -> None:
    assert why_not("a.md", b"---\nid: a\nlanguage: en\n---\nText") == "line 1: title is missing"


def test_the_content_decides_whatever_the_name_says() -> None:
    reading = read("a.pdf", b"<!doctype html><html lang=en><h1>Hours</h1><p>We are open from ten to eight every single day.</p></html>")
    assert reading.items[0].title == "Hours"
    assert reading.items[0].notes == ("Its name says .pdf, but it is html.",)
    assert why_not("a.pdf", b"just text") == "Its name says .pdf, but it is not one"
    assert why_not("a.md", b"\x89PNG\r\n\x1a\n" + bytes(100)) == "It is a picture"
    assert "old Word" in why_not("a.docx", b"\xd0\xcf\x11\xe0" + bytes(100))


@pytest.mark.parametrize("name", ["a.md", "a.csv", "a.pdf", "a.html", "a.json", "a.docx"])
def test_an_empty_file_is_said(name: str) -> None:
    assert why_not(name, b" \n") == "It is empty"


def test_what_is_too_long_for_one_article_is_divided_at_headings_and_what_is_far_too_long_is_not_taken() -> None:
    sections = "\n\n".join(f"## Part {n}\n\n" + "word " * 10_000 for n in range(6))
    items = read("manual.md", f"# Manual\n\n{sections}".encode()).items
    assert [item.article_id for item in items] == ["manual-1", "manual-2", "manual-3"]
    assert all(item.body.startswith("## Part") and len(item.body) <= 150_000 for item in items)
    assert "It has 50,000,000 characters" in why_not("big.md", b"# Big\n\n" + b"x " * 25_000_000)


def test_an_archive_within_an_archive_is_not_opened() -> None:
    assert "archive" in why_not("b.zip", archive({"a.md": b"# A\n\ntext"}))
