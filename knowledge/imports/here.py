"""What is here of the articles that a run found, in the form in which it is compared."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.imports.details import Told, details_here, own_file, portable_here
from knowledge.models import ArticleRow, FileRow, VersionRow
from knowledge.sources.links import find_links
from knowledge.stored import WORKING


@dataclass(frozen=True)
class Text:
    """A living version; its `body` names files by their bytes."""

    version: int
    status: str
    title: str
    body: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Here:
    """An article as it is here. `living` are its draft and published versions by language and status; `newest` version numbers.

    What waits for a reviewer is a draft. Of an article that was archived `living` has the newest version of each language too, as archived.
    """

    status: str
    details: Told
    living: Mapping[tuple[str, str], Text]
    newest: Mapping[str, int]


async def find_here(session: AsyncSession, ids: Collection[str]) -> dict[str, Here]:
    """Those of the articles that are here."""
    query = select(ArticleRow).where(ArticleRow.id.in_(ids)).execution_options(populate_existing=True)
    articles = {row.id: row for row in (await session.execute(query)).scalars()}
    living: dict[str, list[VersionRow]] = {article_id: [] for article_id in articles}
    newest: dict[str, dict[str, int]] = {article_id: {} for article_id in articles}
    versions = select(VersionRow).where(VersionRow.article_id.in_(list(articles))).order_by(VersionRow.version)
    for row in (await session.execute(versions.execution_options(populate_existing=True))).scalars():
        newest[row.article_id][row.language] = row.version
        living[row.article_id].append(row)
    for article in articles.values():
        living[article.id] = [one for one in living[article.id] if _counts(one, article, newest[article.id])]
    named = await find_digests(session, [row.body for rows in living.values() for row in rows])
    own = await _own_digests(session, articles)
    return {
        row.id: Here(
            row.status, details_here(row, own.get(row.id, ())),
            {key: text for one in living[row.id] for key, text in _texts(one, named, newest[row.id], retired=row.status == "archived")},
            newest[row.id],
        )
        for row in articles.values()
    }  # fmt: skip


async def find_digests(session: AsyncSession, bodies: Collection[str]) -> dict[str, str]:
    """The digests of the files that texts show, by their ids, whichever article has them."""
    ids = {own_file(link.target) for body in bodies if "/article-files/" in body for link in find_links(body)} - {""}
    if not ids:
        return {}
    found = await session.execute(select(FileRow.id, FileRow.digest).where(FileRow.id.in_(ids)))
    return {str(file_id): digest for file_id, digest in found.all()}


async def _own_digests(session: AsyncSession, ids: Collection[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for article_id, digest in (await session.execute(select(FileRow.article_id, FileRow.digest).where(FileRow.article_id.in_(ids)))).all():
        found.setdefault(article_id, set()).add(digest)
    return found


def _counts(version: VersionRow, article: ArticleRow, newest: Mapping[str, int]) -> bool:
    return version.status != "archived" or (article.status == "archived" and version.version == newest[version.language])


def _texts(
    row: VersionRow, digests: Mapping[str, str], newest: Mapping[str, int], *, retired: bool
) -> Iterator[tuple[tuple[str, str], Text]]:  # fmt: skip
    """The text of a version under each status by which it is looked for."""
    text = Text(row.version, row.status, row.title, portable_here(row.body, digests), tuple(row.questions))
    if row.status != "archived":
        yield (row.language, "draft" if row.status in WORKING else row.status), text
    if retired and row.version == newest[row.language]:
        yield (row.language, "archived"), text
