"""The shop's tasks from outside: HTTP in, message out, and what is stored then."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from context.orders.types import OrderStatus
from context.types import Order
from sample_shop.orders import sample_orders
from tests.e2e.customer import Customer, words
from tests.e2e.test_api import token
from tests.live import LiveBaton

pytestmark = pytest.mark.e2e


def sample(status: OrderStatus, *, number: int = 0) -> Order:
    """A sample order in that state."""
    return [o for o in sample_orders(datetime.now(UTC).date()) if o.status == status][number]


def test_an_order_that_has_not_left_is_cancelled_and_the_desk_can_see_it(live: LiveBaton) -> None:
    order, customer = sample(OrderStatus.PAID), Customer(live.url)
    customer.say("Please cancel my order")
    customer.say(order.number)
    asked = customer.say(order.email)
    assert "cancel" in words(asked).lower()
    done = words(customer.press("yes", asked))
    assert "SR-" in done
    with httpx.Client(base_url=live.url, headers=token(live, "ana@lantern.example.com"), timeout=20) as http:
        assert http.get(f"/v1/orders/{order.number}").json()["status"] == "cancelled"
        (request,) = http.get("/v1/requests", params={"order_number": order.number}).json()
        assert request["kind"] == "cancel"
        assert request["reference"] in done
    again = words(customer.say("sorry?"))
    assert request["reference"] in again


def test_an_order_on_its_way_is_not_cancelled(live: LiveBaton) -> None:
    order, customer = sample(OrderStatus.IN_TRANSIT, number=3), Customer(live.url, language="pt")
    customer.say("Quero cancelar a minha encomenda")
    customer.say(order.number)
    answer = words(customer.say(order.email))
    assert "já saiu do armazém" in answer
    with httpx.Client(base_url=live.url, headers=token(live, "ana@lantern.example.com"), timeout=20) as http:
        assert http.get("/v1/requests", params={"order_number": order.number}).json() == []


def test_the_balance_of_a_gift_card_is_told_by_its_code_only(live: LiveBaton) -> None:
    customer = Customer(live.url)
    customer.say("how much is left on my gift card?")
    assert "no card with this code" in words(customer.say("LANT-0000-0001"))
    assert "MOP 350" in words(customer.say("LANT-7Q2M-XK84"))


def test_prices_come_from_the_shelves_in_chinese(live: LiveBaton) -> None:
    answer = words(Customer(live.url, language="zh-Hant").say("竹茶盤幾多錢？"))
    assert "竹茶盤" in answer
    assert "MOP 188" in answer


def test_a_correction_in_the_middle_is_taken(live: LiveBaton) -> None:
    first, second, customer = sample(OrderStatus.PACKED), sample(OrderStatus.PACKED, number=1), Customer(live.url)
    customer.say(f"where is order {first.number}?")
    changed = words(customer.say(f"no, not {first.number}, {second.number}"))
    assert "changed that" in changed
    shown = words(customer.say(second.email))
    assert second.number in shown
    assert first.number not in shown
