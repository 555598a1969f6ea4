"""Articles that may be out of date. `RULES` is what is looked at; another rule is another function in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from insights.usage.models import ArticleUseRow
from knowledge.articles import LANGUAGES
from knowledge.models import ArticleRow, VersionRow

OLD = timedelta(days=180)
MUCH_ASKED, IN_DAYS = 10, timedelta(days=90)
TOGETHER = timedelta(days=1)  # translations follow their source within a day


@dataclass(frozen=True)
class Stale:
    """An article in a language, and since when it may be out of date; `asked` is how often it was used.

    `why`: unchanged (long so, and much asked), behind (its `source` is newer) or review (it was to be looked at again by then).
    """

    article_id: str
    language: str
    title: str
    why: str
    since: datetime
    asked: int = 0
    source: str = ""


Rule = Callable[[AsyncSession, datetime], Awaitable[list[Stale]]]


async def unchanged_but_asked(session: AsyncSession, now: datetime) -> list[Stale]:
    """Published more than half a year ago, and used ten times or more in the last three months."""
    count = func.count(ArticleUseRow.id)
    used = (
        select(ArticleUseRow.article_id, ArticleUseRow.language, count.label("asked"))
        .where(ArticleUseRow.at > now - IN_DAYS)
        .group_by(ArticleUseRow.article_id, ArticleUseRow.language)
        .having(count >= MUCH_ASKED)
        .subquery()
    )
    query = (
        select(VersionRow, used.c.asked)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .join(used, (used.c.article_id == VersionRow.article_id) & (used.c.language == VersionRow.language))
        .where(VersionRow.status == "published", ArticleRow.status == "published", VersionRow.published_at < now - OLD)
    )
    rows = (await session.execute(query)).all()
    return [Stale(row.article_id, row.language, row.title, "unchanged", row.published_at or row.at, asked) for row, asked in rows]


async def behind_their_source(session: AsyncSession, now: datetime) -> list[Stale]:  # noqa: ARG001 - the shape of a rule
    """Translations whose source, the language that was written first, was published again since."""
    query = select(VersionRow.article_id, VersionRow.language, func.min(VersionRow.at)).group_by(VersionRow.article_id, VersionRow.language)
    begun = {(article, language): at for article, language, at in (await session.execute(query)).all()}
    published = (
        select(VersionRow)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .where(VersionRow.status == "published", ArticleRow.status == "published")
        .order_by(VersionRow.article_id)
    )
    found: list[Stale] = []
    for _, rows in groupby((await session.execute(published)).scalars().all(), key=lambda row: row.article_id):
        variants = list(rows)
        source = min(variants, key=lambda row: (begun[row.article_id, row.language], _place(row.language)))
        newest = source.published_at or source.at
        for row in variants:
            at = row.published_at or row.at
            if newest - at > TOGETHER:
                found.append(Stale(row.article_id, row.language, row.title, "behind", at, source=source.language))
    return found


async def past_review(session: AsyncSession, now: datetime) -> list[Stale]:
    """Articles that somebody should have looked at again by a date that has passed."""
    query = (
        select(ArticleRow.review_by, VersionRow)
        .join(VersionRow, (VersionRow.article_id == ArticleRow.id) & (VersionRow.language == ArticleRow.source))
        .where(VersionRow.status == "published", ArticleRow.status == "published", ArticleRow.review_by < now.date())
    )
    rows = (await session.execute(query)).all()
    return [Stale(row.article_id, row.language, row.title, "review", datetime.combine(by, time(), now.tzinfo)) for by, row in rows if by]


RULES: tuple[Rule, ...] = (unchanged_but_asked, behind_their_source, past_review)


async def find_stale(session: AsyncSession, now: datetime) -> list[Stale]:
    """What any rule finds, oldest first."""
    found = [one for rule in RULES for one in await rule(session, now)]
    return sorted(found, key=lambda one: (one.since, one.article_id, one.language, one.why))


def _place(language: str) -> int:
    return LANGUAGES.index(language) if language in LANGUAGES else len(LANGUAGES)
