"""PDF: the text page by page; headings where the type is larger than the text's, or where the document's outline names them."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pypdf
from pypdf.errors import PdfReadError, PyPdfError

from knowledge.chinese import has_han
from knowledge.sources.names import id_from
from knowledge.sources.parts import as_articles, document_item
from knowledge.sources.types import Document, Options, Reading, UnreadableError, skip

MOST_PAGES = 2_000
LARGER = 1.15
LONGEST_HEADING = 120
_BULLET = re.compile(r"^\s*[•●▪◦‣·–]\s*")
_NUMBERED = re.compile(r"^\s*\d{1,2}[.)]\s+")
_PAGE_NUMBER = re.compile(r"^\W*(?:page|página|pág\.?|第)?\s*\d{1,4}\s*(?:頁|页)?(?:\s*(?:/|of|de)\s*\d{1,4})?\W*$", re.IGNORECASE)


@dataclass
class Line:
    """A line as printed: its text, the size of its type in points, and the distance to the line above in points."""

    text: str
    size: float
    gap: float = 0.0


def parse(document: Document, options: Options) -> Reading:
    """A PDF file as one article; as several when it is longer than an article may be."""
    key = document.url or document.name
    reader = _open(document.data)
    if len(reader.pages) > MOST_PAGES:
        return skip(key, f"It has {len(reader.pages):,} pages; at most {MOST_PAGES:,} are read")
    pages = [_lines(page) for page in reader.pages]
    if sum(len(line.text) for page in pages for line in page) < 20:
        return skip(key, "Its pages are pictures without text (scanned): recognise the text first (OCR), then import it again")
    stem = document.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    lines = [line for page in _without_running_heads(pages) for line in page]
    title = _title(reader, lines) or stem
    body = _markdown(lines, title=title, outline=_outline(reader))
    item = document_item(
        document.name, title=title, body=body, wanted=id_from(stem, title, key=key, kind="pdf"), options=options, url=document.url
    )
    return as_articles(item)


def _open(data: bytes) -> pypdf.PdfReader:
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableError("It is protected with a password", hint="Save it without one, then import it again.")
        _ = len(reader.pages)
    except (PyPdfError, PdfReadError, ValueError, KeyError, RecursionError, OSError) as error:
        raise UnreadableError(f"It is damaged or not a PDF: {str(error)[:120]}") from None
    return reader


def _lines(page: pypdf.PageObject) -> list[Line]:
    found: list[Line] = []
    height: list[float] = []

    def visit(text: str, cm: list[float], tm: list[float], _font: Any, size: float) -> None:
        scale = abs(tm[3] or tm[1] or 1.0) * abs(cm[3] or cm[1] or 1.0)
        y = tm[5] * (cm[3] or 1.0) + cm[5]
        for place, piece in enumerate(re.split(r"\n", text)):
            if place or not found:
                found.append(Line("", 0.0))
                height.append(y)
            line = found[-1]
            if piece.strip():
                if not line.text.strip():
                    height[-1], line.size = y, round(size * scale, 1)
                line.text += piece

    try:
        page.extract_text(visitor_text=visit)
    except Exception:  # a broken page of a document whose others can be read
        return []
    return _with_gaps(found, height)


def _with_gaps(found: Sequence[Line], height: Sequence[float]) -> list[Line]:
    lines: list[Line] = []
    above: float | None = None
    for line, y in zip(found, height, strict=True):
        text = " ".join(line.text.replace("\0", "").split())
        if text:
            lines.append(Line(text, line.size, abs(above - y) if above is not None else 0.0))
            above = y
    return lines


def _without_running_heads(pages: list[list[Line]]) -> list[list[Line]]:
    """The pages without page numbers, and without what stands at the top or foot of most of them."""
    ends = Counter(re.sub(r"\d+", "#", line.text) for page in pages for line in {id(x): x for x in (*page[:2], *page[-2:])}.values())
    running = {text for text, count in ends.items() if len(pages) > 2 and count > len(pages) / 2}

    def keep(line: Line) -> bool:
        return re.sub(r"\d+", "#", line.text) not in running and not _PAGE_NUMBER.match(line.text)

    return [[line for line in page if keep(line)] for page in pages]


def _title(reader: pypdf.PdfReader, lines: Sequence[Line]) -> str:
    try:
        named = " ".join(str(reader.metadata.title or "").split()) if reader.metadata else ""
    except Exception:
        named = ""
    if named and not re.search(r"untitled|\.\w{3,4}$|^microsoft word", named, re.IGNORECASE):
        return named[:300]
    first = lines[:12]
    largest = max((line.size for line in first), default=0.0)
    found = next((line.text for line in first if line.size == largest and line.size > _body_size(lines) * LARGER), "")
    return found[:300]


def _body_size(lines: Sequence[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _outline(reader: pypdf.PdfReader) -> dict[str, int]:
    """Titles of the document's outline, as small letters without spaces, with their level (0 is the highest)."""
    found: dict[str, int] = {}

    def walk(entries: list[Any], level: int) -> None:
        for entry in entries:
            if isinstance(entry, list):
                walk(entry, level + 1)
            elif len(found) < 5_000:
                found.setdefault(_key(str(entry.title)), level)

    try:
        walk(list(reader.outline), 0)
    except Exception:  # outlines of many writers are broken, and they only help
        return {}
    return found


def _key(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()


def _markdown(lines: Sequence[Line], *, title: str, outline: dict[str, int]) -> str:
    body = _body_size(lines)
    large = {
        line.size for line in lines if line.size > body * LARGER and len(line.text) <= LONGEST_HEADING and _key(line.text) != _key(title)
    }
    sizes = sorted(large, reverse=True)
    usual = Counter(round(line.gap) for line in lines if line.size == body and line.gap).most_common(1)
    gap = (usual[0][0] if usual else body * 1.2) * 1.35
    blocks: list[str] = []
    after_heading = True
    for line in lines:
        level = _level(line, sizes, outline)
        if not blocks and _key(line.text) == _key(title):
            continue
        if level is not None:
            blocks.append(f"{'#' * level} {line.text}")
            after_heading = True
        elif after_heading or line.gap > gap or line.gap == 0.0 or _is_item(line.text):
            blocks.append(_BULLET.sub("- ", line.text))
            after_heading = False
        else:
            blocks[-1] = _join(blocks[-1], line.text)
    return re.sub(r"(?m)^((?:- |\d{1,2}[.)] ).*)\n\n(?=- |\d{1,2}[.)] )", r"\1\n", "\n\n".join(blocks))


def _level(line: Line, sizes: Sequence[float], outline: dict[str, int]) -> int | None:
    if _key(line.text) in outline:
        return min(outline[_key(line.text)] + 2, 5)
    return min(sizes.index(line.size) + 2, 5) if line.size in sizes and len(line.text) <= LONGEST_HEADING else None


def _is_item(text: str) -> bool:
    return bool(_BULLET.match(text) or _NUMBERED.match(text))


def _join(first: str, second: str) -> str:
    if re.search(r"[a-zà-ú]-$", first) and re.match(r"[a-zà-ú]", second):
        return first[:-1] + second
    return first + ("" if has_han(first[-1:]) or has_han(second[:1]) else " ") + second
