"""Files in the widget: what the visitor sends up and takes back, and what the visitor may see, checked by the visitor's token."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from channels.web.parse import CHANNEL, FileShown
from channels.web.services import Token, WidgetServices
from channels.web.sessions import Visitor, access_session, find_sees_from, may_see, thread_conversations
from context.attachments import keeping
from context.attachments.keeping import MOST_BYTES, AttachmentMissingError, StoredFile, Upload, blob_key, customer_owner
from context.conversations import get_message
from context.types import Visibility
from kit.errors import NotFoundError
from kit.file_kinds import FileTooLargeError
from kit.file_response import PRIVATE, file_response


def owner_of(visitor: Visitor) -> str:
    """Who owns what the visitor sends up."""
    return customer_owner(CHANNEL, visitor.id)


def add_file_routes(router: APIRouter, services: WidgetServices, *, limited: Callable[[Visitor], None]) -> None:
    """The routes under /v1/widget/files."""
    database, blobs = services.database, services.blobs

    async def visitor_of(token: str | None) -> Visitor:
        async with database.transaction() as session:
            return await access_session(session, token)

    @router.post("/files", status_code=201)
    async def send_widget_file(request: Request, token: Token, name: Annotated[str, Query(min_length=1, max_length=300)]) -> FileShown:
        """Keeps a file for the visitor's next message; 413 for a large one, 422 when its bytes are not what its name says."""
        visitor = await visitor_of(token)
        limited(visitor)
        upload = Upload(name, await _body(request))
        async with database.transaction() as session:
            kept = await keeping.keep_file(session, blobs, upload, owner=owner_of(visitor), clock=services.ledger.clock)
        return FileShown(id=kept.id, name=kept.name, type=kept.media_type, size=kept.size)

    @router.get("/files/{file_id}", response_class=Response)
    async def show_widget_file(file_id: UUID, token: Token, if_none_match: Annotated[str | None, Header()] = None) -> Response:
        """A file of the visitor's conversation: pictures in place, all else to be saved."""
        visitor = await visitor_of(token)
        async with database.transaction() as session:
            file = await access_file(session, visitor, file_id)
        return file_response(file, await keeping.read_bytes(blobs, file), cache=PRIVATE, known=if_none_match)

    @router.delete("/files/{file_id}", status_code=204)
    async def take_widget_file_back(file_id: UUID, token: Token) -> None:
        """Takes a file back that was not sent yet."""
        visitor = await visitor_of(token)
        async with database.transaction() as session:
            removed = await keeping.remove_unsent(session, file_id, owner=owner_of(visitor))
        if not removed:
            raise AttachmentMissingError
        with contextlib.suppress(NotFoundError):
            await asyncio.to_thread(blobs.delete, blob_key(file_id))


async def access_file(session: AsyncSession, visitor: Visitor, file_id: UUID) -> StoredFile:
    """A file that the visitor may see: an own one that waits, or one of a public message. Raises AttachmentMissingError."""
    file = await keeping.get_stored(session, file_id)
    if file.message_id is None:
        if file.owner != owner_of(visitor):
            raise AttachmentMissingError
        return file
    message = await get_message(session, file.message_id)
    mine = {conversation.id for conversation in await thread_conversations(session, visitor)}
    seen = message.conversation_id in mine and may_see(message, visitor, await find_sees_from(session, visitor))
    if message.visibility != Visibility.PUBLIC or not seen:
        raise AttachmentMissingError
    return file


async def _body(request: Request) -> bytes:
    """The body, as long as it is not too large. Raises FileTooLargeError before all of it has been read."""
    declared = request.headers.get("content-length", "")
    data, size = bytearray(), int(declared) if declared.isdecimal() else 0
    if size <= MOST_BYTES:
        async for part in request.stream():
            data += part
            if len(data) > MOST_BYTES:
                break
    size = max(size, len(data))
    if size > MOST_BYTES:
        raise FileTooLargeError(f"The file is larger than {MOST_BYTES:,} bytes", hint="Make it smaller.")
    return bytes(data)
