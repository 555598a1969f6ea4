"""What the public may read: published public articles, and nothing else. The one place that says which those are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import utc_now
from knowledge.articles import LANGUAGES, as_simplified
from knowledge.chinese import to_simplified
from knowledge.models import ArticleRow, CategoryRow, IndexStateRow, PassageRow, VersionRow
from knowledge.stored import as_version, unexpired
from knowledge.types import Version

SUMMARY = 220


@dataclass(frozen=True)
class PublicLine:
    """An article in a list: `summary` is how its text begins, plain; empty until it has been indexed."""

    article_id: str
    language: str
    title: str
    summary: str
    category: str
    tags: tuple[str, ...]
    questions: tuple[str, ...]
    changed_at: datetime


@dataclass(frozen=True)
class PublicArticle:
    """An article to read. `languages` are those it can be read in, in the order of `LANGUAGES`."""

    version: Version
    category: str
    tags: tuple[str, ...]
    languages: tuple[str, ...]


def visible() -> ColumnElement[bool]:
    """The condition on article and version under which the public may read it now."""
    published = and_(ArticleRow.status == "published", VersionRow.status == "published")
    return and_(published, ArticleRow.audience == "public", unexpired(utc_now()))


async def public_lines(session: AsyncSession) -> list[PublicLine]:
    """Every public article in every language it is written in, by title; zh-Hans is made of zh-Hant where it has no own."""
    query = (
        select(
            ArticleRow,
            VersionRow.language,
            VersionRow.title,
            VersionRow.questions,
            VersionRow.published_at,
            func.left(PassageRow.text, SUMMARY),
        )
        .join(VersionRow, VersionRow.article_id == ArticleRow.id)
        .outerjoin(
            PassageRow,
            and_(PassageRow.article_id == ArticleRow.id, PassageRow.language == VersionRow.language, PassageRow.ordinal == 0),
        )
        .where(visible())
        .order_by(VersionRow.title, ArticleRow.id)
        .execution_options(populate_existing=True)
    )
    lines = [
        PublicLine(a.id, language, title, summary or "", a.category, tuple(a.tags), tuple(questions), published or a.changed_at)
        for a, language, title, questions, published, summary in (await session.execute(query)).all()
    ]
    own = {line.article_id for line in lines if line.language == "zh-Hans"}
    return lines + [_simplified(line) for line in lines if line.language == "zh-Hant" and line.article_id not in own]


async def find_public(session: AsyncSession, article_id: str, language: str) -> PublicArticle | None:
    """The article for a reader of `language`: in that language, else in English, else in any; None when the public may not read it."""
    query = select(ArticleRow, VersionRow).join(VersionRow, VersionRow.article_id == ArticleRow.id)
    query = query.where(ArticleRow.id == article_id, visible()).execution_options(populate_existing=True)
    rows = (await session.execute(query)).all()
    if not rows:
        return None
    found = {row.language: as_version(row) for _, row in rows}
    if "zh-Hant" in found and "zh-Hans" not in found:
        found["zh-Hans"] = as_simplified(found["zh-Hant"])
    nearest = (language, *(name for name in LANGUAGES if name.split("-")[0] == language.split("-")[0]), "en", *LANGUAGES)
    chosen = next(found[name] for name in nearest if name in found)
    article = rows[0][0]
    return PublicArticle(chosen, article.category, tuple(article.tags), tuple(name for name in LANGUAGES if name in found))


async def fingerprint(session: AsyncSession) -> tuple[object, ...]:
    """Changes whenever something of `public_lines` or the titles of categories may have changed."""
    of_articles = select(func.max(ArticleRow.changed_at), func.count()).select_from(ArticleRow)
    of_passages = select(func.max(IndexStateRow.generation))
    of_categories = select(func.max(CategoryRow.changed_at), func.count()).select_from(CategoryRow)
    parts = [tuple((await session.execute(query)).one()) for query in (of_articles, of_passages, of_categories)]
    return tuple(parts)


def _simplified(line: PublicLine) -> PublicLine:
    title, summary, *questions = (to_simplified(text) for text in (line.title, line.summary, *line.questions))
    return replace(line, language="zh-Hans", title=title, summary=summary, questions=tuple(questions))
