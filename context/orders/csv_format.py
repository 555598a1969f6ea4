"""The CSV of orders: one row an item, the columns of the order repeated on each of its rows, which stand together.

Required: number, status, placed_at (ISO 8601), currency (three letters), customer_name, email, sku, title, quantity, unit_price (`128` or
`128.50`, in units of the currency). Optional: phone, address_line, city, postcode, country (two letters), total (else the sum of the
items), returnable (yes or no; else yes), and the parcel of the item: carrier, tracking_number, shipment_status, expected_on,
delivered_on (YYYY-MM-DD). Rows of one order with the same tracking number tell of the same parcel.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from context.orders.matching import normalise_email, normalise_number
from context.orders.types import OrderStatus, ShipmentStatus, SoldItem
from context.types import Order, Shipment
from kit.errors import InvalidInputError

ORDER_COLUMNS = ("number", "status", "placed_at", "currency", "customer_name", "email")
ITEM_COLUMNS = ("sku", "title", "quantity", "unit_price")
ADDRESS_COLUMNS = ("address_line", "city", "postcode", "country")
SHIPMENT_COLUMNS = ("carrier", "tracking_number", "shipment_status", "expected_on", "delivered_on")
REQUIRED = ORDER_COLUMNS + ITEM_COLUMNS
OPTIONAL = ("phone", *ADDRESS_COLUMNS, "total", "returnable", *SHIPMENT_COLUMNS)
MAX_REPORTED = 20
MAX_CENTS = 2**31 - 1  # what the column holds
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_BOMS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}
T = TypeVar("T")


@dataclass(frozen=True)
class _Line:
    """A row of the file: one item, with what the row says of its order and parcel."""

    number: str
    order: dict[str, Any]
    item: SoldItem
    parcel: Shipment | None


@dataclass
class _Draft:
    """An order while its rows are read."""

    first_row: int
    order: dict[str, Any]
    items: list[SoldItem] = field(default_factory=list)
    parcels: list[Shipment] = field(default_factory=list)


def parse_orders_csv(source: str | bytes, *, encoding: str = "utf-8", zone: tzinfo = UTC) -> list[Order]:
    """The orders of a CSV file in the format of this module; a byte order mark is passed over.

    `encoding` names that of bytes; `zone` is that of times which name none. Raises InvalidInputError with the numbers of the first 20
    wrong rows (the row of column names is 1) and what is wrong with each.
    """
    text = _decode(source, encoding).removeprefix("\ufeff")
    if not text.strip():
        raise InvalidInputError("The file of orders is empty")
    problems: list[tuple[int, str]] = []
    drafts: dict[str, _Draft] = {}
    previous = None
    for row, cells in _rows(text):
        try:
            line = _parse_line(cells, zone)
            _add(drafts, line, row=row, continues=line.number == previous)
        except ValueError as error:
            problems.append((row, str(error)))
        previous = normalise_number(cells.get("number", ""))
    orders = [_finish(draft) for draft in drafts.values()]
    problems += [
        (draft.first_row, "the sum is too large") for draft, order in zip(drafts.values(), orders, strict=True) if order.total > MAX_CENTS
    ]
    if problems:
        raise _refusal(sorted(problems))
    return orders


def _refusal(problems: list[tuple[int, str]]) -> InvalidInputError:
    listed = "; ".join(f"row {row}: {what}" for row, what in problems[:MAX_REPORTED])
    more = f"; and {len(problems) - MAX_REPORTED} more" if len(problems) > MAX_REPORTED else ""
    return InvalidInputError(f"The file of orders has {len(problems)} wrong rows, nothing was imported: {listed}{more}")


def _decode(source: str | bytes, encoding: str) -> str:
    if isinstance(source, str):
        return source
    for mark, name in _BOMS.items():
        if source.startswith(mark) and not encoding.lower().startswith("utf-16"):
            raise InvalidInputError(f"The file of orders is {name}, not {encoding}", hint="Save it as UTF-8, or name its encoding.")
    try:
        return source.decode(encoding)
    except LookupError:
        raise InvalidInputError(f"There is no encoding {encoding!r}", hint="Use for example utf-8, big5, gb18030 or cp1252.") from None
    except UnicodeDecodeError as error:
        row = source.count(b"\n", 0, error.start) + 1
        raise InvalidInputError(
            f"The file of orders is not {encoding}: row {row} has the byte 0x{source[error.start]:02x}",
            hint="Save it as UTF-8, or name its encoding, for example big5, gb18030 or cp1252.",
        ) from None


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows with their numbers, empty ones left out. Raises InvalidInputError when the columns are wrong or quotes do not close."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    row = 1
    try:
        columns = [name.strip().lower() for name in next(reader)]
        _check_columns(columns)
        for row, cells in enumerate(reader, start=2):
            if any(cell.strip() for cell in cells):
                padded = cells if len(cells) == len(columns) else []
                yield row, {name: cell.strip() for name, cell in zip(columns, padded, strict=False)}
    except csv.Error as error:
        raise InvalidInputError(f"The file of orders is not well-formed CSV after row {row}: {error}") from None


def _check_columns(columns: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in columns]
    unknown = [name for name in columns if name not in (*REQUIRED, *OPTIONAL)]
    double = sorted({name for name in columns if columns.count(name) > 1})
    said = [
        f"{what}: {', '.join(map(repr, names))}"
        for what, names in (("missing", missing), ("unknown", unknown), ("double", double))
        if names
    ]
    if said:
        raise InvalidInputError(f"Row 1, the column names, is wrong. {'. '.join(said)}", hint=f"Required: {', '.join(REQUIRED)}.")


def _parse_line(cells: dict[str, str], zone: tzinfo) -> _Line:
    """A row, or ValueError with the first thing that is wrong."""
    if not cells:
        raise ValueError("it has more or fewer cells than there are columns")
    for name, cell in cells.items():
        if "\0" in cell:
            raise ValueError(f"{name} holds a NUL character")
        if name in REQUIRED and not cell:
            raise ValueError(f"{name} is empty")
    number = normalise_number(cells["number"])
    if not number:
        raise ValueError(f"number is not an order number: {cells['number']!r}")
    order: dict[str, Any] = {
        "number": number,
        "status": _read(cells, "status", lambda s: OrderStatus(s).value),
        "placed_at": _read(cells, "placed_at", lambda s: _moment(s, zone)),
        "currency": _read(cells, "currency", _currency),
        "customer_name": cells["customer_name"],
        "email": _read(cells, "email", _email),
        "phone": cells.get("phone") or None,
        "address": {name.removeprefix("address_"): cells[name] for name in ADDRESS_COLUMNS if cells.get(name)},
        "total": _read(cells, "total", _cents) if cells.get("total") else None,
    }
    return _Line(number, order, _item(cells), _parcel(cells))


def _item(cells: dict[str, str]) -> SoldItem:
    return SoldItem(
        sku=cells["sku"],
        title=cells["title"],
        quantity=_read(cells, "quantity", _quantity),
        unit_price=_read(cells, "unit_price", _cents),
        returnable=_read(cells, "returnable", _yes) if cells.get("returnable") else True,
    )


def _parcel(cells: dict[str, str]) -> Shipment | None:
    if not any(cells.get(name) for name in SHIPMENT_COLUMNS):
        return None
    for name in ("carrier", "shipment_status"):
        if not cells.get(name):
            raise ValueError(f"{name} is empty, but the row tells of a parcel")
    return Shipment(
        carrier=cells["carrier"],
        tracking_number=cells.get("tracking_number", ""),
        status=_read(cells, "shipment_status", lambda s: ShipmentStatus(s).value),
        expected_on=_read(cells, "expected_on", _day) if cells.get("expected_on") else None,
        delivered_on=_read(cells, "delivered_on", _day) if cells.get("delivered_on") else None,
    )


def _add(drafts: dict[str, _Draft], line: _Line, *, row: int, continues: bool) -> None:
    """Adds a row to its order, or ValueError when it contradicts the rows before."""
    draft = drafts.get(line.number)
    if draft is None:
        draft = drafts[line.number] = _Draft(row, line.order)
    elif not continues:
        raise ValueError(f"the number {line.number} was in row {draft.first_row} already; rows of one order stand together")
    elif line.order != draft.order:
        names = [name for name, value in line.order.items() if value != draft.order[name]]
        raise ValueError(f"{', '.join(names)} of {line.number} is other than in row {draft.first_row}")
    if any(item.sku == line.item.sku for item in draft.items):
        raise ValueError(f"the sku {line.item.sku} is twice in {line.number}")
    draft.items.append(line.item)
    if line.parcel and line.parcel not in draft.parcels:
        if any(line.parcel.tracking_number == other.tracking_number for other in draft.parcels):
            raise ValueError(f"the parcel {line.parcel.tracking_number!r} of {line.number} is told of in two ways")
        draft.parcels.append(line.parcel)


def _finish(draft: _Draft) -> Order:
    total = draft.order["total"]
    if total is None:
        total = sum(item.quantity * item.unit_price for item in draft.items)
    return Order(**draft.order | {"total": total}, items=tuple(draft.items), shipments=tuple(draft.parcels))


def _read(cells: dict[str, str], name: str, convert: Callable[[str], T]) -> T:
    try:
        return convert(cells[name])
    except (ValueError, InvalidOperation):
        raise ValueError(f"{name} cannot be {cells[name][:60]!r}") from None


def _moment(said: str, zone: tzinfo) -> datetime:
    at = datetime.fromisoformat(said)
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _day(said: str) -> str:
    return date.fromisoformat(said).isoformat()


def _currency(said: str) -> str:
    if not re.fullmatch("[A-Za-z]{3}", said):
        raise ValueError
    return said.upper()


def _email(said: str) -> str:
    if not _EMAIL.fullmatch(said):
        raise ValueError
    return normalise_email(said)


def _quantity(said: str) -> int:
    if not 0 < int(said) <= 1_000_000:
        raise ValueError
    return int(said)


def _cents(said: str) -> int:
    cents = Decimal(said) * 100
    if not cents.is_finite() or cents != cents.to_integral_value() or not 0 <= cents <= MAX_CENTS:
        raise ValueError
    return int(cents)


def _yes(said: str) -> bool:
    known = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if said.lower() not in known:
        raise ValueError
    return known[said.lower()]
