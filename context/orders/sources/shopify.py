"""Shopify by its Admin API (GraphQL): orders are read, a note is added to an order's note, returns are requested."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from context.orders.matching import normalise_email, normalise_number
from context.orders.source import Fetched, OrderSourceError, WriteRefusedError
from context.orders.sources.asking import Shop, cents
from context.orders.types import OrderStatus, ReturnRecord, ShipmentStatus, SoldItem
from context.types import Order, Shipment

VERSION = "2026-10"
_ORDER = """
id name createdAt cancelledAt email phone displayFinancialStatus displayFulfillmentStatus currencyCode note
totalPriceSet { shopMoney { amount } } customer { displayName }
shippingAddress { name address1 city zip countryCodeV2 }
lineItems(first: 100) { nodes { sku title quantity originalUnitPriceSet { shopMoney { amount } } } }
fulfillments(first: 20) {
  displayStatus estimatedDeliveryAt deliveredAt trackingInfo(first: 5) { company number }
  fulfillmentLineItems(first: 100) { nodes { id lineItem { sku title } } }
}
"""
_FIND = f"""query Orders($query: String!, $first: Int!) {{
  orders(first: $first, query: $query, sortKey: CREATED_AT, reverse: true) {{ nodes {{ {_ORDER} }} }}
}}"""
_READ = f"query Order($id: ID!) {{ order(id: $id) {{ {_ORDER} }} }}"
_NOTE = "mutation Note($input: OrderInput!) { orderUpdate(input: $input) { order { id } userErrors { field message } } }"
_RETURN = (
    "mutation Return($input: ReturnRequestInput!) { returnRequest(input: $input) { return { id status } userErrors { field message } } }"
)
REASONS = {"damaged": "DEFECTIVE", "wrong": "WRONG_ITEM", "changed_mind": "UNWANTED", "not_suitable": "NOT_AS_DESCRIBED"}
_FULFILLED = {"FULFILLED": OrderStatus.DISPATCHED, "PARTIALLY_FULFILLED": OrderStatus.DISPATCHED, "IN_PROGRESS": OrderStatus.PACKED}
_PARCEL = {
    "IN_TRANSIT": ShipmentStatus.IN_TRANSIT, "OUT_FOR_DELIVERY": ShipmentStatus.OUT_FOR_DELIVERY, "DELIVERED": ShipmentStatus.DELIVERED,
    "READY_FOR_PICKUP": ShipmentStatus.READY_FOR_PICKUP, "PICKED_UP": ShipmentStatus.PICKED_UP, "DELAYED": ShipmentStatus.DELAYED,
    "NOT_DELIVERED": ShipmentStatus.LOST, "FAILURE": ShipmentStatus.DELAYED,
}  # fmt: skip


@dataclass(frozen=True)
class Shopify:
    """A Shopify shop (`context.orders.source.OrderSource`). Its token goes in the header `X-Shopify-Access-Token` of `Shop.headers`."""

    shop: Shop
    version: str = VERSION
    name: str = "shopify"
    writes: frozenset[str] = frozenset({"note", "return"})

    async def find(self, number: str) -> Fetched | None:
        """See the port."""
        wanted = normalise_number(number)
        nodes = (await self._ask(_FIND, {"query": f"name:{_quoted(number)}", "first": 5}))["orders"]["nodes"]
        found = [_fetched(node) for node in nodes]
        return next((one for one in found if one.order.number == wanted), None)

    async def orders_of(self, email: str, *, limit: int = 20) -> tuple[Fetched, ...]:
        """See the port."""
        nodes = (await self._ask(_FIND, {"query": f"email:{_quoted(email)}", "first": limit}))["orders"]["nodes"]
        found = [_fetched(node) for node in nodes]
        return tuple(one for one in found if one.order.email == normalise_email(email))

    async def add_note(self, external_id: str, text: str) -> None:
        """See the port: added below what the order's note says already."""
        order = (await self._ask(_READ, {"id": external_id}))["order"]
        if order is None:
            raise WriteRefusedError("There is no such order any more")
        before = str(order.get("note") or "")
        if text in before:
            return
        await self._write(_NOTE, "orderUpdate", {"id": external_id, "note": f"{before}\n{text}".strip()})

    async def add_return(self, external_id: str, record: ReturnRecord) -> None:
        """See the port. An item that was not sent yet cannot be returned there."""
        order = (await self._ask(_READ, {"id": external_id}))["order"] or {}
        lines = [line for parcel in order.get("fulfillments") or () for line in parcel["fulfillmentLineItems"]["nodes"]]
        line = next((one for one in lines if record.item in (one["lineItem"]["sku"], one["lineItem"]["title"])), None)
        if line is None:
            raise WriteRefusedError("The shop has not sent this item")
        reason = record.reason.partition(":")[0]
        item = {
            "fulfillmentLineItemId": line["id"],
            "quantity": 1,
            "returnReason": REASONS.get(reason, "OTHER"),
            "customerNote": record.reason[:300],
        }
        await self._write(_RETURN, "returnRequest", {"orderId": external_id, "returnLineItems": [item]})

    async def _ask(self, query: str, variables: Mapping[str, Any]) -> Any:
        path = f"/admin/api/{self.version}/graphql.json"
        status, body = await self.shop.ask("POST", path, json={"query": query, "variables": dict(variables)})
        if status != 200 or not isinstance(body, dict) or body.get("errors") or "data" not in body:
            said = json.dumps(body.get("errors") if isinstance(body, dict) else None)[:200]
            raise OrderSourceError(f"The shop's system answers {status}: {said}")
        return body["data"]

    async def _write(self, query: str, name: str, value: Mapping[str, Any]) -> None:
        done = (await self._ask(query, {"input": dict(value)}))[name]
        if done["userErrors"]:
            raise WriteRefusedError(str(done["userErrors"][0]["message"])[:300])


