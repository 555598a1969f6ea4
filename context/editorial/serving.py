"""Files of articles over HTTP: as what they are, never as something that runs."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Header, Response

from context.editorial.services import ArticleServices
from knowledge import files
from knowledge.files import FileMissingError
from knowledge.types import ArticleFile

_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
PUBLIC, PRIVATE = "public, max-age=300", "private, no-cache"


def file_response(file: ArticleFile, data: bytes, *, cache: str, known: str | None = None) -> Response:
    """The file with its own media type: images in place, everything else to be saved. `known` is the reader's If-None-Match."""
    etag = f'"{file.digest}"'
    text = file.media_type.startswith("text/")
    shown = "inline" if file.is_image else "attachment"
    plain = file.name.encode("ascii", "replace").decode().replace("?", "_")
    headers = _SAFE | {
        "Cache-Control": cache,
        "ETag": etag,
        "Content-Disposition": f"{shown}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name)}",
        "Cross-Origin-Resource-Policy": "cross-origin" if cache == PUBLIC else "same-origin",
    }
    if known is not None and etag in (part.strip().removeprefix("W/") for part in known.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=f"{file.media_type}; charset=utf-8" if text else file.media_type, headers=headers)


def public_files_router(services: ArticleServices) -> APIRouter:
    """The route that readers' pages show files from: only those of articles that everybody may read."""
    router = APIRouter(include_in_schema=False)

    @router.get("/article-files/{file_id}/{_name}")
    async def read_file(file_id: UUID, _name: str, if_none_match: Annotated[str | None, Header()] = None) -> Response:
        async with services.database.transaction() as session:
            file = await files.get_file(session, file_id)
            if not await files.is_open(session, file, clock=services.ledger.clock):
                raise FileMissingError
        return file_response(file, await files.read_bytes(services.blobs, file), cache=PUBLIC, known=if_none_match)

    return router
