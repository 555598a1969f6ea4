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
    """Parts of at most LONGEST characters that begin with headings where they can."""
    parts = [""]
    for piece in (piece for section in re.split(r"(?m)^(?=#{1,3} )", body) for piece in _pieces(section)):
        if parts[-1] and len(parts[-1]) + len(piece) + 2 > LONGEST:
            parts.append("")
        parts[-1] = f"{parts[-1]}\n\n{piece}".strip()
    return [part for part in parts if part]


def _pieces(section: str) -> list[str]:
    """A section as it is when it fits; else its paragraphs, put together as far as they fit; a paragraph that does not fit in slices."""
    if len(section) <= LONGEST:
        return [section.strip()]
    pieces = [""]
    for paragraph in section.split("\n\n"):
        for slice_ in (paragraph[start : start + LONGEST] for start in range(0, len(paragraph), LONGEST)):
            if pieces[-1] and len(pieces[-1]) + len(slice_) + 2 > LONGEST:
                pieces.append("")
            pieces[-1] = f"{pieces[-1]}\n\n{slice_}".strip()
    return pieces


def document_item(name: str, *, title: str, body: str, wanted: str, options: Options, url: str = "") -> SourceItem:
    """A whole document as one item."""
    key = url or name
    return SourceItem(key, key, wanted, title, body, "", category=options.category, audience=options.audience)
