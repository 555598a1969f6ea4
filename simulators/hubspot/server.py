"""The documented shape of HubSpot's CRM API v3, as far as contacts, notes and their association go. `/_control` makes it fail."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

TOKEN = "pat-demo"  # noqa: S105 - of an account that does not exist
NOTE_TO_CONTACT = 202


def build_app() -> FastAPI:
    """An account with one contact."""
    app = FastAPI(openapi_url=None)
    app.state.contacts = {
        "51": {"email": "ana.reis@example.com", "firstname": "Ana", "lastname": "Reis", "lifecyclestage": "customer", "hs_tag": "vip;press"}
    }
    app.state.notes = []
    app.state.mode = {"status": 0}

    @app.put("/_control")
    async def control(request: Request) -> dict[str, Any]:
        app.state.mode |= await request.json()
        found: dict[str, Any] = app.state.mode
        return found

    @app.middleware("http")
    async def guard(request: Request, following: Any) -> Response:
        if request.url.path.startswith("/_"):
            return await following(request)  # type: ignore[no-any-return]
        if app.state.mode["status"]:
            body = {"status": "error", "message": "Try again", "category": "RATE_LIMITS", "policyName": "TEN_SECONDLY_ROLLING"}
            return JSONResponse(body, status_code=app.state.mode["status"], headers={"Retry-After": "3"})
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"status": "error", "category": "INVALID_AUTHENTICATION"}, status_code=401)
        return await following(request)  # type: ignore[no-any-return]

    _routes(app)
    return app


def _routes(app: FastAPI) -> None:
    @app.post("/crm/v3/objects/contacts/search")
    async def search(request: Request) -> dict[str, Any]:
        body = await request.json()
        wanted = body["filterGroups"][0]["filters"][0]
        found = [
            (name, c) for name, c in app.state.contacts.items() if str(c.get(wanted["propertyName"], "")).lower() == wanted["value"].lower()
        ]
        results = [{"id": name, "properties": {key: c.get(key) for key in body.get("properties", [])}} for name, c in found]
        return {"total": len(results), "results": results[: body.get("limit", 10)]}

    @app.post("/crm/v3/objects/notes", status_code=201)
    async def note(request: Request) -> JSONResponse:
        body = await request.json()
        kinds = [t["associationTypeId"] for a in body["associations"] for t in a["types"]]
        if kinds != [NOTE_TO_CONTACT] or "hs_timestamp" not in body["properties"]:
            return JSONResponse({"status": "error", "category": "VALIDATION_ERROR"}, status_code=400)
        app.state.notes.append(body)
        return JSONResponse({"id": str(len(app.state.notes)), "properties": body["properties"]}, status_code=201)
