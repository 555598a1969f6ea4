"""Files of customers: fetched by the worker, checked by their content, kept in the blob store; nothing is believed that was only said."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from channels.accounts import Accounts
from channels.base import Account, File, MediaGoneError, MediaRule, MediaSource
from channels.models import ChannelMediaRow
from channels.sniffing import sniff
from context.attachments.keeping import MOST_BYTES, Upload, blob_key, get_stored, keep_file, settle
from context.conversations import dump_content, load_content
from context.models import MessageRow
from context.types import Content
from kit.blobs import BlobStore
from kit.clock import Clock
from kit.db import Database
from kit.errors import BatonError
from kit.file_kinds import FileRefusedError
from kit.log import get_logger

EVERY_SECONDS = 0.5
MAX_TRIES = 6
MAX_BYTES = MOST_BYTES
ENDINGS: Mapping[str, tuple[str, ...]] = {
    "image/jpeg": ("jpg", "jpeg"), "image/png": ("png",), "image/webp": ("webp",), "image/gif": ("gif",), "application/pdf": ("pdf",),
    "audio/ogg": ("ogg", "opus"), "audio/mpeg": ("mp3",), "audio/aac": ("aac",), "audio/amr": ("amr",), "audio/mp4": ("m4a",),
    "video/mp4": ("mp4",), "video/3gpp": ("3gp",), "text/plain": ("txt", "csv"),
}  # fmt: skip
AT_ONCE = 4

log = get_logger("media")


class LyingMediaError(BatonError):
    """The file is not of the kind that it claims to be."""


def check_media(data: bytes, *, kind: str, claimed: str, rules: Mapping[str, MediaRule]) -> str:
    """The type of a file by its content. Raises LyingMediaError where that is of another family than claimed, or too large."""
    found = sniff(data)
    rule = rules.get("audio" if kind == "voice" else kind)
    if rule is not None and len(data) > rule.max_bytes:
        raise LyingMediaError(f"The file has {len(data):,} bytes; a file of this kind has at most {rule.max_bytes:,}")
    family = {"image": "image/", "sticker": "image/", "video": "video/", "audio": "audio/", "voice": "audio/"}.get(kind)
    if family is None:
        return found or "application/octet-stream"
    both = {found} if found else set()
    if found in {"video/mp4", "audio/mp4", "video/ogg", "audio/ogg", "video/3gpp", "audio/3gpp"}:  # containers that hold either
        both = {found.replace("video/", "audio/"), found.replace("audio/", "video/")}
    if not any(t.startswith(family) for t in both):
        raise LyingMediaError(f"The file says {claimed} and is {found or 'of no known type'}")
    return next(t for t in both if t.startswith(family))


@dataclass(frozen=True)
class MediaFetcher:
    """Fetches what waits. Several workers may do it: a row is locked while it is worked on."""

    database: Database
    accounts: Accounts
    sources: Mapping[str, MediaSource]
    blobs: BlobStore
    rules: Mapping[str, Mapping[str, MediaRule]]
    clock: Clock

    async def run(self) -> None:
        """Fetches until cancelled."""
        while True:
            try:
                found = await self.fetch_some()
            except Exception as error:  # nothing of one file may stop those after it
                log.warning("fetching broke off", error=type(error).__name__)
                found = 0
            await asyncio.sleep(0 if found else EVERY_SECONDS)

    async def fetch_some(self) -> int:
        """Fetches a few files; returns how many were tried."""
        now = self.clock()
        due = (ChannelMediaRow.next_at.is_(None)) | (ChannelMediaRow.next_at <= now)
        query = select(ChannelMediaRow).where(ChannelMediaRow.state == "waiting", due).order_by(ChannelMediaRow.at).limit(AT_ONCE)
        async with self.database.transaction() as session:
            rows = list((await session.execute(query.with_for_update(skip_locked=True))).scalars())
            for row in rows:  # a worker that dies while it fetches leaves the row for later
                row.attempts, row.next_at = row.attempts + 1, now + timedelta(seconds=20 * 2**row.attempts)
        await asyncio.gather(*(self._fetch(row) for row in rows))
        return len(rows)

    async def _fetch(self, row: ChannelMediaRow) -> None:
        account, source = await self.accounts.find(row.channel, row.account), self.sources.get(row.channel)
        if account is None or source is None:
            await self._store(row.id, {"state": "refused", "note": "no such account"})
            return
        try:
            values = await self._bytes(row, account, source)
        except (MediaGoneError, LyingMediaError, FileRefusedError) as error:
            values = {"state": "refused", "note": error.message}
        except Exception as error:  # the network, the provider: later
            log.warning("a file was not fetched", media=str(row.id), error=type(error).__name__, attempt=row.attempts)
            if row.attempts < MAX_TRIES:
                return
            values = {"state": "refused", "note": "could not be fetched"}
        await self._store(row.id, values)

    async def _bytes(self, row: ChannelMediaRow, account: Account, source: MediaSource) -> dict[str, Any]:
        """Fetches, checks and keeps a file; what then stands in its row. Raises MediaGoneError, LyingMediaError, FileRefusedError."""
        data = await source.fetch(row.source, account, max_bytes=MAX_BYTES)
        digest = hashlib.sha256(data)
        if row.sha256 and row.sha256 not in {digest.hexdigest(), base64.b64encode(digest.digest()).decode()}:
            raise LyingMediaError("The file is not the one that was announced (its SHA-256 differs)")
        found = check_media(data, kind=row.kind, claimed=row.type, rules=self.rules.get(row.channel, {}))
        upload = Upload(_name(row, found), data)
        async with self.database.transaction() as session:
            kept = await keep_file(session, self.blobs, upload, owner=f"{row.channel}:media:{row.id}", clock=self.clock)
        return {"state": "stored", "type": found, "attachment_id": kept.id, "note": None}

    async def _store(self, media_id: UUID, values: Mapping[str, Any]) -> None:
        """Stores what became of a file, and puts it into its message, where bot and console see it."""
        async with self.database.transaction() as session:
            row = await session.get(ChannelMediaRow, media_id, with_for_update=True)
            message = await session.get(MessageRow, row.message_id, with_for_update=True) if row is not None else None
            if row is None or message is None or row.state == "stored":
                return
            for name, value in values.items():
                setattr(row, name, value)
            if row.attachment_id is None:
                metadata = message.body.get("metadata", {})
                message.body = {**message.body, "metadata": {**metadata, "file_refused": row.note}}
                return
            stored = await get_stored(session, row.attachment_id)
            content = load_content(message.text, message.body)
            whole = replace(content, attachments=(*content.attachments, stored.attachment))
            message.body = {**message.body, **dump_content(whole)}
            await settle(session, [stored.attachment], message_id=message.id, conversation_id=message.conversation_id)


def _name(row: ChannelMediaRow, found: str) -> str:
    """A name whose ending agrees with what the file is."""
    stem, _, ending = (row.name or row.kind).rpartition(".")
    usual = ENDINGS.get(found)
    if row.name and (usual is None or ending.lower() in usual):
        return row.name
    return f"{stem or row.kind}.{usual[0]}" if usual else (row.name or row.kind)


def outgoing_files(blobs: BlobStore) -> Callable[[Content], Awaitable[Sequence[File]]]:
    """Reads the files of a message that goes out."""

    async def read(content: Content) -> Sequence[File]:
        found = []
        for attachment in content.attachments:
            data = await asyncio.to_thread(blobs.get, blob_key(attachment.id))
            found.append(File(kind_of(attachment.media_type), attachment.media_type, attachment.name, data, attachment.id))
        return found

    return read


def kind_of(content_type: str) -> str:
    """The kind of a file for a channel: image, video, audio, else document."""
    family = content_type.partition("/")[0]
    return family if family in {"image", "video", "audio"} else "document"
