"""What of a text would change: the lines that are added and removed, with a few around them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import NotFoundError
from knowledge.imports.details import item_from, own_file
from knowledge.imports.models import ItemRow
from knowledge.models import FileRow, VersionRow
from knowledge.sources.links import find_links, relink
from knowledge.sources.types import SourceItem

MOST_LINES = 400
LONGEST_LINE = 2_000


@dataclass(frozen=True)
class DiffLine:
    """A line; `kind` is added, removed, same, or gap (lines left out)."""

    kind: str
    text: str


async def difference(session: AsyncSession, number: int) -> list[DiffLine]:
    """An item against the text that is here, title first; at most 400 lines. Raises NotFoundError."""
    row = await session.get(ItemRow, number, populate_existing=True)
    if row is None:
        raise NotFoundError("This is not in the import any more")
    living = (VersionRow.article_id == row.article_id, VersionRow.language == row.language)
    order = (VersionRow.status == "published").desc()
    query = select(VersionRow).where(*living, VersionRow.status != "archived").order_by(order, VersionRow.version.desc()).limit(1)
    here = (await session.execute(query.execution_options(populate_existing=True))).scalar()
    before = [here.title, *_lines(await _named_here(session, here.body))] if here is not None else []
    after = [row.title, *_lines(_named(item_from(row.data)))] if row.data else []
    found = list(_compared(before, after))
    return found[:MOST_LINES] + ([DiffLine("gap", "")] if len(found) > MOST_LINES else [])


def _named(item: SourceItem) -> str:
    """The text with files by what they are, wherever they lie."""
    names = {file.link: f"{file.name}#{file.digest[:8]}" for file in item.files if file.link}
    return relink(item.body, names.get) if names else item.body


async def _named_here(session: AsyncSession, body: str) -> str:
    ids = {own_file(link.target) for link in find_links(body)} - {""} if "/article-files/" in body else set()
    if not ids:
        return body
    rows = (await session.execute(select(FileRow.id, FileRow.name, FileRow.digest).where(FileRow.id.in_(ids)))).all()
    names = {str(row.id): f"{row.name}#{row.digest[:8]}" for row in rows}
    return relink(body, lambda target: names.get(own_file(target)))


def _lines(body: str) -> list[str]:
    return [line[:LONGEST_LINE] for line in body.strip().splitlines()][:5_000]


def _compared(before: list[str], after: list[str]) -> list[DiffLine]:
    found: list[DiffLine] = []
    for place, group in enumerate(difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(2)):
        if place:
            found.append(DiffLine("gap", ""))
        for kind, begin, end, start, stop in group:
            if kind == "equal":
                found += [DiffLine("same", line) for line in before[begin:end]]
            else:
                found += [DiffLine("removed", line) for line in before[begin:end]]
                found += [DiffLine("added", line) for line in after[start:stop]]
    return found
