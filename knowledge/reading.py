"""Reading articles: one, many by what is asked, what a reader sees, and earlier versions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kit.clock import Clock, utc_now
from kit.errors import InvalidInputError, NotFoundError
from knowledge.chinese import to_simplified
from knowledge.models import ArticleRow, VersionRow
from knowledge.stored import WORKING, as_version, missing, unexpired, with_versions
from knowledge.translations import AT_ONCE
from knowledge.types import Article, Version

STATUSES = ("draft", "in_review", "published", "archived")
CARES = ("stale", "expired", "outdated")


class VersionNotFoundError(NotFoundError):
    """There is no such version."""


@dataclass(frozen=True)
class ArticleFilter:
    """What `list_articles` shows; empty means everything. `text` is looked for in ids, titles and texts.

    With `language`, `status` is that of this language. `care` is stale (its review date has passed), expired, or outdated (a translation is
    older than its source).
    """

    status: str = ""
    category: str = ""
    language: str = ""
    audience: str = ""
    text: str = ""
    tag: str = ""
    owner: str = ""
    care: str = ""


EVERYTHING = ArticleFilter()


async def list_articles(
    session: AsyncSession,
    filters: ArticleFilter = EVERYTHING,
    *,
    limit: int = 200,
    offset: int = 0,
    after: str = "",
    clock: Clock = utc_now,
) -> list[Article]:
    """Articles with their living versions, by id; only those whose id comes after `after`. Raises InvalidInputError."""
    query = _filtered(select(ArticleRow), filters, clock()).order_by(ArticleRow.id).limit(limit).offset(offset)
    if after:
        query = query.where(ArticleRow.id > after)
    return await with_versions(session, list((await session.execute(query)).scalars()))


async def count_cares(session: AsyncSession, *, clock: Clock = utc_now) -> dict[str, int]:
    """How many articles wait for a reviewer, and how many there are for each of `CARES`."""
    now, counts = clock(), dict[str, int]()
    for name, filters in {"in_review": ArticleFilter("in_review"), **{care: ArticleFilter(care=care) for care in CARES}}.items():
        counts[name] = (await session.execute(_filtered(select(func.count()).select_from(ArticleRow), filters, now))).scalar_one()
    return counts


def _filtered(query: Select[Any], filters: ArticleFilter, now: datetime) -> Select[Any]:
    exact = {name: value for name in ("category", "audience", "owner") if (value := getattr(filters, name))}
    query = query.filter_by(**exact)
    if filters.tag:
        query = query.where(ArticleRow.tags.contains([filters.tag]))
    if filters.status or filters.language:
        query = query.where(_has(filters.status, filters.language))
    if filters.text:
        query = query.where(_says(filters.text))
    if filters.care:
        query = query.where(_needs(filters.care, now))
    return query


def _has(status: str, language: str) -> ColumnElement[bool]:
    """That the article (or its version in that language) has the status."""
    if status not in ("", *STATUSES):
        raise InvalidInputError(f"{status[:40]!r} is not a status", hint=f"Known are {', '.join(STATUSES)}.")
    if status == "archived":
        return and_(ArticleRow.status == "archived", _written(language))
    if status == "published" and not language:
        return ArticleRow.status == "published"
    living = VersionRow.status == status if status else VersionRow.status != "archived"
    return and_(ArticleRow.status != "archived" if status else true(), _written(language, living))


def _written(language: str, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    spoken = (VersionRow.language == language,) if language else ()
    return exists().where(VersionRow.article_id == ArticleRow.id, *spoken, *more)


def _says(text: str) -> ColumnElement[bool]:
    found = or_(VersionRow.title.icontains(text, autoescape=True), VersionRow.body.icontains(text, autoescape=True))
    said = exists().where(VersionRow.article_id == ArticleRow.id, VersionRow.status != "archived", found)
    return or_(ArticleRow.id.icontains(text, autoescape=True), said)


def _needs(care: str, now: datetime) -> ColumnElement[bool]:
    live = ArticleRow.status == "published"
    if care == "stale":
        return and_(live, ArticleRow.review_by < now.date())
    if care == "expired":
        return and_(live, ArticleRow.expires_at <= now)
    if care == "outdated":
        return and_(live, _outdated())
    raise InvalidInputError(f"{care[:40]!r} cannot be asked for", hint=f"Known are {', '.join(CARES)}.")


def _outdated() -> ColumnElement[bool]:
    """As `translations.outdated`, in SQL."""
    source, translation, later = aliased(VersionRow), aliased(VersionRow), aliased(VersionRow)
    newer = exists().where(
        later.article_id == translation.article_id,
        later.language == translation.language,
        later.version > translation.version,
        later.status != "archived",
    )
    return exists().where(
        source.article_id == ArticleRow.id,
        source.language == ArticleRow.source,
        source.status == "published",
        translation.article_id == ArticleRow.id,
        translation.language != ArticleRow.source,
        translation.status != "archived",
        ~newer,
        func.coalesce(translation.translated_from, 0) < source.version,
        source.at > translation.at + timedelta(seconds=AT_ONCE),
    )


async def get_article(session: AsyncSession, article_id: str) -> Article:
    """The article with its living versions. Raises ArticleNotFoundError."""
    row = await session.get(ArticleRow, article_id, populate_existing=True)
    if row is None:
        raise missing(article_id)
    return (await with_versions(session, [row]))[0]


async def find_published(
    session: AsyncSession, article_id: str, language: str, *, expired: bool = False, clock: Clock = utc_now
) -> Version | None:
    """What a reader of that language sees: the published version; for zh-Hans without its own, zh-Hant turned to Simplified.

    Nothing of an article that has expired, unless `expired`.
    """
    wanted = (language, "zh-Hant") if language == "zh-Hans" else (language,)
    query = select(VersionRow).join(ArticleRow).where(VersionRow.article_id == article_id, VersionRow.language.in_(wanted))
    query = query.where(VersionRow.status == "published")
    if not expired:
        query = query.where(unexpired(clock()))
    found = {row.language: as_version(row) for row in (await session.execute(query)).scalars()}
    if language in found or language != "zh-Hans":
        return found.get(language)
    return as_simplified(found["zh-Hant"]) if found else None


async def versions(session: AsyncSession, article_id: str, language: str) -> list[Version]:
    """Every version of that language, newest first."""
    query = select(VersionRow).where(VersionRow.article_id == article_id, VersionRow.language == language)
    query = query.order_by(VersionRow.version.desc()).execution_options(populate_existing=True)
    return [as_version(row) for row in (await session.execute(query)).scalars()]


async def get_version(session: AsyncSession, article_id: str, language: str, version: int) -> Version:
    """One version. Raises VersionNotFoundError."""
    row = await session.get(VersionRow, (article_id, language, version)) if 0 <= version < 2**31 else None
    if row is None:
        raise VersionNotFoundError(f"There is no version {version} of {article_id[:120]!r} in {language[:20]}")
    return as_version(row)


async def find_working(session: AsyncSession, article_id: str, language: str) -> Version | None:
    """What is worked on in that language: a draft, or what waits for a reviewer."""
    query = select(VersionRow).where(VersionRow.article_id == article_id, VersionRow.language == language)
    row = (await session.execute(query.where(VersionRow.status.in_(WORKING)))).scalar()
    return as_version(row) if row else None


async def names_in_use(session: AsyncSession) -> tuple[list[str], list[str], list[str]]:
    """The categories, tags and owners that articles have, sorted."""
    categories = select(ArticleRow.category).where(ArticleRow.category != "").distinct().order_by(ArticleRow.category)
    tags = select(func.jsonb_array_elements_text(ArticleRow.tags).label("tag")).distinct().order_by("tag")
    owners = select(ArticleRow.owner).where(ArticleRow.owner != "").distinct().order_by(ArticleRow.owner)
    found = [list((await session.execute(query)).scalars()) for query in (categories, tags, owners)]
    return found[0], found[1], found[2]


def as_simplified(version: Version) -> Version:
    """A Traditional Chinese version in Simplified Chinese."""
    questions = tuple(to_simplified(question) for question in version.questions)
    title, body = to_simplified(version.title), to_simplified(version.body)
    return replace(version, language="zh-Hans", title=title, body=body, questions=questions)