def _quoted(said: str) -> str:
    return '"' + said.replace("\\", "").replace('"', "") + '"'


def _fetched(node: Any) -> Fetched:
    try:
        return Fetched(parse_order(node), str(node["id"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OrderSourceError(f"The shop's system gives an order without {error}") from None


def parse_order(node: Mapping[str, Any]) -> Order:
    """An order as the API gives it. Pure."""
    address = node.get("shippingAddress") or {}
    parcels = tuple(parcel for one in node.get("fulfillments") or () for parcel in _parcels(one))
    return Order(
        number=normalise_number(str(node["name"])),
        status=_status(node, parcels).value,
        placed_at=datetime.fromisoformat(str(node["createdAt"])),
        currency=str(node["currencyCode"]),
        total=cents(node["totalPriceSet"]["shopMoney"]["amount"]),
        items=tuple(
            SoldItem(
                str(i["sku"] or i["title"]), str(i["title"]), int(i["quantity"]), cents(i["originalUnitPriceSet"]["shopMoney"]["amount"])
            )
            for i in node["lineItems"]["nodes"]
        ),
        shipments=parcels,
        email=normalise_email(str(node.get("email") or "")),
        phone=node.get("phone") or None,
        customer_name=str((node.get("customer") or {}).get("displayName") or address.get("name") or ""),
        address={
            name: address[key]
            for name, key in (("line", "address1"), ("city", "city"), ("postcode", "zip"), ("country", "countryCodeV2"))
            if address.get(key)
        },
    )


def _status(node: Mapping[str, Any], parcels: tuple[Shipment, ...]) -> OrderStatus:
    if node.get("cancelledAt"):
        return OrderStatus.CANCELLED
    if node.get("displayFinancialStatus") == "REFUNDED":
        return OrderStatus.REFUNDED
    states = {parcel.status for parcel in parcels}
    if states and states <= {ShipmentStatus.DELIVERED, ShipmentStatus.PICKED_UP}:
        return OrderStatus.DELIVERED
    for state in (ShipmentStatus.OUT_FOR_DELIVERY, ShipmentStatus.DELAYED, ShipmentStatus.IN_TRANSIT):
        if state in states:
            return OrderStatus(state.value)
    if (sent := _FULFILLED.get(str(node.get("displayFulfillmentStatus")))) is not None:
        return sent
    return OrderStatus.PLACED if node.get("displayFinancialStatus") in ("PENDING", "AUTHORIZED", "EXPIRED", None) else OrderStatus.PAID


def _parcels(one: Mapping[str, Any]) -> list[Shipment]:
    state = _PARCEL.get(str(one.get("displayStatus")), ShipmentStatus.DISPATCHED).value
    expected, delivered = (str(one[key])[:10] if one.get(key) else None for key in ("estimatedDeliveryAt", "deliveredAt"))
    tracks = one.get("trackingInfo") or [{}]
    return [Shipment(str(t.get("company") or ""), str(t.get("number") or ""), state, expected, delivered) for t in tracks]
