"""A customer's data as a file, for those who may give it out."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from console.access import SessionEndedError, find_login
from console.refusals.telling import as_json
from console.services import ConsoleServices
from context.erasing.endpoints import zip_response
from context.erasing.erasing import RIGHT
from context.staff.rights import check_may
from kit.errors import BatonError


def export_router(services: ConsoleServices) -> APIRouter:
    """The route under /console/contacts."""
    router = APIRouter(prefix="/console/contacts", include_in_schema=False)

    @router.get("/{contact_id}/export.zip")
    async def give_out(contact_id: UUID, request: Request) -> Response:
        try:
            found = await find_login(services.database, request)
            if found is None:
                raise SessionEndedError
            staff = found[1]
            check_may(staff, RIGHT)
            async with services.database.transaction() as session:
                archive = await services.exporting.export(session, (str(staff.id), staff.name), contact_id)
        except BatonError as error:
            return JSONResponse(as_json(error), error.status)
        return zip_response(archive, contact_id)

    return router
