"""One customer's data over /v1: how much there is, given out, erased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from context import schemas as base
from context.erasing.erasing import RIGHT, Erasing, Erasure, Standing
from context.erasing.exporting import Exporting
from context.services import ApiServices, Token, access


class EraseIn(BaseModel):
    """`orders`: also whose their orders are, which else stay as long as bookkeeping asks."""

    model_config = ConfigDict(extra="forbid")
    orders: bool = False


@dataclass(frozen=True)
class ErasingServices:
    """What the routes need."""

    api: ApiServices
    erasing: Erasing
    exporting: Exporting


def erasing_router(services: ErasingServices) -> APIRouter:
    """The routes under /v1/contacts/{contact_id}."""
    problems: dict[int | str, dict[str, Any]] = {code: {"model": base.Problem} for code in (401, 403, 404, 410, 422, 429)}
    router = APIRouter(prefix="/v1/contacts", tags=["contacts"], responses=problems)
    database = services.api.database

    @router.get("/{contact_id}/standing")
    async def read_standing(contact_id: UUID, token: Token) -> Standing:
        """How much there is of a customer, and what of it is under way: what somebody should know before erasing it."""
        async with database.transaction() as session:
            await access(session, token, RIGHT)
            return await services.erasing.look(session, contact_id)

    @router.get("/{contact_id}/export", response_class=Response, responses={200: {"content": {"application/zip": {}}}})
    async def export_contact(contact_id: UUID, token: Token) -> Response:
        """Everything about a customer, as a zip: `data.json` by table, and the files."""
        async with database.transaction() as session:
            staff = await access(session, token, RIGHT)
            archive = await services.exporting.export(session, (str(staff.id), staff.name), contact_id)
        return zip_response(archive, contact_id)

    @router.post("/{contact_id}/erase")
    async def erase_contact(contact_id: UUID, token: Token, body: EraseIn | None = None) -> Erasure:
        """Erases a customer with all who were merged into them: it cannot be undone. Once more does nothing.

        Conversations end without a word, what is queued is not sent, open requests are refused. Numbers for reports stay.
        """
        async with database.transaction() as session:
            staff = await access(session, token, RIGHT)
            by, wanted = (str(staff.id), staff.name), body or EraseIn()
            return await services.erasing.erase(session, by, contact_id, orders=wanted.orders)

    return router


def zip_response(archive: bytes, contact_id: UUID) -> Response:
    """The zip as a file to keep, in no cache."""
    headers = {"Content-Disposition": f'attachment; filename="contact-{contact_id}.zip"', "Cache-Control": "no-store"}
    return Response(archive, media_type="application/zip", headers=headers)
