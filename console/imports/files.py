"""Files go in and out by plain HTTP: an upload to import, and the export of everything. Both ask for the right to edit articles."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from typing import IO, Any
from urllib.parse import unquote

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from console.access import find_login
from console.guard import SECURITY_HEADERS, same_site
from console.imports.commands import options_of, person
from console.obeying import EDIT
from console.refusals.telling import as_json
from console.services import ConsoleServices
from console.strings import strings
from context.staff.accounts import check_may
from context.staff.models import StaffRow
from kit.errors import BatonError, InvalidInputError, NotAllowedError, NotAuthenticatedError
from knowledge.exporting import export_articles, pack
from knowledge.imports import runs, sources
from knowledge.sources.types import LIMITS, UnreadableError

_PIECE = 1 << 18


def files_router(services: ConsoleServices) -> APIRouter:
    """POST /console/imports/upload and GET /console/imports/export.zip."""
    router = APIRouter(prefix="/console/imports", include_in_schema=False)

    @router.post("/upload")
    async def upload(request: Request) -> Response:
        try:
            staff = await _enter(services, request, must_say=True)
            name, wishes = unquote(request.headers.get("x-file-name", "")), _wishes(request)
            data = await _body(request)
            async with services.database.transaction() as session:
                publish = wishes.get("publish") is not False
                source = await sources.keep_upload(
                    session, name, data, options=options_of(wishes), by=person(staff), publish=publish
                )  # fmt: skip
                await runs.ask(session, source.id, by=person(staff))
        except BatonError as error:
            return JSONResponse(as_json(error), status_code=error.status, headers=SECURITY_HEADERS)
        return JSONResponse({"source": str(source.id)}, headers=SECURITY_HEADERS)

    @router.get("/export.zip")
    async def export(request: Request) -> Response:
        try:
            await _enter(services, request, must_say=False)
        except BatonError as error:
            return JSONResponse(as_json(error), status_code=error.status, headers=SECURITY_HEADERS)
        async with services.database.transaction() as session:
            found = await export_articles(session)
        packed = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been sent
        await pack(packed, found, services.articles.blobs)
        named = {"Content-Disposition": 'attachment; filename="articles.zip"', "Cache-Control": "no-store"}
        return StreamingResponse(_pieces(packed), media_type="application/zip", headers=SECURITY_HEADERS | named)

    return router


def _pieces(packed: IO[bytes]) -> Iterator[bytes]:
    with packed:
        packed.seek(0)
        while piece := packed.read(_PIECE):
            yield piece


async def _enter(services: ConsoleServices, request: Request, *, must_say: bool) -> StaffRow:
    """Who asks. Raises NotAllowedError for a page of another site and for a role without the right, NotAuthenticatedError."""
    if not same_site(request.headers, services.origins(), must_say=must_say):
        raise NotAllowedError(strings()["login_foreign"])
    found = await find_login(services.database, request)
    if found is None:
        raise NotAuthenticatedError(strings()["expired"])
    check_may(found[1], EDIT)
    return found[1]


def _wishes(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(unquote(request.headers.get("x-options", "{}")))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InvalidInputError(strings()["error_unknown_command"])
    return found


async def _body(request: Request) -> bytes:
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > LIMITS.file_bytes:
            raise UnreadableError(f"The file is larger than {LIMITS.file_bytes:,} bytes", hint="Divide it.")
    if not data:
        raise UnreadableError("The file is empty")
    return bytes(data)
