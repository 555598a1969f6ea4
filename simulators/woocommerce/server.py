"""The documented shape of WooCommerce's REST API, as far as orders and their notes go. `/_control` makes it slow or broken."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

KEY, SECRET = "ck_demo", "cs_demo"
ORDER: dict[str, Any] = {
    "id": 727, "number": "727", "status": "processing", "currency": "MOP", "date_created": "2026-05-02T10:00:00",
    "date_created_gmt": "2026-05-02T02:00:00", "total": "259.35", "prices_include_tax": False, "customer_id": 0,
    "billing": {"first_name": "Ana", "last_name": "Reis", "email": "Ana.Reis@example.com", "phone": "+853 6200 0000",
                "address_1": "1 Sample Street", "city": "Macau", "postcode": "", "country": "MO"},
    "shipping": {"first_name": "", "last_name": "", "address_1": "", "city": "", "postcode": "", "country": ""},
    "line_items": [
        {"id": 315, "name": "Paper lantern", "sku": "LAN-1", "quantity": 2, "price": 100.0, "total": "200.00"},
        {"id": 316, "name": "Tea", "sku": "", "quantity": 1, "price": 29.35, "total": "29.35"},
    ],
    "meta_data": [{"id": 1, "key": "_wc_shipment_tracking_items",
                   "value": [{"tracking_provider": "Sample Post", "tracking_number": "SP1", "date_shipped": "1777687200"}]}],
}  # fmt: skip


def build_app() -> FastAPI:
    """A shop with one order."""
    app = FastAPI(openapi_url=None)
    app.state.orders = {727: dict(ORDER)}
    app.state.notes = []
    app.state.mode = {"status": 0, "seconds": 0.0, "body": None}
    app.state.asked = 0

    @app.put("/_control")
    async def control(request: Request) -> dict[str, Any]:
        app.state.mode |= await request.json()
        found: dict[str, Any] = app.state.mode
        return found

    @app.middleware("http")
    async def guard(request: Request, following: Any) -> Response:
        if request.url.path.startswith("/_"):
            return await following(request)  # type: ignore[no-any-return]
        app.state.asked += 1
        mode = app.state.mode
        await asyncio.sleep(mode["seconds"])
        if mode["body"] is not None:
            return Response(mode["body"], status_code=mode["status"] or 200)
        if mode["status"]:
            return JSONResponse(
                {"code": "internal_server_error", "message": "There has been a critical error."}, status_code=mode["status"]
            )
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme != "Basic" or base64.b64decode(given).decode() != f"{KEY}:{SECRET}":
            message = "Sorry, you cannot list resources."
            return JSONResponse({"code": "woocommerce_rest_cannot_view", "message": message, "data": {"status": 401}}, status_code=401)
        return await following(request)  # type: ignore[no-any-return]

    _routes(app)
    return app


def _routes(app: FastAPI) -> None:
    missing = {"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID.", "data": {"status": 404}}

    @app.get("/wp-json/wc/v3/orders/{number}")
    async def one(number: int) -> JSONResponse:
        order = app.state.orders.get(number)
        return JSONResponse(order or missing, status_code=200 if order else 404)

    @app.get("/wp-json/wc/v3/orders")
    async def many(search: str = "", per_page: int = 10) -> list[Any]:
        wanted = search.lower()
        found = [
            o for o in app.state.orders.values() if wanted in f"{o['number']} {o['billing']['email']} {o['billing']['last_name']}".lower()
        ]
        return found[: min(per_page, 100)]

    @app.post("/wp-json/wc/v3/orders/{number}/notes", status_code=201)
    async def note(number: int, request: Request) -> JSONResponse:
        if number not in app.state.orders:
            return JSONResponse(missing, status_code=404)
        body = await request.json()
        if not isinstance(body.get("note"), str):
            wrong = {"code": "rest_missing_callback_param", "message": "Missing parameter(s): note", "data": {"status": 400}}
            return JSONResponse(wrong, status_code=400)
        app.state.notes.append((number, body["note"], body.get("customer_note", False)))
        return JSONResponse({"id": len(app.state.notes), "note": body["note"], "customer_note": False}, status_code=201)
