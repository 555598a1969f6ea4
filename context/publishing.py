"""Publishing and archiving articles, as events: what follows (new passages, new index) is in the table of consequences."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from context.events import Actor, ArticlePublished, ArticleRetired
from context.ledger import SYSTEM, Ledger
from context.staff.accounts import check_may
from context.staff.models import StaffRow
from knowledge import articles
from knowledge.types import Version


async def publish_article(session: AsyncSession, ledger: Ledger, *, staff: StaffRow, article_id: str, language: str) -> Version:
    """Publishes the draft of one language. Raises NotAllowedError, NotFoundError, or InvalidInputError when there is no draft."""
    check_may(staff, "edit_articles")
    version = await articles.publish(session, article_id, language, clock=ledger.clock)
    event = ArticlePublished(article_id=article_id, language=language, version=version.version)
    await ledger.append(session, event, actor=Actor("agent", str(staff.id)))
    return version


async def archive_article(session: AsyncSession, ledger: Ledger, *, staff: StaffRow, article_id: str) -> None:
    """Takes an article back in all its languages. Raises NotAllowedError and NotFoundError."""
    check_may(staff, "edit_articles")
    for version in await articles.archive(session, article_id, clock=ledger.clock):
        event = ArticleRetired(article_id=article_id, language=version.language)
        await ledger.append(session, event, actor=Actor("agent", str(staff.id)))


async def announce_published(session: AsyncSession, ledger: Ledger, names: Iterable[str]) -> None:
    """Appends the events of what an import published, named "article/language"."""
    for article_id, _, language in (name.partition("/") for name in names):
        version = await articles.find_published(session, article_id, language)
        if version is not None:
            event = ArticlePublished(article_id=article_id, language=language, version=version.version)
            await ledger.append(session, event, actor=SYSTEM)
