"""Orders from a file into the database: all or nothing, and twice is once."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import OrderItemRow, OrderRow
from context.orders.importing import import_orders, import_returns, parse_orders_csv
from context.orders.reading import find_order, returns_of
from context.orders.types import ImportReport, SoldItem
from context.types import Order, OrderItem, Shipment
from kit.errors import InvalidInputError
from sample_shop.orders import sample_orders, sample_returns

HEAD = (
    "number,status,placed_at,currency,customer_name,email,phone,address_line,city,country,sku,title,quantity,unit_price,returnable,"
    "carrier,tracking_number,shipment_status,expected_on,delivered_on"
)
FIRST = 'LC-1,in_transit,2026-07-01T10:00,mop,Ana,ANA@example.com,66000001,"1 Rua A, Taipa",Macau,MO'
PARCEL = "Pato Courier,PC1,in_transit,2026-07-03,"
GOOD = "\n".join(
    [
        HEAD,
        f"{FIRST},POT,茶壺,1,268.50,yes,{PARCEL}",
        f"{FIRST},TEA,Jasmine tea,2,88,no,{PARCEL}",
        "LC-2,placed,2026-07-02,MOP,Bo,bo@example.com,,,,,POT,Teapot,1,268,,,,,,",
    ]
)


def problem(text: str | bytes) -> str:
    with pytest.raises(InvalidInputError) as caught:
        parse_orders_csv(text)
    return caught.value.message


def test_a_good_file_gives_orders_with_items_parcels_and_cents() -> None:
    one, two = parse_orders_csv(GOOD, zone=timezone(timedelta(hours=8)))
    assert one.items == (SoldItem("POT", "茶壺", 1, 26850), SoldItem("TEA", "Jasmine tea", 2, 8800, returnable=False))
    assert one.shipments == (Shipment("Pato Courier", "PC1", "in_transit", "2026-07-03", None),)
    assert (one.total, one.email, one.currency, one.placed_at) == (44450, "ana@example.com", "MOP", datetime(2026, 7, 1, 2, tzinfo=UTC))
    assert one.address == {"line": "1 Rua A, Taipa", "city": "Macau", "country": "MO"}
    assert (two.shipments, two.phone, two.address) == ((), None, {})


def test_bytes_may_have_a_byte_order_mark_and_windows_line_ends() -> None:
    assert parse_orders_csv(GOOD.replace("\n", "\r\n").encode("utf-8-sig")) == parse_orders_csv(GOOD)


def test_another_encoding_is_read_when_it_is_named_and_refused_with_its_row_when_not() -> None:
    assert parse_orders_csv(GOOD.encode("big5"), encoding="big5") == parse_orders_csv(GOOD)
    assert "row 2" in problem(GOOD.encode("big5"))
    assert "UTF-16" in problem(GOOD.encode("utf-16"))
    with pytest.raises(InvalidInputError, match="no encoding"):
        parse_orders_csv(GOOD.encode(), encoding="klingon")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (",sku,", ",", "missing: 'sku'"),
        ("carrier", "carier", "unknown: 'carier'"),
        ("city", "email", "double: 'email'"),
        ("LC-2,placed", "LC-2,flying", "row 4: status cannot be 'flying'"),
        ("2026-07-02", "02/07/2026", "row 4: placed_at cannot be"),
        ("2026-07-03", "2026-02-30", "row 2: expected_on cannot be '2026-02-30'"),
        ("bo@example.com", "bo", "row 4: email cannot be 'bo'"),
        (",1,268,", ",0,268,", "row 4: quantity cannot be '0'"),
        (",1,268,", ",1,1.005,", "row 4: unit_price cannot be '1.005'"),
        (",1,268,", ",1,-1,", "row 4: unit_price cannot be '-1'"),
        (",1,268,", ",1,NaN,", "row 4: unit_price cannot be 'NaN'"),
        (",1,268,", ",900,90000,", "row 4: the sum is too large"),
        ("LC-2", "", "row 4: number is empty"),
        ("Bo,", "Bo,x,", "row 4: it has more or fewer cells"),
        ("Bo", "B\0", "row 4: customer_name holds a NUL"),
        (",TEA,", ",POT,", "row 3: the sku POT is twice in LC-1"),
    ],
)
def test_what_is_wrong_is_said_with_its_row(old: str, new: str, said: str) -> None:
    assert said in problem(GOOD.replace(old, new))


def test_a_number_that_comes_back_later_or_contradicts_itself_is_refused() -> None:
    assert "row 5: the number LC-1 was in row 2 already" in problem(f"{GOOD}\n{FIRST},CUP,Cup,1,9,yes,{PARCEL}")
    assert "row 3: status of LC-1 is other than in row 2" in problem(
        GOOD.replace("LC-1,in_transit", "LC-1,lost").replace("LC-1,lost", "LC-1,in_transit", 1)
    )


def test_an_empty_file_and_an_open_quote_are_refused() -> None:
    assert "empty" in problem(b"\xef\xbb\xbf \n")
    assert "well-formed" in problem(GOOD + '\nLC-3,"open')


def test_at_most_twenty_rows_are_listed() -> None:
    rows = [f"LC-{n},nowhere,2026-07-02,MOP,Bo,bo@example.com,,,,,POT,Teapot,1,268,,,,,," for n in range(30)]
    message = problem("\n".join([HEAD, *rows]))
    assert "30 wrong rows" in message
    assert message.count("status cannot be") == 20
    assert message.endswith("and 10 more")


def plain(number: str) -> Order:
    return Order(
        number,
        "paid",
        datetime(2026, 7, 1, tzinfo=UTC),
        "MOP",
        100,
        (OrderItem("A", "A", 1, 100),),
        (),
        "A@example.com",
        "6600 0001",
        "A",
        {},
    )


@pytest.mark.integration
async def test_importing_the_same_twice_changes_nothing_and_a_change_updates_one(session: AsyncSession) -> None:
    orders = [plain("LC-1"), plain("LC-2")]
    assert await import_orders(session, orders) == ImportReport(2, 0, 0)
    assert await import_orders(session, orders) == ImportReport(0, 0, 2)
    changed = replace(orders[0], status="packed", items=(OrderItem("B", "B", 2, 50), OrderItem("A", "A", 1, 1)))
    assert await import_orders(session, [changed, orders[1], plain("LC-3")]) == ImportReport(1, 1, 1)
    found = await find_order(session, "LC-1")
    assert found is not None
    assert (found.status, [i.sku for i in found.items], found.email, found.phone) == ("packed", ["B", "A"], "a@example.com", "+85366000001")


@pytest.mark.integration
async def test_two_orders_of_one_number_write_nothing(session: AsyncSession) -> None:
    with pytest.raises(InvalidInputError, match="same number"):
        await import_orders(session, [plain("LC-1"), plain("lc 1")])
    assert await session.scalar(select(func.count()).select_from(OrderRow)) == 0


@pytest.mark.integration
async def test_ten_thousand_orders_are_imported_within_half_a_minute(session: AsyncSession) -> None:
    orders = [plain(f"LC-{n}") for n in range(10_000)]
    began = time.monotonic()
    assert (await import_orders(session, orders)).created == 10_000
    assert (await import_orders(session, orders)).unchanged == 10_000
    assert time.monotonic() - began < 30
    assert await session.scalar(select(func.count()).select_from(OrderItemRow)) == 10_000


@pytest.mark.integration
async def test_the_sample_shop_can_be_imported_with_its_returns(session: AsyncSession) -> None:
    today = date(2026, 7, 26)
    assert (await import_orders(session, sample_orders(today))).created == 320
    returns = sample_returns(today)
    assert await import_returns(session, returns) == len(returns)
    assert await import_returns(session, returns) == 0
    assert (await returns_of(session, returns[0].order_number))[0].reference == "RT-10001"
