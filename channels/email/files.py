"""The files of mails: they lie in the stored mail already."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy import select

from channels.base import Account, MediaGoneError, ShapeError
from channels.email.capabilities import NAME
from channels.email.reading import bytes_of
from channels.models import ChannelIntakeRow
from kit.db import Database


@dataclass(frozen=True)
class StoredMails:
    """Takes files out of stored mails; `source` is the digest of the mail and the number of the part."""

    database: Database

    async def fetch(self, source: str, account: Account, *, max_bytes: int) -> bytes:
        """The bytes of a file. Raises MediaGoneError."""
        digest, _, number = source.partition("/")
        mine = (ChannelIntakeRow.channel == NAME, ChannelIntakeRow.account == account.account, ChannelIntakeRow.delivery == digest)
        async with self.database.transaction() as session:
            raw = (await session.execute(select(ChannelIntakeRow.body).where(*mine))).scalar_one_or_none()
        if raw is None:
            raise MediaGoneError("The mail is not kept any more")
        try:
            data, _type = await asyncio.to_thread(bytes_of, raw, int(number))
        except (ShapeError, ValueError):
            raise MediaGoneError("The mail has no such file") from None
        if len(data) > max_bytes:
            raise MediaGoneError(f"The file has {len(data):,} bytes; at most {max_bytes:,} are kept")
        return data
