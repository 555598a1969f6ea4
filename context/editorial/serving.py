"""Files of articles over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Response

from context.editorial.services import ArticleServices
from kit.file_response import PRIVATE as PRIVATE
from kit.file_response import PUBLIC
from kit.file_response import file_response as file_response
from knowledge import files
from knowledge.files import FileMissingError


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
