"""Addresses under which a provider fetches a file that goes out: signed, and good for a while only."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Response

from channels.base import File
from context.attachments.keeping import get_stored, read_bytes
from kit.blobs import BlobStore
from kit.clock import Clock, utc_now
from kit.db import Database
from kit.errors import NotFoundError
from kit.file_response import PRIVATE, file_response

HOLDS = timedelta(days=7)  # a customer may look at a picture late


@dataclass(frozen=True)
class Links:
    """Makes and checks addresses. `public_url` is where providers reach us; `key` is the installation's own."""

    public_url: str
    key: str = field(repr=False)
    clock: Clock = utc_now

    def url(self, file: File) -> str | None:
        """The address of a file, or None for one that is not kept."""
        if file.id is None:
            return None
        until = int((self.clock() + HOLDS).timestamp())
        return f"{self.public_url.rstrip('/')}/media/{file.id}/{until}/{self._sign(file.id, until)}/{quote(file.name, safe='')}"

    def hook(self, channel: str, account: str) -> str:
        """The address of an account's webhook."""
        return f"{self.public_url.rstrip('/')}/hooks/{channel}/{quote(account, safe='')}"

    def check(self, file_id: UUID, until: int, signature: str) -> None:
        """Raises NotFoundError for an address that we did not make, or not for now: nobody learns which files there are."""
        if not hmac.compare_digest(self._sign(file_id, until).encode(), signature.encode()) or until < self.clock().timestamp():
            raise NotFoundError("There is no such file")

    def _sign(self, file_id: UUID, until: int) -> str:
        return hmac.new(self.key.encode(), f"media {file_id} {until}".encode(), hashlib.sha256).hexdigest()


def media_router(database: Database, blobs: BlobStore, links: Links) -> APIRouter:
    """GET /media/...: the signature in the address is the right."""
    router = APIRouter(prefix="/media", tags=["webhooks"], include_in_schema=False)

    @router.get("/{file_id}/{until}/{signature}/{name}")
    async def read(file_id: UUID, until: int, signature: str, name: str) -> Response:  # noqa: ARG001 - the name is for whoever saves it
        """A file that was sent to a customer."""
        links.check(file_id, until, signature)
        async with database.transaction() as session:
            stored = await get_stored(session, file_id)
        return file_response(stored, await read_bytes(blobs, stored), cache=PRIVATE)

    return router
