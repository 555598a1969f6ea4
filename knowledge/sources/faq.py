"""Lists of questions and answers: CSV (any separator, any encoding) and XLSX. One row is one article."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.sources.archive import check_office
from knowledge.sources.columns import Columns, find_columns
from knowledge.sources.decoding import decode
from knowledge.sources.html import to_markdown
from knowledge.sources.names import id_from, language_of_tag, short_hash
from knowledge.sources.types import Document, Options, Reading, Skipped, SourceItem, UnreadableError, joined, skip

MOST_ROWS = 20_000
LONGEST_CELL = 1_000_000
SEPARATORS = ",;\t|"
_HTML = re.compile(r"<(?:p|br|ul|ol|li|a|b|strong|div|span|h[1-6]|table)\b[^>]*>", re.IGNORECASE)
_BULLET = re.compile(r"^[ \t]*[•●▪◦‣·][ \t]*", re.MULTILINE)
Row = tuple[int, Sequence[str]]


def parse_csv(document: Document, options: Options) -> Reading:
    """A CSV or TSV file."""
    text, note = decode(document.data, options.encoding)
    csv.field_size_limit(LONGEST_CELL)
    lines = text.replace("\0", "").splitlines(keepends=True)
    reader = csv.reader(lines, delimiter=_separator(lines))
    try:
        rows = [(reader.line_num, row) for row in reader if len(row) <= 500]
    except csv.Error as error:
        raise UnreadableError(f"Line {reader.line_num} cannot be read: {error}", hint='Is a quotation mark " left open?') from None
    return _List(document, options, (note,) if note else ()).read(rows)


def parse_xlsx(document: Document, options: Options) -> Reading:
    """An Excel file: every sheet that has columns for question and answer."""
    import openpyxl

    check_office(document.data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(document.data), read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises whatever its parts raise on a damaged file
        raise UnreadableError(f"It is damaged or not an Excel file: {type(error).__name__}") from None
    found: list[Reading] = []
    refused: list[UnreadableError] = []
    for sheet in book.worksheets:
        rows = list(_cells(sheet))
        if not any(any(row) for _, row in rows):
            continue
        try:
            found.append(_List(document, options, (), sheet=sheet.title if len(book.worksheets) > 1 else "").read(rows))
        except UnreadableError as error:
            refused.append(UnreadableError(f"Sheet {sheet.title!r}: {error.message}", hint=error.hint))
    if refused and not found:
        raise refused[0]
    passed = [skip(document.name, error.message) for error in refused]
    return joined([*found, *passed]) if found else skip(document.name, "It is empty")


def _cells(sheet: Any) -> Iterator[Row]:
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 2, max_col=100), 1):
        yield number, ["" if cell is None else _written(cell) for cell in row]


def _written(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)[:LONGEST_CELL]


def _separator(lines: Sequence[str]) -> str:
    """The separator with which most of the first lines have the same number of fields, above one."""

    def score(separator: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines[:50], delimiter=separator) if row]
        return (sum(width == widths[0] for width in widths), widths[0]) if widths and widths[0] > 1 else (0, 0)

    try:
        return max(SEPARATORS, key=score)
    except csv.Error:
        return ","


@dataclass(frozen=True)
class _List:
    document: Document
    options: Options
    notes: tuple[str, ...]
    sheet: str = ""

    def read(self, rows: Sequence[Row]) -> Reading:
        filled = [(number, row) for number, row in rows if any(cell.strip() for cell in row)]
        if not filled:
            return skip(self.document.name, "It is empty")
        columns = find_columns(filled[0][1], self.options)
        items: list[SourceItem] = []
        skipped: list[Skipped] = []
        seen: dict[str, int] = {}
        if len(filled) > MOST_ROWS + 1:
            skipped.append(Skipped(f"{self.document.name}:{MOST_ROWS + 2}", f"Only the first {MOST_ROWS:,} rows are read"))
        for number, row in filled[1 : MOST_ROWS + 1]:
            for one in self._row(number, row, columns):
                if isinstance(one, SourceItem) and one.key in seen:
                    one = Skipped(f"{self._place(number)} {one.language}".strip(), f"The same question stands in row {seen[one.key]}")
                if isinstance(one, SourceItem):
                    seen[one.key] = number
                    items.append(one)
                else:
                    skipped.append(one)
        return Reading(tuple(items), tuple(skipped))

    def _place(self, number: int) -> str:
        return f"{self.document.name}:{self.sheet + '!' if self.sheet else ''}{number}"

    def _row(self, number: int, row: Sequence[str], columns: Columns) -> Iterable[SourceItem | Skipped]:
        cells = _Cells(row, columns)
        said = language_of_tag(cells.other("language"))
        if said is None:
            yield Skipped(self._place(number), f"{cells.other('language')!r} is not a language of articles")
            return
        texts = [(language or said, *cells.text(language)) for language in columns.texts]
        full = [(language, question, answer) for language, question, answer in texts if question and answer]
        if not full:
            yield Skipped(
                self._place(number), "The answer is empty" if any(question for _, question, _ in texts) else "The question is empty"
            )
            return
        named = cells.other("id")
        first = next((question for language, question, _ in full if language == "en"), full[0][1])
        group = named or short_hash(" ".join(first.lower().split()))
        wanted = id_from(first, key=group, kind="faq")
        for language, question, answer in texts:
            if question and not answer:
                yield Skipped(self._place(number), f"The answer in {language} is empty")
        for language, question, answer in full:
            yield self._item(group, wanted, (language, question, answer), cells)

    def _item(self, group: str, wanted: str, text: tuple[str, str, str], cells: _Cells) -> SourceItem:
        language, question, answer = text
        variants = tuple(v.strip() for v in re.split(r"[\n|]", cells.other("variants")) if v.strip())
        audience = cells.other("audience").lower()
        return SourceItem(
            f"{self.document.name}#{group}#{language}", f"{self.document.name}#{group}", wanted, " ".join(question.split()),
            _answer(answer), language, cells.other("category") or self.options.category,
            tuple(tag.strip() for tag in re.split(r"[,;，；、|]", cells.other("tags")) if tag.strip()),
            audience if audience in {"public", "internal"} else self.options.audience,
            variants if "variants" in cells.columns.others else None, notes=self.notes,
        )  # fmt: skip


@dataclass(frozen=True)
class _Cells:
    row: Sequence[str]
    columns: Columns

    def _at(self, place: int) -> str:
        return self.row[place].strip() if place < len(self.row) else ""

    def other(self, role: str) -> str:
        return self._at(self.columns.others[role]) if role in self.columns.others else ""

    def text(self, language: str) -> tuple[str, str]:
        question, answer = self.columns.texts[language]
        return self._at(question), self._at(answer)


def _answer(cell: str) -> str:
    """What stands in a cell as Markdown: HTML is converted; of plain text the lines stay lines."""
    if _HTML.search(cell):
        return to_markdown(cell)
    text = _BULLET.sub("- ", cell.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"(?<=[^\n ])\n(?=[^\n])(?!\s*(?:[-*]|\d+[.)])\s)", "  \n", text).strip()
