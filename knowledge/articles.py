"""Writing, reviewing, publishing and archiving articles. Nothing here commits: the edge does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import Clock, utc_now
from kit.errors import ConflictError, InvalidInputError
from knowledge.checking import AUDIENCES as AUDIENCES
from knowledge.checking import LANGUAGES as LANGUAGES
from knowledge.checking import MAX_BODY as MAX_BODY
from knowledge.checking import check_details, check_language
from knowledge.checking import check_draft as check_draft
from knowledge.checking import check_questions as check_questions
from knowledge.generation import raise_generation
from knowledge.models import ArticleRow, PassageRow, VersionRow
from knowledge.reading import EVERYTHING as EVERYTHING
from knowledge.reading import ArticleFilter as ArticleFilter
from knowledge.reading import as_simplified as as_simplified
from knowledge.reading import find_published as find_published
from knowledge.reading import find_working as find_working
from knowledge.reading import get_article as get_article
from knowledge.reading import get_version as get_version
from knowledge.reading import list_articles as list_articles
from knowledge.reading import versions as versions
from knowledge.stored import WORKING, as_version, missing
from knowledge.stored import ArticleNotFoundError as ArticleNotFoundError
from knowledge.types import ArticleDraft, Details, Version

MAX_NOTE = 2000


class ArticleExistsError(ConflictError):
    """There is an article with this id already."""


class ArticleChangedError(ConflictError):
    """Someone else saved this article in the meantime."""


class NothingToReviewError(ConflictError):
    """Nothing waits for a reviewer here."""


async def add_article(session: AsyncSession, draft: ArticleDraft, *, owner: str = "") -> None:
    """A new article without any text yet; the language of the draft is the one that others will be translated from.

    Raises InvalidInputError, ArticleExistsError.
    """
    draft = check_draft(draft)
    row = {"id": draft.id, "category": draft.category, "tags": list(draft.tags), "audience": draft.audience, "status": "draft"}
    row |= {"owner": owner, "source": draft.language}
    done = await session.execute(insert(ArticleRow).values(row).on_conflict_do_nothing().returning(ArticleRow.id))
    if done.scalar() is None:
        raise ArticleExistsError(f"There is an article {draft.id!r} already", hint="Open that one, or choose another id.")


async def create_article(session: AsyncSession, draft: ArticleDraft, *, editor: str, owner: str = "", clock: Clock = utc_now) -> Version:
    """A new article with its first draft, whose language the others will be translated from.

    Raises InvalidInputError, ArticleExistsError.
    """
    await add_article(session, draft, owner=owner)
    return await save_draft(session, draft, editor=editor, expected_version=0, clock=clock)


async def save_draft(
    session: AsyncSession, draft: ArticleDraft, *, editor: str, expected_version: int | None, clock: Clock = utc_now
) -> Version:
    """Saves a draft in one language as a new version; what was worked on before becomes history. Category, tags, audience are not touched.

    A draft whose questions are None keeps those of the newest version. What waited for a reviewer waits no longer.
    `expected_version` is the newest version that the editor saw (0: none); None overwrites whatever there is.
    Raises InvalidInputError, ArticleNotFoundError, ArticleChangedError.
    """
    draft = check_draft(draft)
    article = await lock_article(session, draft.id)
    newest = await _newest_version(session, draft.id, draft.language)
    if expected_version is not None and newest != expected_version:
        raise ArticleChangedError(
            f"Version {newest} of {draft.id!r} was saved while you wrote on version {expected_version}",
            hint="Look at the newer version, then save yours on top of it.",
        )
    mine = (VersionRow.article_id == draft.id, VersionRow.language == draft.language, VersionRow.status.in_(WORKING))
    await session.execute(update(VersionRow).where(*mine).values(status="archived"))
    now = clock()
    row = VersionRow(article_id=draft.id, language=draft.language, version=newest + 1, title=draft.title, body=draft.body)
    row.questions = await _kept_questions(session, draft, newest) if draft.questions is None else list(draft.questions)
    row.status, row.editor, row.at = "draft", editor, now
    if draft.language != article.source:
        row.translated_from = await _newest_version(session, draft.id, article.source) or None
    session.add(row)
    article.changed_at = now
    await session.flush()
    return as_version(row)


async def restore(session: AsyncSession, old: Version, *, editor: str, expected_version: int | None, clock: Clock = utc_now) -> Version:
    """Saves an earlier version again, as a new draft. Raises what `save_draft` raises."""
    draft = ArticleDraft(old.article_id, old.language, old.title, old.body, questions=old.questions)
    return await save_draft(session, draft, editor=editor, expected_version=expected_version, clock=clock)


async def describe_article(
    session: AsyncSession, article_id: str, *, category: str, tags: Sequence[str], audience: str, clock: Clock = utc_now
) -> None:
    """Changes category, tags and audience, and leaves the other details. Raises InvalidInputError, ArticleNotFoundError."""
    await lock_article(session, article_id)
    details = (await get_article(session, article_id)).details
    await set_details(session, article_id, replace(details, category=category, tags=tuple(tags), audience=audience), clock=clock)


async def set_details(session: AsyncSession, article_id: str, details: Details, *, clock: Clock = utc_now) -> Details:
    """Changes what holds for all languages of an article, and lets searches notice; returns it as it was stored.

    Raises InvalidInputError, ArticleNotFoundError.
    """
    details = check_details(details)
    row = await lock_article(session, article_id)
    row.category, row.tags, row.audience, row.owner = details.category, list(details.tags), details.audience, details.owner
    row.source, row.review_by, row.expires_at = details.source, details.review_by, details.expires_at
    row.changed_at = clock()
    row.lapsed = details.expires_at is not None and details.expires_at <= row.changed_at
    await session.flush()
    await raise_generation(session, article_id=article_id)
    return details


async def submit(session: AsyncSession, article_id: str, language: str, *, editor: str, clock: Clock = utc_now) -> Version:
    """Puts the draft before a reviewer. Raises ArticleNotFoundError, InvalidInputError when there is no draft, or an empty one."""
    article = await lock_article(session, article_id)
    row = await _working_row(session, article_id, language)
    row.status, row.submitted_by, row.note = "in_review", editor, ""
    article.changed_at = clock()
    await session.flush()
    return as_version(row)


async def send_back(session: AsyncSession, article_id: str, language: str, *, note: str = "", clock: Clock = utc_now) -> Version:
    """Makes what waits for a reviewer a draft again, with what there is to say about it.

    Raises ArticleNotFoundError, NothingToReviewError, InvalidInputError for a note that is too long.
    """
    if len(note) > MAX_NOTE or "\0" in note:
        raise InvalidInputError("The note cannot be kept", hint=f"Write at most {MAX_NOTE:,} characters of text.")
    article = await lock_article(session, article_id)
    row = await _working_row(session, article_id, language)
    if row.status != "in_review":
        raise NothingToReviewError
    row.status, row.note, article.changed_at = "draft", note.strip(), clock()
    await session.flush()
    return as_version(row)


async def call_translated(session: AsyncSession, article_id: str, language: str) -> Version:
    """Says that a translation is still right although its source has changed. Raises ArticleNotFoundError, InvalidInputError."""
    article = await lock_article(session, article_id)
    check_language(language)
    query = select(VersionRow).where(VersionRow.article_id == article_id, VersionRow.language == language, VersionRow.status != "archived")
    row = (await session.execute(query.order_by(VersionRow.version.desc()))).scalars().first()
    if row is None or language == article.source:
        raise InvalidInputError(f"{article_id!r} has no translation in {language}", hint="Write one first.")
    row.translated_from = await _newest_version(session, article_id, article.source)
    await session.flush()
    return as_version(row)


async def publish(session: AsyncSession, article_id: str, language: str, *, clock: Clock = utc_now) -> Version:
    """Makes what is worked on in that language the published version; the one before it becomes history.

    The caller lets `knowledge.index.reindex` follow in the same transaction or in a job. Raises ArticleNotFoundError, InvalidInputError
    when there is no draft, or an empty one.
    """
    article = await lock_article(session, article_id)
    row = await _working_row(session, article_id, language)
    now = clock()
    mine = (VersionRow.article_id == article_id, VersionRow.language == language, VersionRow.status == "published")
    await session.execute(update(VersionRow).where(*mine).values(status="archived"))
    row.status, row.published_at = "published", now
    article.status, article.changed_at = "published", now
    await session.flush()
    return as_version(row)


async def archive(session: AsyncSession, article_id: str, *, clock: Clock = utc_now) -> tuple[Version, ...]:
    """Takes an article back in every language, out of searches too; returns what was published.

    Drafts stay. Raises ArticleNotFoundError.
    """
    article = await lock_article(session, article_id)
    mine = (VersionRow.article_id == article_id, VersionRow.status == "published")
    rows = list((await session.execute(select(VersionRow).where(*mine))).scalars())
    for row in rows:
        row.status = "archived"
    article.status, article.changed_at = "archived", clock()
    await session.flush()
    await session.execute(delete(PassageRow).where(PassageRow.article_id == article_id))
    await raise_generation(session, article_id=article_id)
    return tuple(as_version(row) for row in rows)


async def lock_article(session: AsyncSession, article_id: str) -> ArticleRow:
    """The row of an article, which nobody else changes until the transaction ends. Raises ArticleNotFoundError."""
    query = select(ArticleRow).where(ArticleRow.id == article_id).with_for_update()
    row = (await session.execute(query.execution_options(populate_existing=True))).scalar()
    if row is None:
        raise missing(article_id)
    return row


async def _working_row(session: AsyncSession, article_id: str, language: str) -> VersionRow:
    query = select(VersionRow).where(VersionRow.article_id == article_id, VersionRow.language == language)
    query = query.where(VersionRow.status.in_(WORKING)).execution_options(populate_existing=True)
    row = (await session.execute(query)).scalar()
    if row is None:
        raise InvalidInputError(f"{article_id!r} has no draft in {language[:20]}", hint="Save a draft first.")
    if not row.body.strip():
        raise InvalidInputError(f"The draft of {article_id!r} in {language} is empty", hint="Write a text before publishing it.")
    return row


async def _newest_version(session: AsyncSession, article_id: str, language: str) -> int:
    mine = (VersionRow.article_id == article_id, VersionRow.language == language)
    return (await session.execute(select(func.coalesce(func.max(VersionRow.version), 0)).where(*mine))).scalar_one()


async def _kept_questions(session: AsyncSession, draft: ArticleDraft, newest: int) -> list[str]:
    mine = (VersionRow.article_id == draft.id, VersionRow.language == draft.language, VersionRow.version == newest)
    return list((await session.execute(select(VersionRow.questions).where(*mine))).scalar() or [])
