"""Keeping the files of messages: their rows here, their bytes in the blob store.

A file is sent up first and then put into a message by whoever sent it up; what never gets into one is thrown away after a day.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.attachments.models import AttachmentRow
from context.types import Attachment
from kit.blobs import BlobStore
from kit.clock import Clock, utc_now
from kit.errors import InvalidInputError, NotFoundError, TooManyRequestsError
from kit.file_kinds import KINDS, FileRefusedError, clean_name, media_type_of

MOST_BYTES = 25_000_000
MOST_FILES = 10  # in one message
MOST_WAITING = 30  # of one owner, not yet in a message
UNSENT_DAYS = 1


class AttachmentMissingError(NotFoundError):
    """There is no such file."""


@dataclass(frozen=True)
class Upload:
    """A file as somebody sends it."""

    name: str
    data: bytes


@dataclass(frozen=True)
class StoredFile:
    """A kept file: where it belongs, and what its reader is told."""

    id: UUID
    conversation_id: UUID | None
    message_id: UUID | None
    owner: str
    name: str
    media_type: str
    size: int
    digest: str

    @property
    def attachment(self) -> Attachment:
        """What a message says of it."""
        return Attachment(self.id, self.name, self.media_type, self.size)


def blob_key(file_id: UUID) -> str:
    """Under which key the bytes of a file lie."""
    return f"messages/{file_id}"


def staff_owner(staff_id: UUID) -> str:
    """Who owns what a colleague sends up."""
    return f"staff:{staff_id}"


def customer_owner(channel: str, identity: str) -> str:
    """Who owns what a customer sends up: the sender's identity on their channel."""
    return f"{channel}:{identity}"


async def keep_file(session: AsyncSession, blobs: BlobStore, upload: Upload, *, owner: str, clock: Clock = utc_now) -> StoredFile:
    """Keeps a file for a message to come. Raises FileRefusedError with what is wrong with it, TooManyRequestsError."""
    name, data = clean_name(upload.name), upload.data
    media_type = await asyncio.to_thread(media_type_of, name, data, kinds=KINDS, most=MOST_BYTES)
    waiting = select(func.count()).select_from(AttachmentRow).where(AttachmentRow.owner == owner, AttachmentRow.message_id.is_(None))
    if (await session.execute(waiting)).scalar_one() >= MOST_WAITING:
        raise TooManyRequestsError(f"{MOST_WAITING} files wait to be sent already", hint="Send or remove them first.")
    row = AttachmentRow(id=uuid4(), owner=owner, name=name, media_type=media_type, size=len(data), at=clock())
    row.digest = hashlib.sha256(data).hexdigest()
    await asyncio.to_thread(blobs.put, blob_key(row.id), data)  # before the row: a row without bytes would be a broken picture
    session.add(row)
    await session.flush()
    return _file(row)


async def get_stored(session: AsyncSession, file_id: UUID) -> StoredFile:
    """One file. Raises AttachmentMissingError."""
    row = await session.get(AttachmentRow, file_id)
    if row is None:
        raise AttachmentMissingError
    return _file(row)


async def read_bytes(blobs: BlobStore, file: StoredFile) -> bytes:
    """The bytes of a file. Raises AttachmentMissingError when the store has lost them."""
    try:
        return await asyncio.to_thread(blobs.get, blob_key(file.id))
    except NotFoundError:
        raise AttachmentMissingError(f"The bytes of {file.name!r} are not in the blob store") from None


async def list_unsent(session: AsyncSession, ids: Sequence[UUID], *, owner: str) -> list[Attachment]:
    """Those of the files that the owner may still put into a message, in the order of `ids`."""
    if not ids:
        return []
    query = select(AttachmentRow).where(AttachmentRow.id.in_(ids), AttachmentRow.owner == owner, AttachmentRow.message_id.is_(None))
    found = {row.id: _file(row).attachment for row in (await session.execute(query)).scalars()}
    return [found[file_id] for file_id in dict.fromkeys(ids) if file_id in found]


async def claim(session: AsyncSession, ids: Sequence[UUID], *, owner: str) -> tuple[Attachment, ...]:
    """The files for a message about to be stored, locked. Raises InvalidInputError when one is not the owner's, or sent already."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return ()
    if len(wanted) > MOST_FILES:
        raise FileRefusedError(f"{len(wanted)} files are too many for one message", hint=f"At most {MOST_FILES}: send them in parts.")
    query = select(AttachmentRow).where(AttachmentRow.id.in_(wanted)).with_for_update()
    rows = {row.id: row for row in (await session.execute(query)).scalars()}
    for file_id in wanted:
        row = rows.get(file_id)
        if row is None or row.owner != owner or row.message_id is not None:
            raise InvalidInputError("One of the files is not there to be sent any more", hint="Attach it again.")
    return tuple(_file(rows[file_id]).attachment for file_id in wanted)


async def settle(session: AsyncSession, attachments: Sequence[Attachment], *, message_id: UUID, conversation_id: UUID) -> None:
    """The message with these claimed files is stored."""
    for attachment in attachments:
        row = await session.get(AttachmentRow, attachment.id)
        assert row is not None
        row.message_id, row.conversation_id = message_id, conversation_id


async def remove_unsent(session: AsyncSession, file_id: UUID, *, owner: str) -> bool:
    """Takes a file back that was not sent; the caller deletes the bytes (`blob_key`) after the commit."""
    which = (AttachmentRow.id == file_id, AttachmentRow.owner == owner, AttachmentRow.message_id.is_(None))
    return (await session.execute(delete(AttachmentRow).where(*which).returning(AttachmentRow.id))).scalar_one_or_none() is not None


async def sweep_unsent(session: AsyncSession, *, now: datetime, limit: int = 200) -> list[UUID]:
    """Forgets files that were never sent; the caller deletes their bytes after the commit."""
    old = select(AttachmentRow.id).where(AttachmentRow.message_id.is_(None), AttachmentRow.at < now - timedelta(days=UNSENT_DAYS))
    query = delete(AttachmentRow).where(AttachmentRow.id.in_(old.limit(limit))).returning(AttachmentRow.id)
    return list((await session.execute(query)).scalars())


def _file(row: AttachmentRow) -> StoredFile:
    return StoredFile(row.id, row.conversation_id, row.message_id, row.owner, row.name, row.media_type, row.size, row.digest)
