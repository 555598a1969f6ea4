"""The report page."""

from __future__ import annotations

import asyncio
import re
import shutil
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from nlu.crossval import Judged, Judgement
from nlu.crossval_figures import Confusion, confusions_of
from nlu.data import EntitySpan, Example
from nlu.report import ReportHead, build_report
from nlu.report_charts import MOST_SHOWN, confusion_matrix, most_confused
from nlu.types import Entity, Understanding
from nlu.validate_likeness import ClosePair

HEAD = ReportHead("The <b>shop</b>", datetime(2026, 1, 2, 3, 4, tzinfo=UTC), 12, "abcdef0123456789")
HOSTILE = '<script>alert("x")</script><img src=http://evil.example/x.png onerror=alert(1)>'


def judged(text: str, truth: str, answered: str | None, confidence: float = 0.8, language: str = "en") -> Judged:
    example = Example(text, truth, language, (EntitySpan("city", "Macau", "Macau", 0, 5),), 'f"<i>.yml', 7)
    ranking = ((answered or "track", confidence), ("other", 1 - confidence))
    return Judged(example, Understanding(language, answered, confidence, ranking, (Entity("city", "Macau", "Macau", 0, 5),)))


ROWS = (
    judged(HOSTILE, "track", "faq/<u>hours", 0.95),
    judged("a\udcff\x07b", "track", None, 0.3),
    judged("where is it", "track", "track"),
    judged("quando abre", "faq/<u>hours", "track", 0.6, "pt"),
    judged("tell a joke", "out_of_scope", "track", 0.5),
)
CLOSE = (ClosePair("pt", "track", "faq/<u>hours", 0.8, 0.25, True),)
PAGE = build_report(Judgement(ROWS, "cross-validation, 5 folds", {"level_accuracy": 0.5}), HEAD, close=CLOSE)


class Elements(HTMLParser):
    """Collects the elements, their attributes and the balance of tags."""

    VOID = frozenset({"meta", "line", "rect", "polyline", "wbr"})

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def elements(page: str) -> Elements:
    found = Elements()
    found.feed(page)
    return found


def test_tags_are_balanced_and_nothing_is_fetched() -> None:
    found = elements(PAGE)
    assert found.open == []
    asked = [value for _, attributes in found.seen for name, value in attributes.items() if name in {"src", "href", "srcset", "data"}]
    assert asked
    assert all((value or "").startswith("#") for value in asked)
    assert not re.search(r"@import|url\(", PAGE)


def test_texts_files_and_names_never_become_markup() -> None:
    tags = {tag for tag, _ in elements(PAGE).seen}
    assert not tags & {"b", "i", "u", "img"}
    assert sum(tag == "script" for tag, _ in elements(PAGE).seen) == 1
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;" in PAGE
    assert not any(name.startswith("on") for _, attributes in elements(PAGE).seen for name in attributes)


def test_a_lone_surrogate_does_not_keep_the_page_from_being_written() -> None:
    assert "a  b" in PAGE
    PAGE.encode("utf-8")


def test_every_language_has_its_section_and_wrong_sentences_their_place() -> None:
    sections = [attributes["id"] for tag, attributes in elements(PAGE).seen if tag == "section"]
    assert sections == ["summary", "all", "en", "pt", "suspects", "close"]
    assert "f&quot;&lt;i&gt;.yml:7" in PAGE
    assert "cross-validation, 5 folds, 5 sentences, 2026-01-02 03:04 UTC" in PAGE


def test_a_report_where_all_is_right_has_no_matrix_and_says_so() -> None:
    page = build_report(Judgement((judged("where is it", "track", "track"),), "held-out sentences"), HEAD)
    assert "Nothing is confused." in page
    assert "Sentiment" not in page
    assert elements(page).open == []


def test_the_matrix_shows_confused_pairs_side_by_side_and_out_of_scope_last() -> None:
    confusions = [Confusion("c", "d", 9), Confusion("a", "oos", 8), Confusion("a", "b", 3)]
    assert most_confused(confusions) == ("c", "d", "a", "b", "oos")
    many = [Confusion(f"t{k}", f"a{k}", 1) for k in range(40)]
    assert len(most_confused([*many, Confusion("x", "oos", 1)])) == MOST_SHOWN


def test_a_row_of_the_matrix_adds_up_to_its_sentences() -> None:
    rows = 2 * [judged("x", f"t{k}", f"a{k}") for k in range(20)] + [judged("y", "t0", "t0")] * 3 + [judged("y", "t0", "rare")]
    drawing = confusion_matrix(rows, confusions_of(rows))
    titles = re.findall(r"<title>(\d+) of (\d+): t0 answered as ([^<]*)</title>", drawing)
    assert sum(int(n) for n, _, _ in titles) == 6
    assert {total for _, total, _ in titles} == {"6"}
    assert next(n for n, _, answered in titles if answered == "others") == "1"


@pytest.mark.browser
def test_columns_sort_in_the_browser_and_nothing_overflows(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(PAGE, encoding="utf-8")

    async def look() -> tuple[list[str], list[str], list[int], list[str]]:
        complaints: list[str] = []
        async with async_playwright() as playwright:
            path = shutil.which("chromium") or shutil.which("google-chrome")
            browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-background-networking"])
            page = await browser.new_page(viewport={"width": 1280, "height": 900})
            page.on("console", lambda message: complaints.append(message.text))
            page.on("request", lambda request: complaints.append(request.url) if not request.url.startswith("file:") else None)
            await page.goto(file.as_uri())
            table = page.locator("#all table").filter(has=page.get_by_role("button", name="most often taken for"))
            orders = []
            for _ in range(2):
                await table.get_by_role("button", name="sentences").click()
                orders.append(" ".join(await table.locator("tbody tr td:nth-child(2)").all_inner_texts()))
            widths = []
            for width in (1280, 420):
                await page.set_viewport_size({"width": width, "height": 900})
                widths.append(await page.evaluate("document.documentElement.scrollWidth"))
            states = [await table.locator("th").nth(1).get_attribute("aria-sort") or ""]
            await browser.close()
        return orders, complaints, widths, states

    orders, complaints, widths, states = asyncio.run(look())
    assert orders == ["3 1 1", "1 1 3"]
    assert states == ["ascending"]
    assert complaints == []
    assert widths == [1280, 420]
