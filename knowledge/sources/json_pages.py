"""JSON as help-centre systems export it: one answer of their API, several in a list, or one answer a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from knowledge.sources.decoding import decode
from knowledge.sources.types import Document, UnreadableError

Json = dict[str, Any]


def read_pages(document: Document, encoding: str = "") -> list[Json]:
    """The objects of a file. A bare list of articles becomes `{"articles": [...]}`. Raises UnreadableError naming line and column."""
    text, _ = decode(document.data, encoding)
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not lines[0].rstrip().endswith("}"):
            raise UnreadableError(f"Line {error.lineno}, column {error.colno}: {error.msg}") from None
        found = [_line(line, number) for number, line in enumerate(lines, 1)]
    except RecursionError:
        raise UnreadableError("It is nested too deeply") from None
    pages = found if isinstance(found, list) else [found]
    objects = [page for page in pages if isinstance(page, dict)]
    return [{"articles": objects}] if objects and isinstance(found, list) and all("title" in one for one in objects) else objects


def _line(line: str, number: int) -> Any:
    try:
        return json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UnreadableError(f"Line {number}: {error}") from None


def objects(pages: list[Json], *names: str) -> Iterator[Json]:
    """Every object in lists of these names."""
    for page in pages:
        for name in names:
            values = page.get(name)
            yield from (value for value in values if isinstance(value, dict)) if isinstance(values, list) else ()


def text_of(value: Any) -> str:
    """A text or number as text; anything else is empty."""
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def by_id(found: Iterator[Json]) -> dict[str, Json]:
    """Objects by their id."""
    return {text_of(one.get("id")): one for one in found if text_of(one.get("id"))}
