"""Markdown as safe HTML and as plain text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from knowledge.markdown import blocks, plain, render, safe_link


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](//evil.example)",
        "![x](javascript:alert(1))",
        '[x](http://a" onmouseover="alert(1))',
        "<a href='vbscript:x'>y</a>",
        "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
        "<svg onload=alert(1)></svg>",
        "<details open ontoggle=alert(1)>x</details>",
        "<style>*{background:url(//evil.example)}</style>",
        "[x](&#106;avascript:alert(1))",
        "[x](\x01javascript:alert(1))",
        '![x](x "y" onerror=alert(1)")',
    ],
)
def test_no_attack_becomes_a_live_tag_or_link(attack: str) -> None:
    reader = _Reader()
    reader.feed(render(attack))
    assert reader.tags <= {"p", "img"}
    assert all(name in ("alt", "title") for name, _ in reader.attributes)


class _Reader(HTMLParser):
    """What a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs


def test_good_links_stay_with_a_safe_relation() -> None:
    html = render("[a](https://shop.example/x) [b](mailto:care@example.com) [c](how-to-return#top) [d](/help/en/x)")
    assert html.count('rel="noopener noreferrer"') == 4


def test_files_of_articles_are_shown_by_their_address() -> None:
    html = render("![A lamp](/article-files/8b0b3d4e-0000-4000-8000-000000000000/lamp.png)\n\n[Price list](/article-files/8b0b/list.pdf)")
    assert '<img src="/article-files/8b0b3d4e-0000-4000-8000-000000000000/lamp.png" alt="A lamp">' in html
    assert 'href="/article-files/8b0b/list.pdf"' in html


@pytest.mark.parametrize("url", ["javascript:x", " javascript:x", "java\nscript:x", "//host/x", "\\\\host", "ftp://x", "http://[x"])
def test_other_addresses_are_refused(url: str) -> None:
    assert not safe_link(url)


def test_lists_read_as_lines_with_their_depth() -> None:
    assert plain("- tea\n  - green\n- pots\n\n3. wash\n4. dry") == "- tea\n  - green\n- pots\n3. wash\n4. dry"


def test_a_table_of_two_columns_reads_as_pairs() -> None:
    assert plain("| To | Cost |\n|---|---|\n| Macau | MOP 25 |\n| Hong Kong | MOP 50 |") == "- Macau: MOP 25\n- Hong Kong: MOP 50"


def test_a_wider_table_repeats_its_headings_in_each_line() -> None:
    assert plain("| To | Days | By |\n|---|---|---|\n| Macau | 1 | Pato |") == "- Macau: Days: 1; By: Pato"


def test_links_read_as_their_text_and_outside_addresses_are_kept() -> None:
    assert plain("See [returns](how-to-return) or [our site](https://shop.example.com).") == (
        "See returns or our site (https://shop.example.com)."
    )


def test_a_written_question_is_a_heading_and_the_label_of_its_answer_goes() -> None:
    assert [(block.kind, block.text) for block in blocks("Q: Is it free?\n\nA: Yes.\n\n**貴嗎？**\n\n不貴。")] == [
        ("heading", "Is it free?"),
        ("paragraph", "Yes."),
        ("heading", "貴嗎？"),
        ("paragraph", "不貴。"),
    ]
