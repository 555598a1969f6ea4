"""The health of the knowledge base as it is read, and a person's judgement of a finding. Asks for the right to edit articles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.accounts import check_may
from context.staff.models import StaffRow
from insights.health.links import article_of
from insights.health.models import ArticleLinkRow, FindingRow, LinkCheckRow, ReadVersionRow
from insights.health.stale import Stale, find_stale
from kit.clock import Clock, utc_now
from kit.errors import InvalidInputError, NotFoundError
from knowledge.articles import LANGUAGES
from knowledge.calibration import Curve
from knowledge.models import ArticleRow, VersionRow
from knowledge.recalibrating import Calibrating, ask_for_calibration, find_calibrating
from knowledge.reembedding import served_calibration

RIGHT = "edit_articles"
DUPLICATE, CONTRADICTION = "duplicate", "contradiction"
KINDS = (DUPLICATE, CONTRADICTION)
PAGE = 200
SITE_PAGES = frozenset({"/", "/help", *(f"/help/{language}" for language in LANGUAGES)})
"""Paths of this site beside articles that articles may link to."""


class FindingNotFoundError(NotFoundError):
    """There is no such finding any more."""


@dataclass(frozen=True)
class Side:
    """A sentence in its article."""

    article_id: str
    language: str
    text: str


@dataclass(frozen=True)
class Finding:
    """A candidate. `score`: of a duplicate the share of sentences said twice, else the nearness; `differs`: (kind, one, other)."""

    id: UUID
    kind: str
    one: Side
    other: Side
    score: float
    differs: tuple[tuple[str, str, str], ...]
    found_at: datetime
    dismissed_by: str | None


@dataclass(frozen=True)
class BrokenLink:
    """A link that leads nowhere. `why`: missing, draft, retired, internal, no_page; broken or refused for addresses outside."""

    article_id: str
    language: str
    written: str
    why: str
    detail: str
    checked_at: datetime | None


@dataclass(frozen=True)
class Overview:
    """How much there is of each, how many published versions were read of how many, and what answers are expected to be.

    `expected` is by family of languages (en, pt, zh); a family whose articles say too little for a calibration is missing.
    `calibrating`: when that was estimated last, and since when somebody waits for a new one.
    """

    duplicates: int
    contradictions: int
    stale: int
    broken: int
    read: int
    published: int
    links: int
    unchecked: int
    expected: Mapping[str, Curve]
    calibrating: Calibrating


async def access_findings(
    session: AsyncSession, staff: StaffRow, kind: str, *, dismissed: bool = False, limit: int = PAGE
) -> list[Finding]:
    """Candidates of one kind, the surest first. Raises NotAllowedError, InvalidInputError."""
    check_may(staff, RIGHT)
    if kind not in KINDS:
        raise InvalidInputError(f"There is no kind {kind!r}", hint=f"Use one of {', '.join(KINDS)}.")
    judged = FindingRow.dismissed_at.is_not(None) if dismissed else FindingRow.dismissed_at.is_(None)
    query = select(FindingRow).where(FindingRow.kind == kind, judged)
    rows = (await session.execute(query.order_by(FindingRow.score.desc(), FindingRow.key).limit(limit))).scalars()
    return [_finding(row) for row in rows]


async def judge_finding(session: AsyncSession, staff: StaffRow, finding_id: UUID, *, dismissed: bool, clock: Clock = utc_now) -> Finding:
    """Puts a finding away as no problem, or takes that back. Raises NotAllowedError, FindingNotFoundError."""
    check_may(staff, RIGHT)
    row = await session.get(FindingRow, finding_id, populate_existing=True, with_for_update=True)
    if row is None:
        raise FindingNotFoundError(hint="Its articles were changed: look at the list again.")
    row.dismissed_at = clock() if dismissed else None
    row.dismissed_by, row.dismissed_name = (str(staff.id), staff.name) if dismissed else (None, None)
    await session.flush()
    return _finding(row)


async def access_stale(session: AsyncSession, staff: StaffRow, *, clock: Clock = utc_now) -> list[Stale]:
    """Articles that may be out of date. Raises NotAllowedError."""
    check_may(staff, RIGHT)
    return await find_stale(session, clock())


async def access_broken_links(session: AsyncSession, staff: StaffRow, *, pages: Collection[str] = SITE_PAGES) -> list[BrokenLink]:
    """Links of published articles that lead nowhere: on this site as of now, outside as last checked. Raises NotAllowedError."""
    check_may(staff, RIGHT)
    outside = (
        select(ArticleLinkRow, LinkCheckRow)
        .join(LinkCheckRow, LinkCheckRow.target == ArticleLinkRow.target)
        .where(ArticleLinkRow.outside, LinkCheckRow.state.in_(("broken", "refused")))
    )
    found = [
        BrokenLink(link.article_id, link.language, link.written, check.state, _said(check), check.checked_at)
        for link, check in (await session.execute(outside)).all()
    ]
    found += await _broken_inside(session, pages)
    return sorted(found, key=lambda one: (one.article_id, one.language, one.written))


async def access_overview(session: AsyncSession, staff: StaffRow, *, clock: Clock = utc_now) -> Overview:
    """How much there is to do. Raises NotAllowedError."""
    broken, stale = await access_broken_links(session, staff), await find_stale(session, clock())
    kinds = select(FindingRow.kind, func.count()).where(FindingRow.dismissed_at.is_(None)).group_by(FindingRow.kind)
    counts: dict[str, int] = {kind: number for kind, number in (await session.execute(kinds)).all()}  # noqa: C416 - rows, not pairs
    read = (await session.execute(select(func.count()).select_from(ReadVersionRow))).scalar_one()
    published = select(func.count()).select_from(VersionRow).join(ArticleRow, ArticleRow.id == VersionRow.article_id)
    there = (await session.execute(published.where(VersionRow.status == "published", ArticleRow.status == "published"))).scalar_one()
    links = (await session.execute(select(func.count()).select_from(LinkCheckRow))).scalar_one()
    new = (await session.execute(select(func.count()).select_from(LinkCheckRow).where(LinkCheckRow.state == "new"))).scalar_one()
    expected = (await served_calibration(session)).curves
    return Overview(
        counts.get(DUPLICATE, 0), counts.get(CONTRADICTION, 0), len(stale), len(broken), read, there, links, new, expected,
        await find_calibrating(session),
    )  # fmt: skip


async def calibrate_anew(session: AsyncSession, staff: StaffRow, *, clock: Clock = utc_now) -> Calibrating:
    """Has a worker estimate anew how sure answers are. Raises NotAllowedError, TooLargeToCalibrateError."""
    check_may(staff, RIGHT)
    return await ask_for_calibration(session, clock=clock)


async def _broken_inside(session: AsyncSession, pages: Collection[str]) -> list[BrokenLink]:
    articles = {row.id: row for row in (await session.execute(select(ArticleRow))).scalars()}
    links = (await session.execute(select(ArticleLinkRow).where(~ArticleLinkRow.outside))).scalars()
    found = []
    for link in links:
        why = _leads_nowhere(link, articles, pages)
        if why:
            found.append(BrokenLink(link.article_id, link.language, link.written, why, link.target, None))
    return found


def _leads_nowhere(link: ArticleLinkRow, articles: dict[str, ArticleRow], pages: Collection[str]) -> str:
    to = article_of(link.target)
    if to is None:
        return "" if link.target in pages else "no_page"
    article, mine = articles.get(to[1]), articles.get(link.article_id)
    if article is None:
        return "missing"
    if article.status != "published":
        return article.status
    return "internal" if article.audience == "internal" and mine is not None and mine.audience == "public" else ""


def _said(check: LinkCheckRow) -> str:
    return " ".join(part for part in (str(check.status or ""), check.detail) if part)


def _finding(row: FindingRow) -> Finding:
    one = Side(row.one_article, row.one_language, row.one_text)
    other = Side(row.other_article, row.other_language, row.other_text)
    differs = tuple((str(kind), str(first), str(second)) for kind, first, second in row.detail)
    return Finding(row.id, row.kind, one, other, row.score, differs, row.found_at, row.dismissed_name)
