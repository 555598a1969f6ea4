"""A real Baton with a generator: a customer gets its words where they are proven, and the article's in every other case."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.db import Database
from knowledge.generator.policy import set_strict
from tests.e2e.customer import Customer, words
from tests.knowledge.endpoint import Asked, Endpoint, head, says, sends, serving
from tests.live import LiveBaton, whole_copy

pytestmark = pytest.mark.e2e
QUESTION = "What is your return policy?"


def echoed(asked: Asked) -> str:
    """The first sentence of the first passage as a generator would cite it, and one that nothing proves."""
    found = re.search(r"passage \[1\] begins\n(.*)\n", asked.told)
    assert found
    first = json.loads(found[1]).split("\n", 1)[1].split(". ")[0].rstrip(".")
    return f"{first} [1]. You also get a free teapot [1]."


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    """The endpoint in a thread of its own."""
    ready, stop, made = threading.Event(), asyncio.Event(), list[Endpoint]()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with serving(says(echoed)) as running:
            made.append(running)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    yield made[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()


@pytest.fixture(scope="module")
def baton(endpoint: Endpoint, prepared: Path) -> Iterator[LiveBaton]:
    """A Baton that asks it."""
    folder = whole_copy(prepared)
    more = {
        "BATON_GENERATOR_URL": endpoint.url,
        "BATON_GENERATOR_MODEL": "local",
        "BATON_GENERATOR_KEY": "k-local",
        "BATON_GENERATOR_SECONDS": "3",
    }
    running = LiveBaton(folder, environment=more)
    running.start()
    yield running
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


def strict(baton: LiveBaton, *, on: bool) -> None:
    """What the console's switch does."""

    async def switch() -> None:
        database = Database(baton.database_url)
        async with database.transaction() as session:
            await set_strict(session, strict=on, by="test")
        await database.close()

    asyncio.run(switch())


def said(baton: LiveBaton, text: str = QUESTION) -> str:
    """What the bot answers a new customer."""
    return words(Customer(baton.url).say(text))


def test_a_customer_gets_the_proven_words_and_no_others(baton: LiveBaton, endpoint: Endpoint) -> None:
    endpoint.behave = says(echoed)
    answer = said(baton, f"{QUESTION} I am Margaret Oyelaran, margaret.o@mail.example, +44 7700 900123")
    told = endpoint.asked[-1]
    assert "30 days" in answer
    assert "teapot" not in answer
    assert told.headers["authorization"] == "Bearer k-local"
    assert not [one for one in ("Margaret", "Oyelaran", "mail.example", "900123") if one in told.told]


def test_strict_mode_holds_for_the_next_answer(baton: LiveBaton, endpoint: Endpoint) -> None:
    endpoint.behave = says(echoed)
    before = len(endpoint.asked)
    strict(baton, on=True)
    assert "30 days" in said(baton)
    assert len(endpoint.asked) == before
    strict(baton, on=False)
    said(baton, "How long does delivery to Portugal take?")
    assert len(endpoint.asked) == before + 1


@pytest.mark.parametrize("behave", [sends(head("500 Internal Server Error")), sends(30.0), says("Everything is free for ever [1].")])
def test_whatever_the_endpoint_does_the_customer_is_answered(baton: LiveBaton, endpoint: Endpoint, behave: object) -> None:
    endpoint.behave = behave  # type: ignore[assignment]
    answer = said(baton, "When will I get my refund?")
    assert "5–7 working days" in answer
    assert "free" not in answer
