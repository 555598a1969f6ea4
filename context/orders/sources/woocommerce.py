"""WooCommerce by its REST API, version wc/v3: orders are read, notes are written. A return is written as a note, as it has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from context.orders.matching import normalise_email, normalise_number
from context.orders.source import Fetched, OrderSourceError
from context.orders.sources.asking import Shop, cents
from context.orders.types import OrderStatus, ReturnRecord, SoldItem
from context.types import Order, Shipment

BASE = "/wp-json/wc/v3"
STATUS: Mapping[str, OrderStatus] = {
    "pending": OrderStatus.PLACED,
    "on-hold": OrderStatus.PLACED,
    "checkout-draft": OrderStatus.PLACED,
    "processing": OrderStatus.PAID,
    "completed": OrderStatus.DISPATCHED,
    "cancelled": OrderStatus.CANCELLED,
    "failed": OrderStatus.CANCELLED,
    "trash": OrderStatus.CANCELLED,
    "refunded": OrderStatus.REFUNDED,
}
TRACKING = "_wc_shipment_tracking_items"  # where the usual plug-in keeps parcels


@dataclass(frozen=True)
class WooCommerce:
    """A WooCommerce shop (`context.orders.source.OrderSource`). Its key and secret go in `Shop.auth`."""

    shop: Shop
    name: str = "woocommerce"
    writes: frozenset[str] = frozenset({"note", "return"})

    async def find(self, number: str) -> Fetched | None:
        """See the port. The number is the order's id, unless a plug-in gives others: then it is searched for."""
        wanted = normalise_number(number)
        if wanted.isdigit():
            status, body = await self.shop.ask("GET", f"{BASE}/orders/{int(wanted)}")
            if status == 200 and normalise_number(str(body.get("number") or body.get("id"))) == wanted:
                return _fetched(body)
        status, found = await self.shop.ask("GET", f"{BASE}/orders", params={"search": number, "per_page": "20"})
        if status != 200 or not isinstance(found, list):
            raise OrderSourceError(f"The shop's system answers {status}")
        return next((_fetched(one) for one in found if normalise_number(str(one.get("number") or one.get("id"))) == wanted), None)

    async def orders_of(self, email: str, *, limit: int = 20) -> tuple[Fetched, ...]:
        """See the port."""
        params = {"search": email, "per_page": str(limit), "orderby": "date", "order": "desc"}
        status, found = await self.shop.ask("GET", f"{BASE}/orders", params=params)
        if status != 200 or not isinstance(found, list):
            raise OrderSourceError(f"The shop's system answers {status}")
        fetched = [_fetched(one) for one in found]
        return tuple(one for one in fetched if one.order.email == normalise_email(email))

    async def add_note(self, external_id: str, text: str) -> None:
        """See the port: a private note."""
        await self.shop.write("POST", f"{BASE}/orders/{int(external_id)}/notes", {"note": text, "customer_note": False})

    async def add_return(self, external_id: str, record: ReturnRecord) -> None:
        """See the port."""
        await self.add_note(external_id, f"Return {record.reference}: {record.item}, {record.wish}. Reason: {record.reason}")


def _fetched(body: Any) -> Fetched:
    try:
        return Fetched(parse_order(body), str(body["id"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OrderSourceError(f"The shop's system gives an order without {error}") from None


def parse_order(body: Mapping[str, Any]) -> Order:
    """An order as the API gives it. Pure."""
    billing, shipping = body.get("billing") or {}, body.get("shipping") or {}
    whole = shipping if shipping.get("address_1") else billing
    return Order(
        number=normalise_number(str(body.get("number") or body["id"])),
        status=STATUS.get(str(body["status"]), OrderStatus.PAID).value,
        placed_at=_moment(body),
        currency=str(body["currency"]),
        total=cents(body["total"]),
        items=tuple(_item(line) for line in body.get("line_items") or ()),
        shipments=tuple(_parcels(body)),
        email=normalise_email(str(billing.get("email") or "")),
        phone=billing.get("phone") or None,
        customer_name=f"{billing.get('first_name', '')} {billing.get('last_name', '')}".strip(),
        address={
            name: whole[key]
            for name, key in (("line", "address_1"), ("city", "city"), ("postcode", "postcode"), ("country", "country"))
            if whole.get(key)
        },
    )


def _moment(body: Mapping[str, Any]) -> datetime:
    if body.get("date_created_gmt"):
        return datetime.fromisoformat(str(body["date_created_gmt"])).replace(tzinfo=UTC)
    return datetime.fromisoformat(str(body["date_created"])).astimezone(UTC)


def _item(line: Mapping[str, Any]) -> SoldItem:
    return SoldItem(str(line.get("sku") or line["id"]), str(line["name"]), int(line["quantity"]), cents(line.get("price")))


def _parcels(body: Mapping[str, Any]) -> list[Shipment]:
    kept = next((meta.get("value") for meta in body.get("meta_data") or () if meta.get("key") == TRACKING), None)
    parcels = kept if isinstance(kept, list) else []
    return [
        Shipment(str(one.get("tracking_provider") or one.get("custom_tracking_provider") or ""), str(one["tracking_number"]), "dispatched")
        for one in parcels
        if isinstance(one, dict) and one.get("tracking_number")
    ]
