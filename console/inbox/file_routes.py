"""Files of messages in the console: what agents send up, and what they see. Every request is checked against the login of the browser."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

from console.access import SessionEndedError, find_login
from console.guard import same_site
from console.inbox.view import file_json
from console.refusals.telling import as_json
from console.services import ConsoleServices
from console.strings import strings
from context.attachments import keeping
from context.attachments.keeping import MOST_BYTES, AttachmentMissingError, Upload, staff_owner
from context.staff.accounts import check_may
from context.staff.models import StaffRow
from kit.errors import BatonError, NotAllowedError
from kit.file_kinds import FileTooLargeError
from kit.file_response import PRIVATE, file_response


def message_files_router(services: ConsoleServices) -> APIRouter:
    """The routes under /console/files."""
    router = APIRouter(prefix="/console/files", include_in_schema=False)

    @router.get("/{file_id}/{_name}")
    async def show(file_id: UUID, _name: str, request: Request, if_none_match: Annotated[str | None, Header()] = None) -> Response:
        try:
            staff = await _agent(services, request)
            async with services.database.transaction() as session:
                file = await keeping.get_stored(session, file_id)
            if file.message_id is None and file.owner != staff_owner(staff.id):
                raise AttachmentMissingError
            data = await keeping.read_bytes(services.articles.blobs, file)
        except BatonError as error:
            return JSONResponse(as_json(error), error.status)
        return file_response(file, data, cache=PRIVATE, known=if_none_match)

    @router.post("")
    async def keep(request: Request, x_file_name: Annotated[str, Header()] = "") -> Response:
        try:
            if not same_site(request.headers, services.origins(), must_say=True):
                raise NotAllowedError(strings()["login_foreign"])
            staff = await _agent(services, request)
            name = unquote(x_file_name)
            upload = Upload(name, await _body(request, name))
            async with services.database.transaction() as session:
                owner = staff_owner(staff.id)
                file = await keeping.keep_file(session, services.articles.blobs, upload, owner=owner, clock=services.ledger.clock)
        except BatonError as error:
            return JSONResponse(as_json(error), error.status)
        return JSONResponse(file_json(file.attachment), 201)

    return router


async def _agent(services: ConsoleServices, request: Request) -> StaffRow:
    found = await find_login(services.database, request)
    if found is None:
        raise SessionEndedError
    check_may(found[1], "converse")
    return found[1]


async def _body(request: Request, name: str) -> bytes:
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
        raise FileTooLargeError(f"{name[:60]!r} has {size:,} bytes", hint=f"At most {MOST_BYTES:,} can be sent: make it smaller.")
    return bytes(data)
