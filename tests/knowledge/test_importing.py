"""Reading folders of Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.errors import InvalidInputError
from knowledge.importing import ImportRefusedError, parse_markdown, read_markdown_folder

GOOD = "---\nid: gift-cards\nlanguage: en\ntitle: Gift cards\ntags: [card, voucher]\n---\nA card.\n"


def test_a_file_becomes_a_draft() -> None:
    draft = parse_markdown(GOOD)
    assert (draft.id, draft.language, draft.title, draft.body, draft.tags) == (
        "gift-cards",
        "en",
        "Gift cards",
        "A card.",
        ("card", "voucher"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no front", "line 1: the file must begin"),
        ("---\nid: a\n", "line 1: the second line of ---"),
        ("---\nid: a\nlanguage: en\n---\nx", "title is missing"),
        ("---\nid: a\nlanguage: en\ntitle: [b\n---\nx", "line 4: expected"),
        ("---\nid: a\nlanguage: en\ntitle: T\nwriter: me\n---\nx", "line 5: writer is not a field"),
        ("---\nid: a\nlanguage: en\ntitle: T\ntags: one\n---\nx", "line 5: tags must be a list"),
        ("---\nid: A B\nlanguage: en\ntitle: T\n---\nx", "cannot be the id"),
        ("---\n- a\n---\nx", "line 2"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        parse_markdown(text)


def test_a_folder_is_refused_whole_with_every_problem(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "a.md").write_text(GOOD)
    (tmp_path / "en" / "b.md").write_text(GOOD)
    (tmp_path / "en" / "c.md").write_bytes(b"---\nid: c\n\xff\xfe")
    (tmp_path / "README.md").write_text("About this folder.")
    with pytest.raises(ImportRefusedError) as refused:
        read_markdown_folder(tmp_path)
    assert refused.value.problems == (
        "en/b.md: line 1: 'gift-cards' in en is in en/a.md already",
        "en/c.md: line 3: this is not UTF-8",
    )


def test_a_folder_without_articles_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="no Markdown"):
        read_markdown_folder(tmp_path)
    with pytest.raises(ImportRefusedError, match="not a folder"):
        read_markdown_folder(tmp_path / "nowhere")
