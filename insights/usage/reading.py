"""How articles were used: a line for each article and language, and who asks for one. Asks for the right to edit articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.accounts import check_may
from context.staff.models import StaffRow
from insights.usage.counting import BAD, GOOD, OPEN
from insights.usage.models import ArticleUseRow
from kit.clock import Clock, utc_now
from kit.errors import InvalidInputError
from knowledge.articles import get_article
from knowledge.models import ArticleRow, VersionRow

RIGHT = "edit_articles"
LONGEST_DAYS = 730
PAGE = 100
QUESTIONS = 50
USED = ("accepted", "edited")
FAILED = ("asked_again", "handed_off", "thumbs_down")
COLUMNS = ("cited", "shown", "used", "failed", "helped", "not_helped", "thumbs_up", "thumbs_down", "last_at", "title")


@dataclass(frozen=True)
class Usage:
    """One article in one language over a period.

    `cited`: answers of the bot; `failed`: of these, asked again, handed over soon after, or disliked; `shown` and `used`: suggestions to
    agents; `helped`, `not_helped`: what readers said of it; `thumbs_*`: conversations rated well or badly in which it was used.
    """

    article_id: str
    language: str
    title: str
    status: str
    cited: int
    failed: int
    shown: int
    used: int
    helped: int
    not_helped: int
    thumbs_up: int
    thumbs_down: int
    last_at: datetime | None


@dataclass(frozen=True)
class AskedFor:
    """A question, redacted, with how often it came to the article and what became of it: outcome and how often, most first."""

    text: str
    language: str
    count: int
    outcomes: tuple[tuple[str, int], ...]
    last_at: datetime


@dataclass(frozen=True)
class WhoAsks:
    """The questions that an article answered, and those that it was shown for and did not."""

    article_id: str
    answered: tuple[AskedFor, ...]
    not_answered: tuple[AskedFor, ...]


@dataclass(frozen=True)
class Period:
    """What to count, and in which order. `days` back from now; `order` one of `COLUMNS`."""

    days: int = 30
    order: str = "cited"
    ascending: bool = False
    language: str = ""
    text: str = ""


async def access_usage(session: AsyncSession, staff: StaffRow, period: Period, *, limit: int = PAGE, clock: Clock = utc_now) -> list[Usage]:
    """A line for each published article and language, used or not, and for those that were used and are not published any more.

    Raises NotAllowedError, and InvalidInputError for an unknown order or a period of no or too many days.
    """
    check_may(staff, RIGHT)
    if period.order not in COLUMNS:
        raise InvalidInputError(f"There is no column {period.order!r}", hint=f"Use one of {', '.join(COLUMNS)}.")
    counts = _counts(_since(period.days, clock)).subquery()
    lines = _lines(counts).subquery()
    query = select(lines)
    if period.language:
        query = query.where(lines.c.language == period.language)
    if period.text:
        said = lines.c.title.icontains(period.text, autoescape=True)
        query = query.where(or_(said, lines.c.article_id.icontains(period.text, autoescape=True)))
    column = lines.c[period.order]
    by = column.asc().nulls_first() if period.ascending else column.desc().nulls_last()
    rows = (await session.execute(query.order_by(by, lines.c.article_id, lines.c.language).limit(limit))).all()
    return [Usage(*row) for row in rows]


async def access_who_asks(
    session: AsyncSession, staff: StaffRow, article_id: str, *, days: int = LONGEST_DAYS, clock: Clock = utc_now
) -> WhoAsks:
    """Who asks for an article, in all its languages. Raises NotAllowedError, ArticleNotFoundError, InvalidInputError."""
    check_may(staff, RIGHT)
    await get_article(session, article_id)
    mine = and_(ArticleUseRow.article_id == article_id, ArticleUseRow.at > _since(days, clock), ArticleUseRow.question.is_not(None))
    disliked = ArticleUseRow.helped.is_(False)
    good = and_(ArticleUseRow.outcome.in_((OPEN, *USED)), or_(ArticleUseRow.helped.is_(None), ~disliked))
    bad = or_(ArticleUseRow.outcome.in_((*FAILED, "dismissed")), disliked)
    return WhoAsks(article_id, await _asked(session, and_(mine, good)), await _asked(session, and_(mine, bad)))


def _since(days: int, clock: Clock) -> datetime:
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInputError(f"{days} days cannot be counted", hint=f"Choose 1 to {LONGEST_DAYS} days.")
    return clock() - timedelta(days=days)


def _counts(since: datetime) -> Any:
    use = ArticleUseRow
    answer, suggestion = use.kind == "answer", use.kind == "suggestion"

    def count(name: str, *which: ColumnElement[bool]) -> Any:
        return func.count(use.id).filter(*which).label(name)

    return (
        select(
            use.article_id, use.language, count("cited", answer), count("failed", answer, use.outcome.in_(FAILED)),
            count("shown", suggestion), count("used", suggestion, use.outcome.in_(USED)),
            count("helped", use.helped.is_(True)), count("not_helped", use.helped.is_(False)),
            count("thumbs_up", use.rating >= GOOD), count("thumbs_down", use.rating <= BAD), func.max(use.at).label("last_at"),
        )
        .where(use.at > since)
        .group_by(use.article_id, use.language)
    )  # fmt: skip


def _lines(counts: Any) -> Any:
    """Published versions beside what was counted; a use of an unknown language stands in a line of its own."""
    version = select(VersionRow).where(VersionRow.status == "published").subquery()
    both = and_(version.c.article_id == counts.c.article_id, version.c.language == counts.c.language)
    article_id = func.coalesce(version.c.article_id, counts.c.article_id)
    numbers = ("cited", "failed", "shown", "used", "helped", "not_helped", "thumbs_up", "thumbs_down")
    status = case((version.c.article_id.is_not(None), "published"), else_=func.coalesce(ArticleRow.status, "deleted"))
    return (
        select(
            article_id.label("article_id"),
            func.coalesce(version.c.language, counts.c.language).label("language"),
            func.coalesce(version.c.title, article_id).label("title"),
            status.label("status"),
            *(func.coalesce(counts.c[name], 0).label(name) for name in numbers),
            counts.c.last_at,
        )
        .select_from(version.join(counts, both, full=True))
        .join(ArticleRow, ArticleRow.id == article_id, isouter=True)
    )


async def _asked(session: AsyncSession, which: ColumnElement[bool]) -> tuple[AskedFor, ...]:
    use = ArticleUseRow
    count = func.count(use.id)
    query = (
        select(use.question, use.question_language, count, func.array_agg(use.outcome), func.max(use.at))
        .where(which)
        .group_by(use.question, use.question_language)
        .order_by(count.desc(), func.max(use.at).desc(), use.question)
        .limit(QUESTIONS)
    )
    rows = (await session.execute(query)).all()
    return tuple(AskedFor(text or "", language or "", said, _tally(outcomes), at) for text, language, said, outcomes, at in rows)


def _tally(outcomes: Sequence[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(((one, outcomes.count(one)) for one in set(outcomes)), key=lambda pair: (-pair[1], pair[0])))
