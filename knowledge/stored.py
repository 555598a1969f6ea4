"""Rows of articles as what the rest of the house reads, and which of them a customer may get."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import NotFoundError
from knowledge.models import ArticleRow, VersionRow
from knowledge.types import Article, Version

WORKING = ("draft", "in_review")


class ArticleNotFoundError(NotFoundError):
    """There is no such article."""


def missing(article_id: str) -> ArticleNotFoundError:
    """The error for an article that is not there."""
    return ArticleNotFoundError(f"There is no article {article_id[:120]!r}", hint="It may have been renamed or deleted.")


def unexpired(now: datetime) -> ColumnElement[bool]:
    """That an article has not expired."""
    return or_(ArticleRow.expires_at.is_(None), ArticleRow.expires_at > now)


async def with_versions(session: AsyncSession, rows: Sequence[ArticleRow]) -> list[Article]:
    """The articles of these rows with their living versions."""
    query = select(VersionRow).where(VersionRow.article_id.in_([row.id for row in rows]), VersionRow.status != "archived")
    query = query.order_by(VersionRow.language, VersionRow.version).execution_options(populate_existing=True)
    living: dict[str, list[Version]] = {row.id: [] for row in rows}
    for version in (await session.execute(query)).scalars():
        living[version.article_id].append(as_version(version))
    return [_article(row, living[row.id]) for row in rows]


def _article(row: ArticleRow, versions: Sequence[Version]) -> Article:
    waits = row.status == "draft" and any(version.status == "in_review" for version in versions)
    return Article(
        row.id,
        "in_review" if waits else row.status,
        row.category,
        tuple(row.tags),
        row.audience,
        row.changed_at,
        tuple(versions),
        owner=row.owner,
        source=row.source,
        review_by=row.review_by,
        expires_at=row.expires_at,
    )


def as_version(row: VersionRow) -> Version:
    """The version of a row."""
    return Version(
        row.article_id,
        row.language,
        row.version,
        row.title,
        row.body,
        row.status,
        row.editor,
        row.at,
        row.published_at,
        tuple(row.questions),
        submitted_by=row.submitted_by,
        note=row.note,
        translated_from=row.translated_from,
    )
