"""Attachments in the console: what its pages show and send, with the login of the browser."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

from console.access import SessionEndedError, find_login
from console.articles.view import file_json
from console.guard import same_site
from console.obeying import EDIT
from console.refusals.telling import as_json
from console.services import ConsoleServices
from console.strings import strings
from context.editorial.serving import PRIVATE, file_response
from context.staff.accounts import check_may, may
from context.staff.models import StaffRow
from kit.errors import BatonError, NotAllowedError
from knowledge import files
from knowledge.attachments import MAX_FILE, FileTooLargeError
from knowledge.files import Upload


def article_files_router(services: ConsoleServices) -> APIRouter:
    """The routes under /console/article-files."""
    router = APIRouter(prefix="/console/article-files", include_in_schema=False)

    @router.get("/{file_id}/{_name}")
    async def show(file_id: UUID, _name: str, request: Request, if_none_match: Annotated[str | None, Header()] = None) -> Response:
        try:
            staff = await _staff(services, request)
            if not may(staff, EDIT):
                check_may(staff, "converse")
            async with services.database.transaction() as session:
                file = await files.get_file(session, file_id)
            data = await files.read_bytes(services.articles.blobs, file)
        except BatonError as error:
            return JSONResponse(as_json(error), error.status)
        return file_response(file, data, cache=PRIVATE, known=if_none_match)

    @router.post("/{article_id}")
    async def attach(article_id: str, request: Request, x_file_name: Annotated[str, Header()] = "") -> Response:
        try:
            if not same_site(request.headers, services.origins(), must_say=True):
                raise NotAllowedError(strings()["login_foreign"])
            staff = await _staff(services, request)
            check_may(staff, EDIT)
            upload = Upload(unquote(x_file_name), await _body(request))
            async with services.database.transaction() as session:
                file = await files.add_file(session, services.articles.blobs, upload, article_id=article_id, editor=str(staff.id))
        except BatonError as error:
            return JSONResponse(as_json(error), error.status)
        return JSONResponse(file_json(file), 201)

    return router


async def _staff(services: ConsoleServices, request: Request) -> StaffRow:
    found = await find_login(services.database, request)
    if found is None:
        raise SessionEndedError
    return found[1]


async def _body(request: Request) -> bytes:
    """The body, as long as it is not too large. Raises FileTooLargeError before all of it has been read."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MAX_FILE:
            raise FileTooLargeError(hint=f"At most {MAX_FILE:,} bytes: make it smaller.")
    return bytes(data)
