"""Articles whose time has passed: no customer gets them from that moment on, and editors see them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import Clock, utc_now
from knowledge.generation import raise_generation
from knowledge.models import ArticleRow
from knowledge.types import Article


def is_expired(article: Article, now: datetime) -> bool:
    """Whether customers no longer get it."""
    return article.expires_at is not None and article.expires_at <= now


def is_stale(article: Article, today: date) -> bool:
    """Whether somebody should have looked at it again."""
    return article.review_by is not None and article.review_by < today


async def notice_expired(session: AsyncSession, *, clock: Clock = utc_now) -> tuple[str, ...]:
    """Notes which articles have expired (or no longer have) since somebody looked last; searches are told when there are any.

    Returns their ids. Cheap when nothing has changed: any process may call it as often as it likes.
    """
    now = clock()
    past = func.coalesce(ArticleRow.expires_at <= now, False)
    turned = ArticleRow.lapsed != past
    if (await session.execute(select(ArticleRow.id).where(turned).limit(1))).first() is None:
        return ()
    statement = update(ArticleRow).where(turned).values(lapsed=past, changed_at=ArticleRow.changed_at).returning(ArticleRow.id)
    found = tuple(sorted((await session.execute(statement)).scalars()))
    for article_id in found:
        await raise_generation(session, article_id=article_id)
    return found
