"""Writing, publishing and retiring articles. Nothing here commits: the edge does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import Clock, utc_now
from kit.errors import ConflictError, InvalidInputError, NotFoundError
from knowledge.chinese import to_simplified
from knowledge.models import ArticleRow, ChangeRow, IndexStateRow, PassageRow, VersionRow
from knowledge.types import Article, ArticleDraft, Version

LANGUAGES = ("en", "zh-Hant", "zh-Hans", "pt")
AUDIENCES = ("public", "internal")
MAX_TITLE = 300
MAX_BODY = 200_000
MAX_QUESTIONS = 50
MAX_QUESTION = 300
KEPT_CHANGES = 10_000
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class ArticleNotFoundError(NotFoundError):
    """There is no such article."""


class ArticleExistsError(ConflictError):
    """There is an article with this id already."""


class ArticleChangedError(ConflictError):
    """Someone else saved this article in the meantime."""


@dataclass(frozen=True)
class ArticleFilter:
    """What `list_articles` shows; empty means everything. `text` is looked for in ids and titles."""

    status: str = ""
    category: str = ""
    language: str = ""
    audience: str = ""
    text: str = ""


EVERYTHING = ArticleFilter()


def check_draft(draft: ArticleDraft) -> ArticleDraft:
    """The draft with its texts trimmed. Raises InvalidInputError naming the field that cannot be accepted."""
    if not _SLUG.fullmatch(draft.id) or len(draft.id) > 100:
        raise InvalidInputError(
            f"{draft.id[:120]!r} cannot be the id of an article", hint="Use small letters, digits and dashes, at most 100: return-policy"
        )
    if draft.language not in LANGUAGES:
        raise InvalidInputError(f"{draft.language!r} is not a language of articles", hint=f"Known are {', '.join(LANGUAGES)}.")
    if draft.audience not in AUDIENCES:
        raise InvalidInputError(f"{draft.audience!r} is not an audience", hint="It is public or internal.")
    title = " ".join(draft.title.split())
    if not 1 <= len(title) <= MAX_TITLE:
        raise InvalidInputError(f"The title has {len(title)} characters", hint=f"Write 1 to {MAX_TITLE} characters.")
    if len(draft.body) > MAX_BODY:
        raise InvalidInputError(f"The text has {len(draft.body):,} characters", hint=f"At most {MAX_BODY:,}: divide the article.")
    if "\0" in draft.body + title:
        raise InvalidInputError("The text holds a NUL character", hint="It is probably not text: save the file as UTF-8.")
    tags = tuple(dict.fromkeys(tag.strip() for tag in draft.tags if tag.strip()))
    questions = None if draft.questions is None else check_questions(draft.questions)
    return replace(draft, title=title, body=draft.body.strip(), category=draft.category.strip(), tags=tags, questions=questions)


def check_questions(questions: Sequence[str]) -> tuple[str, ...]:
    """The questions on one line each, every one once, empty ones left out. Raises InvalidInputError naming the one that is too long."""
    kept = tuple(dict.fromkeys(line for question in questions if (line := " ".join(question.split()))))
    if len(kept) > MAX_QUESTIONS:
        raise InvalidInputError(f"There are {len(kept)} questions", hint=f"At most {MAX_QUESTIONS}: keep those that differ most.")
    wrong = next((one for one in kept if len(one) > MAX_QUESTION or "\0" in one), None)
    if wrong is not None:
        raise InvalidInputError(f"The question {wrong[:60]!r}... cannot be kept", hint=f"Write 1 to {MAX_QUESTION} characters of text.")
    return kept


async def create_article(session: AsyncSession, draft: ArticleDraft, *, editor: str, clock: Clock = utc_now) -> Version:
    """A new article with its first draft. Raises InvalidInputError, ArticleExistsError."""
    draft = check_draft(draft)
    row = {"id": draft.id, "category": draft.category, "tags": list(draft.tags), "audience": draft.audience, "status": "draft"}
    done = await session.execute(insert(ArticleRow).values(row).on_conflict_do_nothing().returning(ArticleRow.id))
    if done.scalar() is None:
        raise ArticleExistsError(f"There is an article {draft.id!r} already", hint="Open that one, or choose another id.")
    return await save_draft(session, draft, editor=editor, expected_version=0, clock=clock)


async def save_draft(
    session: AsyncSession, draft: ArticleDraft, *, editor: str, expected_version: int | None, clock: Clock = utc_now
) -> Version:
    """Saves a draft in one language as a new version; the draft before it becomes history. Category, tags and audience are not touched.

    A draft whose questions are None keeps those of the newest version.
    `expected_version` is the newest version that the editor saw (0: none); None overwrites whatever there is.
    Raises InvalidInputError, ArticleNotFoundError, ArticleChangedError.
    """
    draft = check_draft(draft)
    await _lock(session, draft.id)
    newest = await _newest_version(session, draft.id, draft.language)
    if expected_version is not None and newest != expected_version:
        raise ArticleChangedError(
            f"Version {newest} of {draft.id!r} was saved while you wrote on version {expected_version}",
            hint="Look at the newer version, then save yours on top of it.",
        )
    await session.execute(
        update(VersionRow)
        .where(VersionRow.article_id == draft.id, VersionRow.language == draft.language, VersionRow.status == "draft")
        .values(status="archived")
    )
    now = clock()
    row = VersionRow(article_id=draft.id, language=draft.language, version=newest + 1, title=draft.title, body=draft.body)
    row.questions = await _kept_questions(session, draft, newest) if draft.questions is None else list(draft.questions)
    row.status, row.editor, row.at = "draft", editor, now
    session.add(row)
    await session.execute(update(ArticleRow).where(ArticleRow.id == draft.id).values(changed_at=now))
    await session.flush()
    return _version(row)


async def describe_article(
    session: AsyncSession, article_id: str, *, category: str, tags: Sequence[str], audience: str, clock: Clock = utc_now
) -> None:
    """Changes what holds for all languages of an article, and lets searches notice. Raises InvalidInputError, ArticleNotFoundError."""
    draft = check_draft(ArticleDraft(article_id, LANGUAGES[0], "-", "", category, tuple(tags), audience))
    row = await _lock(session, article_id)
    row.category, row.tags, row.audience, row.changed_at = draft.category, list(draft.tags), draft.audience, clock()
    await session.flush()
    await raise_generation(session, article_id=article_id)


async def publish(session: AsyncSession, article_id: str, language: str, *, clock: Clock = utc_now) -> Version:
    """Makes the draft of that language the published version; the one before it becomes history.

    The caller lets `knowledge.index.reindex` follow in the same transaction or in a job. Raises ArticleNotFoundError, InvalidInputError
    when there is no draft, or an empty one.
    """
    article = await _lock(session, article_id)
    mine = (VersionRow.article_id == article_id, VersionRow.language == language)
    draft = (await session.execute(select(VersionRow).where(*mine, VersionRow.status == "draft"))).scalar()
    if draft is None:
        raise InvalidInputError(f"{article_id!r} has no draft in {language}", hint="Save a draft first.")
    if not draft.body.strip():
        raise InvalidInputError(f"The draft of {article_id!r} in {language} is empty", hint="Write a text before publishing it.")
    now = clock()
    await session.execute(update(VersionRow).where(*mine, VersionRow.status == "published").values(status="archived"))
    draft.status, draft.published_at = "published", now
    article.status, article.changed_at = "published", now
    await session.flush()
    return _version(draft)


async def retire(session: AsyncSession, article_id: str, *, clock: Clock = utc_now) -> tuple[Version, ...]:
    """Takes an article back in every language, out of searches too; returns what was published.

    Drafts stay. Raises ArticleNotFoundError.
    """
    article = await _lock(session, article_id)
    mine = (VersionRow.article_id == article_id, VersionRow.status == "published")
    rows = list((await session.execute(select(VersionRow).where(*mine))).scalars())
    for row in rows:
        row.status = "archived"
    article.status, article.changed_at = "retired", clock()
    await session.flush()
    await session.execute(delete(PassageRow).where(PassageRow.article_id == article_id))
    await raise_generation(session, article_id=article_id)
    return tuple(_version(row) for row in rows)


async def list_articles(session: AsyncSession, filters: ArticleFilter = EVERYTHING, *, limit: int = 200, offset: int = 0) -> list[Article]:
    """Articles with their living versions, by id."""
    query = select(ArticleRow).order_by(ArticleRow.id).limit(limit).offset(offset)
    exact = {name: value for name in ("status", "category", "audience") if (value := getattr(filters, name))}
    query = query.filter_by(**exact)
    living = select(VersionRow.article_id).where(VersionRow.status != "archived")
    if filters.language:
        query = query.where(ArticleRow.id.in_(living.where(VersionRow.language == filters.language)))
    if filters.text:
        titled = living.where(VersionRow.title.icontains(filters.text, autoescape=True))
        query = query.where(ArticleRow.id.icontains(filters.text, autoescape=True) | ArticleRow.id.in_(titled))
    return await _with_versions(session, list((await session.execute(query)).scalars()))


async def get_article(session: AsyncSession, article_id: str) -> Article:
    """The article with its living versions. Raises ArticleNotFoundError."""
    row = await session.get(ArticleRow, article_id, populate_existing=True)
    if row is None:
        raise _missing(article_id)
    return (await _with_versions(session, [row]))[0]


async def find_published(session: AsyncSession, article_id: str, language: str) -> Version | None:
    """What a reader of that language sees: the published version; for zh-Hans without its own, zh-Hant turned to Simplified."""
    wanted = (language, "zh-Hant") if language == "zh-Hans" else (language,)
    query = select(VersionRow).where(VersionRow.article_id == article_id, VersionRow.language.in_(wanted))
    query = query.where(VersionRow.status == "published")
    found = {row.language: _version(row) for row in (await session.execute(query)).scalars()}
    if language in found or language != "zh-Hans":
        return found.get(language)
    return as_simplified(found["zh-Hant"]) if found else None


async def versions(session: AsyncSession, article_id: str, language: str) -> list[Version]:
    """Every version of that language, newest first."""
    query = select(VersionRow).where(VersionRow.article_id == article_id, VersionRow.language == language)
    query = query.order_by(VersionRow.version.desc()).execution_options(populate_existing=True)
    return [_version(row) for row in (await session.execute(query)).scalars()]


async def raise_generation(session: AsyncSession, *, article_id: str | None = None, everything: bool = True) -> int:
    """Says that passages have changed; holders of an index see it with `needs_refresh`. Returns the new generation.

    Those of one article, if it is named; else everything, or with `everything` False only how sure answers are.
    """
    statement = insert(IndexStateRow).values(id=1, generation=1, calibrations={})
    changed = {"generation": IndexStateRow.generation + 1, "changed_at": func.now()}
    upsert = statement.on_conflict_do_update(index_elements=[IndexStateRow.id], set_=changed).returning(IndexStateRow.generation)
    generation = (await session.execute(upsert)).scalar_one()
    values = {"generation": generation, "article_id": article_id, "everything": article_id is None and everything}
    await session.execute(insert(ChangeRow).values(**values))
    if generation % 100 == 0:
        await session.execute(delete(ChangeRow).where(ChangeRow.generation <= generation - KEPT_CHANGES))
    return generation


def as_simplified(version: Version) -> Version:
    """A Traditional Chinese version in Simplified Chinese."""
    questions = tuple(to_simplified(question) for question in version.questions)
    title, body = to_simplified(version.title), to_simplified(version.body)
    return replace(version, language="zh-Hans", title=title, body=body, questions=questions)


async def _lock(session: AsyncSession, article_id: str) -> ArticleRow:
    row = (await session.execute(select(ArticleRow).where(ArticleRow.id == article_id).with_for_update())).scalar()
    if row is None:
        raise _missing(article_id)
    return row


def _missing(article_id: str) -> ArticleNotFoundError:
    return ArticleNotFoundError(f"There is no article {article_id[:120]!r}", hint="It may have been renamed or deleted.")


async def _newest_version(session: AsyncSession, article_id: str, language: str) -> int:
    mine = (VersionRow.article_id == article_id, VersionRow.language == language)
    return (await session.execute(select(func.coalesce(func.max(VersionRow.version), 0)).where(*mine))).scalar_one()


async def _kept_questions(session: AsyncSession, draft: ArticleDraft, newest: int) -> list[str]:
    mine = (VersionRow.article_id == draft.id, VersionRow.language == draft.language, VersionRow.version == newest)
    return list((await session.execute(select(VersionRow.questions).where(*mine))).scalar() or [])


async def _with_versions(session: AsyncSession, rows: list[ArticleRow]) -> list[Article]:
    query = select(VersionRow).where(VersionRow.article_id.in_([row.id for row in rows]), VersionRow.status != "archived")
    query = query.order_by(VersionRow.language, VersionRow.version).execution_options(populate_existing=True)
    living: dict[str, list[Version]] = {row.id: [] for row in rows}
    for version in (await session.execute(query)).scalars():
        living[version.article_id].append(_version(version))
    return [Article(row.id, row.status, row.category, tuple(row.tags), row.audience, row.changed_at, tuple(living[row.id])) for row in rows]


def _version(row: VersionRow) -> Version:
    return Version(
        row.article_id,
        row.language,
        row.version,
        row.title,
        row.body,
        row.status,
        row.editor,
        row.at,
        row.published_at,
        tuple(row.questions),
    )
