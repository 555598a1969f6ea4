"""Articles from a folder of Markdown files, and into the database without doubling anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import Clock, utc_now
from kit.errors import InvalidInputError
from knowledge.articles import check_draft, create_article, get_article, publish, save_draft, set_details
from knowledge.frontmatter import FIELDS, line_of, read_markdown
from knowledge.models import ArticleRow, VersionRow
from knowledge.types import ArticleDraft

_MAX_FILE = 2_000_000
GIVEN = ("owner", "source", "review_by", "expires_at")  # what a file may leave unsaid


class ImportRefusedError(InvalidInputError):
    """The folder cannot be imported."""

    def __init__(self, problems: Sequence[str]) -> None:
        """`problems`: one sentence for each, with file and line."""
        self.problems = tuple(problems)
        more = f" (and {len(problems) - 10} more)" if len(problems) > 10 else ""
        super().__init__("; ".join(problems[:10]) + more, hint="Nothing was imported. Correct these files and try again.")


@dataclass(frozen=True)
class ImportReport:
    """Which "article/language" were new, changed and as they were already."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()


def read_markdown_folder(path: Path) -> list[ArticleDraft]:
    """Every `*.md` under `path`, by name, as drafts; a README is passed over.

    Each begins with YAML between two lines of `---`: id, language, title, and if wanted category, tags (a list), audience, questions (a
    list of sentences that customers ask this with; without it, those stored already stay).
    Raises ImportRefusedError with everything that is wrong in any file, and when two files are the same article in the same language.
    """
    if not path.is_dir():
        raise ImportRefusedError([f"{path} is not a folder"])
    drafts: dict[tuple[str, str], tuple[Path, ArticleDraft]] = {}
    problems: list[str] = []
    for file in sorted(path.rglob("*.md")):
        if file.name.lower() == "readme.md":
            continue
        try:
            draft = parse_markdown(_text(file))
        except InvalidInputError as error:
            problems.append(f"{file.relative_to(path)}: {error.message}")
            continue
        twin = drafts.setdefault((draft.id, draft.language), (file, draft))
        if twin[0] != file:
            problems.append(f"{file.relative_to(path)}: line 1: {draft.id!r} in {draft.language} is in {twin[0].relative_to(path)} already")
    if problems or not drafts:
        raise ImportRefusedError(problems or [f"{path} has no Markdown files"])
    return [draft for _, draft in drafts.values()]


def parse_markdown(text: str) -> ArticleDraft:
    """A draft from Markdown with front matter, every field of which must be known. Raises InvalidInputError that begins with the line.

    Attachments cannot come this way: `baton knowledge import` brings them.
    """
    found = read_markdown(text)
    if found.attachments:
        line = line_of(text.split("\n"), "attachments")
        raise InvalidInputError(f"line {line}: attachments are brought by `baton knowledge import`")
    if found.unknown:
        line = line_of(text.split("\n"), found.unknown[0])
        raise InvalidInputError(f"line {line}: {found.unknown[0]} is not a field; known are {', '.join(sorted(FIELDS))}")
    return found.draft


async def import_articles(session: AsyncSession, drafts: Sequence[ArticleDraft], *, editor: str, clock: Clock = utc_now) -> ImportReport:
    """Stores and publishes the drafts; what is published already just so is left alone. The caller reindexes when anything changed.

    Category, tags and audience hold for all languages of an article: category and audience are taken from its first draft (English, if
    there is one), the tags of all its drafts together. Owner, source language and dates are changed where a draft says them.
    Raises InvalidInputError before anything is stored.
    """
    checked = [check_draft(draft) for draft in drafts]
    created: list[str] = []
    changed: list[str] = []
    unchanged: list[str] = []
    for draft in checked:
        done = await _import_one(session, draft, editor=editor, clock=clock)
        {"created": created, "changed": changed, "unchanged": unchanged}[done].append(f"{draft.id}/{draft.language}")
    for common in common_fields(checked):
        details = (await get_article(session, common.id)).details
        given = {name: getattr(common, name) for name in GIVEN if getattr(common, name) is not None}
        wanted = replace(details, category=common.category, tags=common.tags, audience=common.audience, **given)
        if wanted != details:
            await set_details(session, common.id, wanted, clock=clock)
    return ImportReport(tuple(created), tuple(changed), tuple(unchanged))


def common_fields(drafts: Sequence[ArticleDraft]) -> list[ArticleDraft]:
    """For each article one draft that says what holds for all of its languages."""
    found: dict[str, ArticleDraft] = {}
    for draft in sorted(drafts, key=lambda one: (one.id, one.language != "en", one.language)):
        first = found.setdefault(draft.id, draft)
        given = {name: getattr(draft, name) for name in GIVEN if getattr(first, name) is None}
        found[draft.id] = replace(first, tags=tuple(dict.fromkeys((*first.tags, *draft.tags))), **given)
    return list(found.values())


async def _import_one(session: AsyncSession, draft: ArticleDraft, *, editor: str, clock: Clock) -> str:
    article = (await session.execute(select(ArticleRow.id).where(ArticleRow.id == draft.id))).scalar()
    if article is None:
        await create_article(session, draft, editor=editor, clock=clock)
        await publish(session, draft.id, draft.language, clock=clock)
        return "created"
    query = select(VersionRow.title, VersionRow.body, VersionRow.questions).where(
        VersionRow.article_id == draft.id, VersionRow.language == draft.language, VersionRow.status == "published"
    )
    live = (await session.execute(query)).first()
    same_questions = live is not None and draft.questions in (None, tuple(live.questions))
    if live is not None and same_questions and (live.title, live.body) == (draft.title, draft.body):
        return "unchanged"
    await save_draft(session, draft, editor=editor, expected_version=None, clock=clock)
    await publish(session, draft.id, draft.language, clock=clock)
    return "created" if live is None else "changed"


def _text(file: Path) -> str:
    if file.stat().st_size > _MAX_FILE:
        raise InvalidInputError(f"line 1: the file is larger than {_MAX_FILE:,} bytes")
    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InvalidInputError(f"line {line}: this is not UTF-8") from None
