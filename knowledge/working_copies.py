"""What editors have typed and not saved yet, kept so that a lost connection, login or machine loses nothing. Each has their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import Clock, utc_now
from kit.errors import InvalidInputError
from knowledge.checking import check_draft
from knowledge.models import ArticleRow, WorkingCopyRow
from knowledge.stored import missing
from knowledge.types import ArticleDraft, WorkingCopy

AT_WORK = timedelta(minutes=5)  # who typed this lately is said to be writing


async def keep_copy(session: AsyncSession, draft: ArticleDraft, *, editor: str, base: int, clock: Clock = utc_now) -> WorkingCopy:
    """Keeps what an editor has typed in one language, in the place of what they had typed before; others' copies stay.

    An empty title is kept as well. Raises InvalidInputError, ArticleNotFoundError.
    """
    if base < 0 or base >= 2**31:
        raise InvalidInputError("The version that this began from is not a version")
    checked = check_draft(replace(draft, title=draft.title.strip() or "-"))
    if (await session.execute(select(ArticleRow.id).where(ArticleRow.id == draft.id))).scalar() is None:
        raise missing(draft.id)
    title = checked.title if draft.title.strip() else ""
    copy = WorkingCopy(draft.id, draft.language, editor, base, title, draft.body, checked.questions or (), clock())
    values = {
        "article_id": copy.article_id, "language": copy.language, "editor": copy.editor, "base": copy.base, "title": copy.title,
        "body": copy.body, "questions": list(copy.questions), "at": copy.at,
    }  # fmt: skip
    statement = insert(WorkingCopyRow).values(values)
    key = [WorkingCopyRow.article_id, WorkingCopyRow.language, WorkingCopyRow.editor]
    await session.execute(statement.on_conflict_do_update(index_elements=key, set_=values))
    return copy


async def drop_copy(session: AsyncSession, article_id: str, language: str, *, editor: str) -> None:
    """Forgets what an editor has typed: it was saved or thrown away."""
    mine = (WorkingCopyRow.article_id == article_id, WorkingCopyRow.language == language, WorkingCopyRow.editor == editor)
    await session.execute(delete(WorkingCopyRow).where(*mine))


async def copies_of(session: AsyncSession, article_id: str) -> list[WorkingCopy]:
    """Everything typed and not saved in one article, the newest first."""
    query = select(WorkingCopyRow).where(WorkingCopyRow.article_id == article_id).order_by(WorkingCopyRow.at.desc())
    rows = (await session.execute(query.execution_options(populate_existing=True))).scalars()
    return [
        WorkingCopy(row.article_id, row.language, row.editor, row.base, row.title, row.body, tuple(row.questions), row.at) for row in rows
    ]
