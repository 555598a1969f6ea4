"""The invented orders: 320 in every state, always the same for the same day, with parcels and returns."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from context.orders.types import OrderStatus, ReturnReason, ReturnRecord, ReturnStatus, ReturnWish, ShipmentStatus, SoldItem
from context.types import Order, Shipment
from knowledge.chinese import to_simplified
from sample_shop.catalogue import Product, products
from sample_shop.customers import ANA, CHAN, Customer, Destination, customers

FIRST_NUMBER = 100_001
SEED = 853
MACAU_TIME = timezone(timedelta(hours=8))
CURRENCY = "MOP"
STORES = ("Taipa Village", "Senado")

S = OrderStatus
_HOW_MANY = {
    S.PLACED: 10, S.PAID: 16, S.PACKED: 14, S.DISPATCHED: 18, S.IN_TRANSIT: 34, S.OUT_FOR_DELIVERY: 16, S.DELIVERED: 106, S.DELAYED: 17,
    S.LOST: 7, S.DAMAGED_REPORTED: 9, S.CANCELLED: 14, S.RETURNED: 12, S.REFUNDED: 12, S.READY_FOR_PICKUP: 14, S.PICKED_UP: 18,
}  # fmt: skip
_DELIVERED = {S.DELIVERED, S.DAMAGED_REPORTED, S.RETURNED, S.REFUNDED}
_ON_THE_WAY = {S.DISPATCHED, S.IN_TRANSIT, S.OUT_FOR_DELIVERY}
_WAITING = {S.PLACED: (1, 1), S.PAID: (1, 1), S.PACKED: (1, 2), S.CANCELLED: (3, 90)}  # days since they were placed, no parcel yet
_DAYS_SINCE_ARRIVAL = {S.DAMAGED_REPORTED: (1, 6), S.RETURNED: (12, 60), S.REFUNDED: (20, 90)}
_DAYS_OVERDUE = {S.DELAYED: (1, 6), S.LOST: (11, 25)}  # working days past the expected date


@dataclass(frozen=True)
class Delivery:
    """How the shop delivers to a place: working days from dispatch, carrier, cost and the sum from which it is free, in cents."""

    shortest: int
    longest: int
    carrier: str
    prefix: str
    cost: int
    free_from: int


DELIVERIES = {
    Destination.MACAU: Delivery(1, 2, "Pato Courier", "PC", 2_500, 30_000),
    Destination.HONG_KONG: Delivery(2, 3, "Junk Express", "JX", 5_000, 60_000),
    Destination.MAINLAND: Delivery(4, 6, "Junk Express", "JX", 7_000, 80_000),
    Destination.PORTUGAL: Delivery(8, 12, "Atlantico Post", "AP", 18_000, 150_000),
}


def sample_orders(today: date) -> list[Order]:
    """320 orders LC-100001 to LC-100320, the states as they stand in the morning of `today`.

    The first three are for demonstrations: Ana Demo's parcel on its way, her delivered order, and Chan Demo's delayed one.
    """
    chance = random.Random(SEED)  # noqa: S311 - sample data, the same every time
    fixed = _demonstration(today)
    states = [state for state, count in _HOW_MANY.items() for _ in range(count)]
    chance.shuffle(states)
    others = list(_customers_in_turn(chance))
    drafts = [_draft(chance, state, customer, today) for state, customer in zip(states, others, strict=False)]
    drafts.sort(key=lambda draft: draft.placed_at)
    return [*fixed, *(_numbered(draft, FIRST_NUMBER + len(fixed) + n) for n, draft in enumerate(drafts))]


def sample_returns(today: date) -> list[ReturnRecord]:
    """Returns of the sample orders: completed for what was returned or refunded, open ones for some that arrived lately."""
    chance = random.Random(SEED)  # noqa: S311 - sample data, the same every time
    found = []
    for order in sample_orders(today)[3:]:
        settled = order.status in {S.RETURNED, S.REFUNDED}
        arrived = _arrival(order)
        if arrived is None or not (settled or _just_asked(order, arrived, today)):
            continue
        fault = order.status == S.DAMAGED_REPORTED
        item = next((i for i in order.items if isinstance(i, SoldItem) and (i.returnable or fault or settled)), None)
        if item is None:
            continue
        reason = ReturnReason.DAMAGED if fault or not item.returnable else chance.choice(list(ReturnReason)[2:])
        found.append(
            ReturnRecord(
                key=f"sample-{order.number}",
                order_number=order.number,
                item=item.sku,
                reason=reason.value,
                wish=chance.choice(list(ReturnWish)).value if not settled else ReturnWish.REFUND.value,
                status=(ReturnStatus.COMPLETED if settled else chance.choice([ReturnStatus.REQUESTED, ReturnStatus.RECEIVED])).value,
                at=datetime.combine(arrived + timedelta(days=1), time(11), MACAU_TIME),
            )
        )
    return found


def working_day(day: date, working_days: int) -> date:
    """The day `working_days` working days after `day`, or before it when negative; for 0 `day` itself or the Friday before it."""
    if not working_days:
        return day - timedelta(days=max(0, day.weekday() - 4))
    step = timedelta(days=1 if working_days > 0 else -1)
    left = abs(working_days)
    while left:
        day += step
        left -= day.weekday() < 5
    return day


def _demonstration(today: date) -> list[Order]:
    shelf = products()
    on_the_way = [(shelf["CER-GAI-120"], 1), (shelf["TEA-OOL-100"], 2)]
    arrived = [(shelf["CER-POT-300"], 1), (shelf["CER-CUP-GLD"], 1), (shelf["TEA-JAS-100"], 1)]
    late = [(shelf["PAS-ALM-400"], 1), (shelf["HOM-LAN-PAP"], 2)]
    rows = [
        (ANA, S.IN_TRANSIT, 1, on_the_way, today + timedelta(days=2), None),
        (ANA, S.DELIVERED, 8, arrived, today - timedelta(days=5), today - timedelta(days=5)),
        (CHAN, S.DELAYED, 6, late, today - timedelta(days=2), None),
    ]
    found = []
    for n, (customer, state, age, lines, expected, delivered) in enumerate(rows):
        parcel = _parcel(customer, ShipmentStatus(state.value), expected=expected, delivered=delivered)
        draft = _order(customer, state, _at(today - timedelta(days=age), hour=10), lines, (parcel,))
        found.append(_numbered(draft, FIRST_NUMBER + n))
    return found


def _customers_in_turn(chance: random.Random) -> Iterator[Customer]:
    """Everyone once but the two of the demonstration, then some again and again."""
    crowd = list(customers()[2:])
    chance.shuffle(crowd)
    yield from crowd
    yield from chance.choices(crowd, k=sum(_HOW_MANY.values()) - len(crowd))


def _draft(chance: random.Random, state: OrderStatus, customer: Customer, today: date) -> Order:
    """An order in that state without its number."""
    lines = _basket(chance, customer)
    if state in _WAITING:
        placed = today - timedelta(days=chance.randint(*_WAITING[state]))
        return _order(customer, state, _at(placed, hour=chance.randint(8, 22)), lines, ())
    if state in {S.READY_FOR_PICKUP, S.PICKED_UP}:
        return _picked_up(chance, state, customer, today, lines)
    way = DELIVERIES[customer.destination]
    if state in _DELIVERED:
        delivered = today - timedelta(days=_age_of_arrival(chance, state))
        sent = working_day(delivered, -chance.randint(way.shortest, way.longest))
    else:
        delivered, sent = None, _sent(chance, state, way, today)
    expected = working_day(sent, way.longest)
    status = (
        ShipmentStatus.RETURNED
        if state in {S.RETURNED, S.REFUNDED}
        else ShipmentStatus.DELIVERED
        if delivered
        else ShipmentStatus(state.value)
    )
    parcel = _parcel(customer, status, expected=expected, delivered=delivered)
    return _order(customer, state, _at(sent - timedelta(days=1), hour=chance.randint(15, 22)), lines, (parcel,))


def _sent(chance: random.Random, state: OrderStatus, way: Delivery, today: date) -> date:
    """The day of dispatch of a parcel that has not arrived."""
    if state in _DAYS_OVERDUE:
        return working_day(today, -way.longest - chance.randint(*_DAYS_OVERDUE[state]))
    oldest = way.longest
    days = {S.DISPATCHED: 0, S.IN_TRANSIT: chance.randint(1, max(1, oldest - 1)), S.OUT_FOR_DELIVERY: chance.randint(way.shortest, oldest)}[
        state
    ]
    return working_day(today, -days)


def _age_of_arrival(chance: random.Random, state: OrderStatus) -> int:
    """Days since the parcel came: of those simply delivered, half lately and half long ago."""
    if state in _DAYS_SINCE_ARRIVAL:
        return chance.randint(*_DAYS_SINCE_ARRIVAL[state])
    return chance.randint(1, 25) if chance.random() < 0.5 else chance.randint(35, 400)


def _picked_up(chance: random.Random, state: OrderStatus, customer: Customer, today: date, lines: Sequence[tuple[Product, int]]) -> Order:
    """An order to be fetched in a store, or fetched: the store takes the place of the carrier."""
    fetched = state is S.PICKED_UP
    ready = today - timedelta(days=chance.randint(4, 60) if fetched else chance.randint(1, 5))
    parcel = Shipment(
        carrier=f"Store pick-up, {chance.choice(STORES)}",
        tracking_number="",
        status=state.value,
        expected_on=ready.isoformat(),
        delivered_on=(ready + timedelta(days=chance.randint(0, 3))).isoformat() if fetched else None,
    )
    return _order(customer, state, _at(ready, hour=chance.randint(8, 13)), lines, (parcel,))


def _basket(chance: random.Random, customer: Customer) -> list[tuple[Product, int]]:
    shelf = [p for p in products().values() if not p.macau_only or customer.destination is Destination.MACAU]
    chosen = chance.sample(shelf, k=chance.choice((1, 1, 2, 2, 2, 3, 4)))
    return [(product, chance.choice((1, 1, 1, 2, 3))) for product in chosen]


def _order(
    customer: Customer, state: OrderStatus, placed_at: datetime, lines: Sequence[tuple[Product, int]], parcels: tuple[Shipment, ...]
) -> Order:
    items = tuple(SoldItem(p.sku, _title(p, customer.language), count, p.price, p.returnable) for p, count in lines)
    goods = sum(item.quantity * item.unit_price for item in items)
    way = DELIVERIES[customer.destination]
    fetched = state in {S.READY_FOR_PICKUP, S.PICKED_UP}
    return Order(
        number="",
        status=state.value,
        placed_at=placed_at,
        currency=CURRENCY,
        total=goods + (0 if fetched or goods >= way.free_from else way.cost),
        items=items,
        shipments=parcels,
        email=customer.email,
        phone=customer.phone,
        customer_name=customer.name,
        address=dict(customer.address),
    )


def _numbered(order: Order, number: int) -> Order:
    fields = {name: getattr(order, name) for name in Order.__dataclass_fields__}
    way = DELIVERIES[Destination(order.address["country"])]
    parcels = tuple(
        Shipment(p.carrier, f"{way.prefix}{number * 7919 % 10**9:09}", p.status, p.expected_on, p.delivered_on)
        if p.carrier == way.carrier
        else p
        for p in order.shipments
    )
    return Order(**fields | {"number": f"LC-{number}", "shipments": parcels})


def _parcel(customer: Customer, status: ShipmentStatus, *, expected: date, delivered: date | None) -> Shipment:
    carrier = DELIVERIES[customer.destination].carrier
    return Shipment(carrier, "", status.value, expected.isoformat(), delivered.isoformat() if delivered else None)


def _title(product: Product, language: str) -> str:
    return to_simplified(product.titles["zh-Hant"]) if language == "zh-Hans" else product.titles[language]


def _at(day: date, *, hour: int) -> datetime:
    return datetime.combine(day, time(hour, 12), MACAU_TIME)


def _arrival(order: Order) -> date | None:
    days = [parcel.delivered_on for parcel in order.shipments if parcel.delivered_on]
    return date.fromisoformat(max(days)) if days else None


def _just_asked(order: Order, arrived: date, today: date) -> bool:
    """Every damaged one, and one in four of those that arrived 3 to 20 days ago."""
    lately = 3 <= (today - arrived).days <= 20
    if order.status == S.DAMAGED_REPORTED:
        return (today - arrived).days >= 2
    return order.status == S.DELIVERED and lately and int(order.number[-1]) % 4 == 0
