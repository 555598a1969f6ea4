"""Attachments and images over /v1."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from context.editorial import schemas
from context.editorial.acting import acting
from context.editorial.services import ArticleServices
from context.editorial.serving import PRIVATE, file_response
from context.editorial.shapes import file_out
from context.endpoints import Token
from knowledge import articles, files
from knowledge.files import Upload, blob_key


def add_file_routes(router: APIRouter, services: ArticleServices) -> None:
    """The routes under /v1/articles/{id}/files."""

    @router.get("/{article_id}/files")
    async def list_files(article_id: str, token: Token) -> list[schemas.FileOut]:
        """The files of an article."""
        async with acting(services, token) as (session, _staff):
            await articles.get_article(session, article_id)
            return [file_out(file) for file in await files.list_files(session, article_id)]

    @router.post("/{article_id}/files", status_code=201)
    async def attach(
        article_id: str, request: Request, token: Token, name: Annotated[str, Query(min_length=1, max_length=300)]
    ) -> schemas.FileOut:
        """Attaches the body of the request as a file called `name`: PNG, JPEG, GIF, WebP, PDF, DOCX, XLSX, PPTX, TXT or CSV up to 10 MB."""
        async with acting(services, token) as (session, staff):
            upload = Upload(name, await request.body())
            file = await files.add_file(
                session, services.blobs, upload, article_id=article_id, editor=str(staff.id), clock=services.ledger.clock
            )
        return file_out(file)

    @router.get("/{article_id}/files/{file_id}")
    async def read_file(article_id: str, file_id: UUID, token: Token, if_none_match: Annotated[str | None, Header()] = None) -> Response:
        """The bytes of a file, also of an internal article."""
        async with acting(services, token) as (session, _staff):
            file = await files.get_file(session, file_id, article_id=article_id)
        return file_response(file, await files.read_bytes(services.blobs, file), cache=PRIVATE, known=if_none_match)

    @router.delete("/{article_id}/files/{file_id}", status_code=204)
    async def remove_file(article_id: str, file_id: UUID, token: Token) -> None:
        """Removes a file; 409 when a text shows it."""
        async with acting(services, token) as (session, _staff):
            await files.remove_file(session, await files.get_file(session, file_id, article_id=article_id))
        await asyncio.to_thread(services.blobs.delete, blob_key(file_id))
