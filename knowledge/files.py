"""The attachments and images of articles: their rows here, their bytes in the blob store."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.blobs import BlobStore
from kit.clock import Clock, utc_now
from kit.errors import ConflictError, NotFoundError
from knowledge.attachments import FileRefusedError, clean_name, media_type_of
from knowledge.models import ArticleRow, FileRow, VersionRow
from knowledge.stored import missing, unexpired
from knowledge.types import ArticleFile

MOST_FILES = 100


class FileMissingError(NotFoundError):
    """There is no such file."""


class FileInUseError(ConflictError):
    """An article shows this file."""


@dataclass(frozen=True)
class Upload:
    """A file as somebody sends it."""

    name: str
    data: bytes


def blob_key(file_id: UUID) -> str:
    """Under which key the bytes of a file lie."""
    return f"articles/{file_id}"


async def add_file(
    session: AsyncSession, blobs: BlobStore, upload: Upload, *, article_id: str, editor: str, clock: Clock = utc_now
) -> ArticleFile:
    """Attaches a file. Raises ArticleNotFoundError, FileRefusedError with what is wrong with it."""
    name, data = clean_name(upload.name), upload.data
    media_type = await asyncio.to_thread(media_type_of, name, data)
    locked = select(ArticleRow.id).where(ArticleRow.id == article_id).with_for_update()
    if (await session.execute(locked)).scalar() is None:
        raise missing(article_id)
    count = select(func.count()).select_from(FileRow).where(FileRow.article_id == article_id)
    if (await session.execute(count)).scalar_one() >= MOST_FILES:
        raise FileRefusedError(f"{article_id!r} has {MOST_FILES} files already", hint="Remove some first.")
    row = FileRow(id=uuid4(), article_id=article_id, name=name, media_type=media_type, size=len(data), editor=editor, at=clock())
    row.digest = hashlib.sha256(data).hexdigest()
    await asyncio.to_thread(blobs.put, blob_key(row.id), data)  # before the row: a row without bytes would be a broken picture
    session.add(row)
    await session.flush()
    return as_file(row)


async def list_files(session: AsyncSession, article_id: str) -> list[ArticleFile]:
    """The files of an article, in the order in which they came."""
    query = select(FileRow).where(FileRow.article_id == article_id).order_by(FileRow.at, FileRow.id)
    return [as_file(row) for row in (await session.execute(query)).scalars()]


async def get_file(session: AsyncSession, file_id: UUID, *, article_id: str | None = None) -> ArticleFile:
    """One file, of that article if one is named. Raises FileMissingError."""
    row = await session.get(FileRow, file_id)
    if row is None or article_id not in (None, row.article_id):
        raise FileMissingError
    return as_file(row)


async def read_bytes(blobs: BlobStore, file: ArticleFile) -> bytes:
    """The bytes of a file. Raises FileMissingError when the store has lost them."""
    try:
        return await asyncio.to_thread(blobs.get, blob_key(file.id))
    except NotFoundError:
        raise FileMissingError(f"The bytes of {file.name!r} are not in the blob store", hint="Attach the file again.") from None


async def remove_file(session: AsyncSession, file: ArticleFile) -> None:
    """Takes a file away; the caller deletes the bytes (`blob_key`) after the commit. Raises FileInUseError naming where it is shown."""
    query = select(VersionRow.article_id, VersionRow.language).where(VersionRow.status != "archived")
    shown = (await session.execute(query.where(VersionRow.body.contains(f"/article-files/{file.id}", autoescape=True)))).all()
    if shown:
        where = ", ".join(sorted({f"{article_id} ({language})" for article_id, language in shown}))
        raise FileInUseError(f"{file.name!r} is shown in {where}", hint="Take it out of the text first.")
    row = await session.get(FileRow, file.id)
    if row is not None:
        await session.delete(row)
        await session.flush()


async def is_open(session: AsyncSession, file: ArticleFile, *, clock: Clock = utc_now) -> bool:
    """Whether everybody may have it: its article is public, published and has not expired."""
    query = select(ArticleRow.id).where(ArticleRow.id == file.article_id, ArticleRow.status == "published")
    query = query.where(ArticleRow.audience == "public", unexpired(clock()))
    return (await session.execute(query)).scalar() is not None


def as_file(row: FileRow) -> ArticleFile:
    """The file of a row."""
    return ArticleFile(row.id, row.article_id, row.name, row.media_type, row.size, row.digest, row.at)
