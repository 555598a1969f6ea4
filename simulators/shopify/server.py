"""The documented shape of Shopify's Admin GraphQL, as far as orders, notes and return requests go. `/_control` makes it fail."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

TOKEN = "shpat_demo"  # noqa: S105 - of a shop that does not exist
_PATH = re.compile(r"/admin/api/20\d\d-(01|04|07|10)/graphql\.json")
_MONEY = {"shopMoney": {"amount": "59.90"}}


def order(name: str = "#1001", **changed: Any) -> dict[str, Any]:
    """An order in the shape of the API."""
    return {
        "id": "gid://shopify/Order/450789469", "name": name, "createdAt": "2026-05-02T02:00:00Z", "cancelledAt": None,
        "email": "ana.reis@example.com", "phone": "+85362000000", "displayFinancialStatus": "PAID", "displayFulfillmentStatus": "FULFILLED",
        "currencyCode": "MOP", "note": "Gift", "totalPriceSet": {"shopMoney": {"amount": "119.80"}},
        "customer": {"displayName": "Ana Reis"},
        "shippingAddress": {"name": "Ana Reis", "address1": "1 Sample Street", "city": "Macau", "zip": None, "countryCodeV2": "MO"},
        "lineItems": {"nodes": [{"sku": "LAN-1", "title": "Paper lantern", "quantity": 2, "originalUnitPriceSet": _MONEY}]},
        "fulfillments": [{"displayStatus": "IN_TRANSIT", "estimatedDeliveryAt": "2026-05-06T00:00:00Z", "deliveredAt": None,
                          "trackingInfo": [{"company": "Sample Post", "number": "SP1"}],
                          "fulfillmentLineItems": {"nodes": [{"id": "gid://shopify/FulfillmentLineItem/1",
                                                              "lineItem": {"sku": "LAN-1", "title": "Paper lantern"}}]}}],
    } | changed  # fmt: skip


def build_app() -> FastAPI:
    """A shop with one order."""
    app = FastAPI(openapi_url=None)
    app.state.orders = [order()]
    app.state.returns = []
    app.state.mode = {"status": 0, "seconds": 0.0, "errors": None}

    @app.put("/_control")
    async def control(request: Request) -> dict[str, Any]:
        app.state.mode |= await request.json()
        found: dict[str, Any] = app.state.mode
        return found

    @app.post("/{path:path}")
    async def graphql(path: str, request: Request) -> JSONResponse:
        await asyncio.sleep(app.state.mode["seconds"])
        if app.state.mode["status"]:
            return JSONResponse({"errors": "Service Unavailable"}, status_code=app.state.mode["status"])
        if request.headers.get("x-shopify-access-token") != TOKEN:
            return JSONResponse({"errors": "[API] Invalid API key or access token"}, status_code=401)
        if not _PATH.fullmatch("/" + path):
            return JSONResponse({"errors": "Not Found"}, status_code=404)
        if app.state.mode["errors"]:
            return JSONResponse({"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]})
        body = await request.json()
        return JSONResponse({"data": _answer(app, body["query"], body.get("variables") or {}), "extensions": {"cost": {}}})

    return app


def _answer(app: FastAPI, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    if "orderUpdate" in query:
        found = _by_id(app, variables["input"]["id"])
        if found is None:
            return {"orderUpdate": {"order": None, "userErrors": [{"field": ["id"], "message": "Order does not exist"}]}}
        found["note"] = variables["input"]["note"]
        return {"orderUpdate": {"order": {"id": found["id"]}, "userErrors": []}}
    if "returnRequest" in query:
        line = variables["input"]["returnLineItems"][0]
        if line["returnReason"] not in {"DEFECTIVE", "WRONG_ITEM", "UNWANTED", "NOT_AS_DESCRIBED", "OTHER"}:
            return {"returnRequest": {"return": None, "userErrors": [{"field": ["returnReason"], "message": "is invalid"}]}}
        app.state.returns.append(variables["input"])
        return {"returnRequest": {"return": {"id": "gid://shopify/Return/1", "status": "REQUESTED"}, "userErrors": []}}
    if "order(" in query:
        return {"order": _by_id(app, variables["id"])}
    field, _, value = variables["query"].partition(":")
    wanted = value.strip('"').lower().lstrip("#")
    nodes = [o for o in app.state.orders if str(o[field]).lower().lstrip("#") == wanted]
    return {"orders": {"nodes": nodes[: variables["first"]]}}


def _by_id(app: FastAPI, name: str) -> dict[str, Any] | None:
    return next((o for o in app.state.orders if o["id"] == name), None)
