"""Any shop with a JSON API: a YAML file says where to ask and where in the answer each thing stands.

url: https://shop.example/api
headers: {Authorization: "Bearer ${SHOP_TOKEN}"}
find: {path: "/orders/{number}", at: data}
orders_of: {path: "/orders?email={email}", at: data.items}
note: {path: "/orders/{id}/notes", body: {text: "{text}"}}
fields:
  id: id
  number: reference
  status: state
  placed_at: created
  currency: money.currency
  total: money.total
  email: customer.email
  customer_name: customer.name
  items: lines
item: {sku: code, title: name, quantity: count, unit_price: price}
statuses: {open: placed, sent: dispatched}
cents: false
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from context.orders.matching import normalise_email, normalise_number
from context.orders.source import Fetched, OrderSourceError
from context.orders.sources.asking import Shop, cents
from context.orders.types import OrderStatus, ReturnRecord, ShipmentStatus, SoldItem
from context.types import Order, Shipment
from kit.errors import InvalidInputError

TOP = {
    "url",
    "headers",
    "find",
    "orders_of",
    "note",
    "return",
    "fields",
    "item",
    "parcel",
    "address",
    "statuses",
    "parcel_statuses",
    "cents",
}
FIELDS = {"id", "number", "status", "placed_at", "currency", "total", "email", "phone", "customer_name", "items", "parcels"}
REQUIRED = FIELDS - {"phone", "parcels", "id", "customer_name"}
_SECRET = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


class MappingError(InvalidInputError):
    """The mapping of orders cannot be used."""


@dataclass(frozen=True)
class MappedShop:
    """A shop by a mapping (`context.orders.source.OrderSource`)."""

    shop: Shop
    mapping: Mapping[str, Any]
    name: str = "mapping"

    @property
    def writes(self) -> frozenset[str]:
        """What the mapping says how to write."""
        return frozenset({"note", "return"} & self.mapping.keys())

    async def find(self, number: str) -> Fetched | None:
        """See the port."""
        found = await self._read("find", number=number)
        wanted = normalise_number(number)
        return next((one for one in found if one.order.number == wanted), None)

    async def orders_of(self, email: str, *, limit: int = 20) -> tuple[Fetched, ...]:
        """See the port; none where the mapping does not say how to ask."""
        if "orders_of" not in self.mapping:
            return ()
        found = await self._read("orders_of", email=email)
        return tuple(one for one in found if one.order.email == normalise_email(email))[:limit]

    async def add_note(self, external_id: str, text: str) -> None:
        """See the port."""
        await self._write("note", id=external_id, text=text)

    async def add_return(self, external_id: str, record: ReturnRecord) -> None:
        """See the port."""
        values = {"item": record.item, "reason": record.reason, "wish": record.wish, "reference": record.reference}
        await self._write("return", id=external_id, **values)

    async def _read(self, what: str, **values: str) -> list[Fetched]:
        way = self.mapping[what]
        status, body = await self.shop.ask("GET", _path(way["path"], values))
        if status == 404:
            return []
        if status != 200:
            raise OrderSourceError(f"The shop's system answers {status}")
        found = pick(body, way.get("at", ""))
        return [_fetched(one, self.mapping) for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict) and one]

    async def _write(self, what: str, **values: str) -> None:
        way = self.mapping[what]
        await self.shop.write(way.get("method", "POST"), _path(way["path"], values), _filled(way.get("body", {}), values))


def load_mapping(path: Path, secrets: Mapping[str, str]) -> MappedShop:
    """A shop by the mapping of a file; `${NAME}` in headers is taken from `secrets`. Raises MappingError naming what is wrong."""
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MappingError(f"{path} cannot be read: {str(error)[:200]}") from None
    check_mapping(read)
    headers = {
        name: _SECRET.sub(lambda found: _secret(found[1], secrets), str(value)) for name, value in (read.get("headers") or {}).items()
    }
    return MappedShop(Shop(read["url"], headers), read)


def check_mapping(read: Any) -> None:
    """Raises MappingError with the first thing that is wrong."""
    if not isinstance(read, dict):
        raise MappingError("The mapping is not a list of names and values")
    unknown, missing = sorted(read.keys() - TOP), sorted({"url", "find", "fields", "item"} - read.keys())
    if unknown or missing:
        raise MappingError(
            f"Unknown: {', '.join(unknown)}" if unknown else f"Missing: {', '.join(missing)}", hint=f"Known: {', '.join(sorted(TOP))}."
        )
    fields = read["fields"]
    if not isinstance(fields, dict) or (wrong := (fields.keys() - FIELDS) | (REQUIRED - fields.keys())):
        raise MappingError(f"`fields` is wrong: {', '.join(sorted(wrong))}" if isinstance(fields, dict) else "`fields` holds no names")
    if not str(read["url"]).startswith(("https://", "http://")):
        raise MappingError("`url` begins with https://")
    for name, known in (("statuses", OrderStatus), ("parcel_statuses", ShipmentStatus)):
        for said, status in (read.get(name) or {}).items():
            if status not in set(known):
                raise MappingError(f"`{name}`: {said} cannot be {status!r}", hint=f"There are: {', '.join(known)}.")
    for way in ("find", "orders_of", "note", "return"):
        if way in read and not (isinstance(read[way], dict) and isinstance(read[way].get("path"), str)):
            raise MappingError(f"`{way}` needs a `path`")


def pick(value: Any, path: str) -> Any:
    """What stands at `a.b.0`; None when there is nothing. An empty path is the whole."""
    for step in path.split(".") if path else ():
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _fetched(one: Mapping[str, Any], mapping: Mapping[str, Any]) -> Fetched:
    try:
        order = parse_order(one, mapping)
        return Fetched(order, str(pick(one, mapping["fields"].get("id", "")) or order.number))
    except (KeyError, TypeError, ValueError) as error:
        raise OrderSourceError(f"The shop's system gives an order without {error}") from None


def parse_order(one: Mapping[str, Any], mapping: Mapping[str, Any]) -> Order:
    """An order by the mapping. Pure. Raises ValueError naming a field that is missing."""
    said = {name: pick(one, path) for name, path in mapping["fields"].items()}
    for name in REQUIRED:
        if said.get(name) in (None, ""):
            raise ValueError(name)
    money = int if mapping.get("cents") else cents
    status = str(said["status"])
    at = datetime.fromisoformat(str(said["placed_at"]))
    return Order(
        number=normalise_number(str(said["number"])),
        status=OrderStatus((mapping.get("statuses") or {}).get(status, status)).value,
        placed_at=at if at.tzinfo else at.replace(tzinfo=UTC),
        currency=str(said["currency"]),
        total=money(said["total"]),
        items=tuple(_item(line, mapping["item"], money) for line in said["items"]),
        shipments=tuple(_parcel(parcel, mapping) for parcel in said.get("parcels") or ()),
        email=normalise_email(str(said["email"])),
        phone=str(said["phone"]) if said.get("phone") else None,
        customer_name=str(said.get("customer_name") or ""),
        address={name: value for name, path in (mapping.get("address") or {}).items() if (value := pick(one, path))},
    )


def _item(line: Any, paths: Mapping[str, str], money: Any) -> SoldItem:
    sku, title, quantity, price = (pick(line, paths.get(name, name)) for name in ("sku", "title", "quantity", "unit_price"))
    returnable = pick(line, paths["returnable"]) is not False if "returnable" in paths else True
    return SoldItem(str(sku or title), str(title or sku), int(quantity or 1), money(price or 0), returnable)


def _parcel(parcel: Any, mapping: Mapping[str, Any]) -> Shipment:
    paths = mapping.get("parcel") or {}
    names = ("carrier", "tracking_number", "status", "expected_on", "delivered_on")
    carrier, number, status, expected, delivered = (pick(parcel, paths.get(name, name)) for name in names)
    known = (mapping.get("parcel_statuses") or {}).get(str(status), str(status or "dispatched"))
    days = [str(day)[:10] if day else None for day in (expected, delivered)]
    return Shipment(str(carrier or ""), str(number or ""), ShipmentStatus(known).value, *days)


def _path(path: str, values: Mapping[str, str]) -> str:
    """Values are put in so that they stay one part of the address."""
    for name, value in values.items():
        path = path.replace("{" + name + "}", quote(value, safe=""))
    return path


def _filled(body: Any, values: Mapping[str, str]) -> Any:
    text = json.dumps(body)
    for name, value in values.items():
        text = text.replace("{" + name + "}", json.dumps(value)[1:-1])
    return json.loads(text)


def _secret(name: str, secrets: Mapping[str, str]) -> str:
    if name not in secrets:
        raise MappingError(f"The mapping names {name}, which is not set")
    return secrets[name]
