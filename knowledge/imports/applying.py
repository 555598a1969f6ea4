"""Storing what was approved, item by item, each with its outcome in one transaction: a run that is killed goes on with the next item."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.blobs import BlobStore
from kit.db import Database
from kit.errors import BatonError
from knowledge.articles import add_article, archive, check_draft, get_article, publish, save_draft, set_details
from knowledge.imports.comparing import DETAILS, STATUS, TEXT, wants_to_stay_draft
from knowledge.imports.details import Told, digest, draft_of, item_from, portable, told_of, with_told
from knowledge.imports.filing import Filing
from knowledge.imports.models import ImportRow, ItemRow, LinkRow
from knowledge.imports.reading import Runner
from knowledge.imports.types import Source
from knowledge.models import ArticleRow, VersionRow
from knowledge.sources.types import SourceItem
from knowledge.types import ArticleDraft

Announce = Callable[[AsyncSession, Sequence[str]], Awaitable[None]]  # tells what was published, as "article/language"


@dataclass(frozen=True)
class Storing:
    """With what items are stored: where attachments go, for which source, by which editor, and who is told of what was published."""

    blobs: BlobStore
    source: Source
    editor: str
    announce: Announce


async def apply_all(database: Database, run_id: UUID, storing: Storing, runner: Runner) -> None:
    """Stores every item that is to be stored and has not been yet. One that fails says so and holds up no other."""
    async with database.transaction() as session:
        await runner.check(session)
        await session.execute(update(ImportRow).where(ImportRow.id == run_id).values(state="applying"))
        numbers, finished = await _work(session, run_id)
        details = await _details(session, run_id)
    for place, number in enumerate(numbers):
        runner.tell("storing", finished + place, finished + len(numbers))
        try:
            async with database.transaction() as session:
                await runner.check(session)
                progress = {"done": finished + place + 1, "total": finished + len(numbers)}
                await session.execute(update(ImportRow).where(ImportRow.id == run_id).values(progress))
                row = await _lock(session, number)
                if not row.outcome:
                    await _ItemStoring(session, storing, details).store(row)
        except BatonError as error:
            await _note_failure(database, number, error)
    runner.tell("storing", finished + len(numbers), finished + len(numbers))


def is_taken() -> Any:
    """Items that are stored: what is new or changed unless an editor left it, a conflict only when one took it, and links of the same."""
    news = ItemRow.state.in_(("new", "changed")) & or_(ItemRow.take.is_(None), ItemRow.take.is_(True))
    return or_(news, (ItemRow.state == "conflict") & ItemRow.take.is_(True), ItemRow.state == "unchanged")


async def _work(session: AsyncSession, run_id: UUID) -> tuple[list[int], int]:
    """What is left to store, and how much is done: published texts first, since a draft beside one is written on top of it."""
    query = select(ItemRow.number, ItemRow.outcome).where(ItemRow.import_id == run_id, is_taken())
    query = query.order_by(ItemRow.data["status"].astext == "draft", ItemRow.number)
    rows = (await session.execute(query)).all()
    return [row.number for row in rows if not row.outcome], sum(1 for row in rows if row.outcome)


async def _details(session: AsyncSession, run_id: UUID) -> dict[str, Told]:
    """What all items of an article say of it, for each."""
    query = select(ItemRow.data, ItemRow.article_id, ItemRow.language).where(ItemRow.import_id == run_id, ItemRow.article_id != "")
    rows = (await session.execute(query.where(ItemRow.state.not_in(("skipped", "gone"))))).all()
    items = [(item_from(row.data), row) for row in rows]
    return told_of((item, check_draft(draft_of(item, row.article_id, row.language))) for item, row in items)


async def _lock(session: AsyncSession, number: int) -> ItemRow:
    query = select(ItemRow).where(ItemRow.number == number).with_for_update().execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one()


async def _note_failure(database: Database, number: int, error: BatonError) -> None:
    async with database.transaction() as session:
        reason = ". ".join(part for part in (error.message, error.hint) if part)
        await session.execute(update(ItemRow).where(ItemRow.number == number).values(outcome="failed", reason=reason))


class _ItemStoring:
    def __init__(self, session: AsyncSession, storing: Storing, details: dict[str, Told]) -> None:
        self.session, self.source, self.editor, self.details = session, storing.source, storing.editor, details
        self.announce, self.filing = storing.announce, Filing(session, storing.blobs, storing.editor)

    async def store(self, row: ItemRow) -> None:
        item = item_from(row.data)
        told = self.details[row.article_id]
        draft = draft_of(item, row.article_id, row.language)
        draft = check_draft(replace(draft, category=told["category"], tags=tuple(told["tags"]), audience=told["audience"]))
        if row.state != "unchanged":
            await self._write(row, item, draft)
            row.outcome = "stored"
        else:
            row.outcome = "kept"
        await self._link(row, item, draft)
        await self.session.flush()

    async def _write(self, row: ItemRow, item: SourceItem, draft: ArticleDraft) -> None:
        exists = (await self.session.execute(select(ArticleRow.id).where(ArticleRow.id == draft.id))).scalar() is not None
        if not exists:
            await add_article(self.session, draft)
        if not exists or TEXT in row.changes:
            expected = await self._expected(row)
            body = await self.filing.file(row, item)
            await save_draft(self.session, replace(draft, body=body), editor=self.editor, expected_version=expected)
        if not exists or DETAILS in row.changes:
            if TEXT not in row.changes:
                await self.filing.file(row, item)
            details = (await get_article(self.session, draft.id)).details
            await set_details(self.session, draft.id, with_told(details, self.details[draft.id]))
        published = {TEXT, STATUS} & set(row.changes) or not exists
        if published and not wants_to_stay_draft(item, self.source):
            await publish(self.session, draft.id, draft.language)
            await self.announce(self.session, [f"{draft.id}/{draft.language}"])
        elif item.status == "archived":
            await archive(self.session, draft.id)

    async def _expected(self, row: ItemRow) -> int:
        """The newest version that the preview knew, or that this run has made since: anything newer is an editor's and stays."""
        mine = (LinkRow.source_id == self.source.id, LinkRow.article_id == row.article_id, LinkRow.language == row.language)
        made: list[int] = list((await self.session.execute(select(LinkRow.version).where(*mine))).scalars())
        return max(row.base, *made, 0)

    async def _link(self, row: ItemRow, item: SourceItem, draft: ArticleDraft) -> None:
        here = (VersionRow.article_id == draft.id, VersionRow.language == draft.language)
        order = VersionRow.status == ("draft" if wants_to_stay_draft(item, self.source) else "published")
        query = select(VersionRow.version).where(*here).order_by((VersionRow.status != "archived").desc(), order.desc())
        version = (await self.session.execute(query.order_by(VersionRow.version.desc()).limit(1))).scalar_one()
        body = portable(draft.body, item.files)
        values = {
            "source_id": self.source.id, "key": row.key, "group": item.group, "article_id": draft.id, "language": draft.language,
            "version": version, "digest": digest(draft.title, body, draft.questions), "details": self.details[draft.id],
            "files": {file.link: {"name": file.name, "digest": file.digest} for file in item.files if file.link},
        }  # fmt: skip
        statement = insert(LinkRow).values(values)
        await self.session.execute(statement.on_conflict_do_update(index_elements=["source_id", "key"], set_=values))
