"""Records whether an article helped: once for each reader and version; a comment may follow."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from channels.help.models import FeedbackRow
from context.events import ArticleHelped, ArticleNotHelped
from context.ledger import CUSTOMER, Ledger
from kit.errors import InvalidInputError

CHANNEL = "help"
MAX_COMMENT = 2000


@dataclass(frozen=True)
class Feedback:
    """A reader's answer. `visitor` is the opaque value of their cookie."""

    visitor: str
    article_id: str
    language: str
    version: int
    helped: bool
    comment: str = ""


@dataclass(frozen=True)
class Comment:
    """What a reader wrote to an article."""

    article_id: str
    language: str
    version: int
    helped: bool
    text: str
    at: datetime


async def latest_comments(session: AsyncSession, *, limit: int = 50) -> list[Comment]:
    """What readers wrote, newest first."""
    query = select(FeedbackRow).where(FeedbackRow.comment.is_not(None)).order_by(FeedbackRow.at.desc()).limit(limit)
    rows = (await session.execute(query.execution_options(populate_existing=True))).scalars()
    return [Comment(row.article_id, row.language, row.version, row.helped, row.comment or "", row.at) for row in rows]


async def record_feedback(session: AsyncSession, ledger: Ledger, feedback: Feedback) -> bool:
    """Stores it; returns whether it was the first of this reader for this version. A first comment is added to the stored answer.

    Raises InvalidInputError for a comment that is too long.
    """
    comment = feedback.comment.replace("\0", "").strip() or None
    if comment is not None and len(comment) > MAX_COMMENT:
        raise InvalidInputError(f"The comment has {len(comment):,} characters", hint=f"Write at most {MAX_COMMENT:,}.")
    key = {
        "visitor_hash": hashlib.sha256(feedback.visitor.encode()).hexdigest(),
        "article_id": feedback.article_id,
        "language": feedback.language,
        "version": feedback.version,
    }
    values = {**key, "helped": feedback.helped, "comment": comment, "at": ledger.now}
    stored = await session.execute(insert(FeedbackRow).values(values).on_conflict_do_nothing().returning(FeedbackRow.version))
    if stored.scalar() is None:
        if comment is not None:
            await session.execute(update(FeedbackRow).filter_by(**key).where(FeedbackRow.comment.is_(None)).values(comment=comment))
        return False
    kind = ArticleHelped if feedback.helped else ArticleNotHelped
    await ledger.append(session, kind(article_id=feedback.article_id, language=feedback.language), actor=CUSTOMER, channel=CHANNEL)
    return True
