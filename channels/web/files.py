"""The customer's files on web chat: sent up before the message that they go with, and shown to nobody else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from channels.web.parse import CHANNEL, FileShown
from channels.web.sessions import Visitor, thread_conversations
from context.attachments import keeping
from context.attachments.keeping import AttachmentMissingError, StoredFile, Upload, customer_owner
from context.conversations import get_message
from context.types import Visibility
from kit.blobs import BlobStore
from kit.db import Database
from kit.file_response import PRIVATE, file_response

VisitorOf = Callable[[str | None], Awaitable[Visitor]]


def add_file_routes(router: APIRouter, database: Database, blobs: BlobStore, visitor_of: VisitorOf) -> None:
    """The routes under /v1/widget/files."""

    @router.post("/files", status_code=201)
    async def send_file(
        request: Request,
        name: Annotated[str, Query(min_length=1, max_length=300)],
        authorization: Annotated[str | None, Header()] = None,
    ) -> FileShown:
        """Keeps the body of the request, a file called `name` of up to 25 MB, for the visitor's next message."""
        visitor = await visitor_of(_token(authorization))
        upload = Upload(name, await request.body())
        async with database.transaction() as session:
            file = await keeping.keep_file(session, blobs, upload, owner=customer_owner(CHANNEL, visitor.id))
        return FileShown(id=file.id, name=file.name, type=file.media_type, size=file.size)

    @router.get("/files/{file_id}")
    async def read_file(file_id: UUID, authorization: Annotated[str | None, Header()] = None) -> Response:
        """The bytes of a file of the visitor's own conversation."""
        visitor = await visitor_of(_token(authorization))
        async with database.transaction() as session:
            file = await keeping.get_stored(session, file_id)
            await _check_theirs(session, visitor, file)
        return file_response(file, await keeping.read_bytes(blobs, file), cache=PRIVATE)


def _token(authorization: str | None) -> str | None:
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


async def _check_theirs(session: AsyncSession, visitor: Visitor, file: StoredFile) -> None:
    """Raises AttachmentMissingError unless the visitor sent the file up, or it is in a message that was written to them."""
    if file.owner == customer_owner(CHANNEL, visitor.id):
        return
    if file.message_id is not None and file.conversation_id in {c.id for c in await thread_conversations(session, visitor)}:
        message = await get_message(session, file.message_id)
        if message.visibility == Visibility.PUBLIC:
            return
    raise AttachmentMissingError
