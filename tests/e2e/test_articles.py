"""A content system outside, on a whole running Baton: tried by a worker, published, said by the bot, shown on the help page, expired."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest

from tests.e2e.customer import Customer, words
from tests.e2e.test_api import token
from tests.live import LiveBaton

pytestmark = pytest.mark.e2e
SECONDS = 10.0


def soon(true: Callable[[], bool], what: str) -> None:
    """Waits until it is true."""
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def test_an_article_is_tried_published_said_shown_and_expires(live: LiveBaton) -> None:
    eva, price = token(live, "eva@lantern.example.com"), f"MOP {uuid4().int % 9000 + 1000}"
    question = "Do you mend broken umbrellas and parasols?"
    article = {
        "id": f"umbrellas-{uuid4().hex[:6]}", "language": "en", "title": question, "questions": ["can you fix my umbrella"],
        "body": f"Yes, we mend broken umbrellas and parasols at the Taipa store for {price}.",
    }  # fmt: skip
    with httpx.Client(base_url=live.url, headers=eva, timeout=60) as http:
        assert http.post("/v1/articles", json=article).status_code == 201
        path = f"/v1/articles/{article['id']}"
        trial = http.post(f"{path}/en/try", json={"question": question}).json()
        assert price in trial["after"]["said"]
        assert price not in str(trial["before"])
        assert price in str(trial["after"]["turn"]["messages"])
        assert httpx.get(f"{live.url}/help/en/{article['id']}").status_code == 404
        assert http.post(f"{path}/en/publish").status_code == 200
        soon(lambda: price in str(http.post(f"{path}/en/try", json={"question": question}).json()["before"]["said"]), "not searchable")
        assert price in httpx.get(f"{live.url}/help/en/{article['id']}").text
        soon(lambda: price in words(Customer(live.url).say(question)), "the bot does not say it")
        file = http.post(f"{path}/files", params={"name": "prices.csv"}, content=b"umbrella,1000\n").json()
        shown = httpx.get(live.url + file["url"])
        assert (shown.status_code, shown.headers["content-type"]) == (200, "text/csv; charset=utf-8")
        assert shown.headers["content-disposition"].startswith("attachment")
        assert http.patch(path, json={"expires_at": datetime.now(UTC).isoformat()}).json()["expired"] is True
        assert httpx.get(f"{live.url}/help/en/{article['id']}").status_code == 404
        assert httpx.get(live.url + file["url"]).status_code == 404
        soon(lambda: price not in str(http.post(f"{path}/en/try", json={"question": question}).json()["before"]), "still searchable")
        assert price not in words(Customer(live.url).say(question))
        assert article["id"] in [one["id"] for one in http.get("/v1/articles", params={"care": "expired"}).json()["items"]]


def test_a_huge_article_is_refused_and_the_server_goes_on(live: LiveBaton) -> None:
    eva = token(live, "eva@lantern.example.com")
    with httpx.Client(base_url=live.url, headers=eva, timeout=60) as http:
        draft = {"title": "Huge", "body": "x" * 50_000_000, "expected_version": 0}
        refused = http.put("/v1/articles/return-policy/pt/draft", json=draft)
        assert (refused.status_code, refused.json()["error"]) == (413, "too_large")
        assert http.get("/v1/articles/return-policy").status_code == 200
