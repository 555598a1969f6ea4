"""Long documents as several articles, cut at headings, else between paragraphs."""

from __future__ import annotations

import re

from knowledge.sources.types import Options, Reading, SourceItem, skip

LONGEST = 150_000
MOST = 20


def as_articles(item: SourceItem) -> Reading:
    """The item as it is; as up to 20 parts when it is longer than an article may be; not at all when it is longer than that."""
    if len(item.body) <= LONGEST:
        return Reading((item,))
    parts = _cut(item.body)
    if len(parts) > MOST:
        return skip(item.key, f"It has {len(item.body):,} characters, at most {MOST * LONGEST:,} are taken: divide it")
    return Reading(tuple(_part(item, number, text, len(parts)) for number, text in enumerate(parts, 1)))


def _part(item: SourceItem, number: int, text: str, count: int) -> SourceItem:
    name = f"{item.key}#{number}"
    notes = (*item.notes, f"Part {number} of {count}: the document is longer than one article may be.")
    return SourceItem(
        name, name, f"{item.article_id}-{number}", f"{item.title} ({number}/{count})", text, item.language, item.category, item.tags,
        item.audience, notes=notes,
    )  # fmt: skip


def _cut(body: str) -> list[str]:
    whole = [piece for piece in re.split(r"(?m)^(?=#{1,3} )|\n\n", body) if piece and piece.strip()]
    pieces = [piece[start : start + LONGEST] for piece in whole for start in range(0, len(piece), LONGEST)]
    parts: list[list[str]] = [[]]
    size = 0
    for piece in pieces:
        if size + len(piece) > LONGEST and parts[-1]:
            parts.append([])
            size = 0
        parts[-1].append(piece.strip())
        size += len(piece) + 2
    return ["\n\n".join(part) for part in parts]


def document_item(name: str, *, title: str, body: str, wanted: str, options: Options, url: str = "") -> SourceItem:
    """A whole document as one item."""
    key = url or name
    return SourceItem(key, key, wanted, title, body, "", category=options.category, audience=options.audience)
