"""A visitor who has gone is answered by e-mail and answers it: real processes, and a mail provider as one of its own."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.channels.mail_corpus import mail
from tests.channels.mail_house import BOX, PASSWORD, Provider, running_provider
from tests.e2e.customer import Customer
from tests.e2e.test_api import token
from tests.e2e.test_small_channels import command
from tests.live import LiveBaton, whole_copy

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
VERSION = "2026-11"
SETUP = f"""
consent: {{version: "{VERSION}", text: {{en: "May we note which pages you look at?"}}}}
email: {{minutes: 0.5}}
"""
SECONDS = 240.0  # a visitor has gone after 30 seconds at most noted 20 seconds later, looked for each 15; and the machine may be busy
ANSWER = "Tomorrow at ten is fine."


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """The mail provider."""
    with running_provider() as known:
        yield known


@pytest.fixture(scope="module")
def posted(prepared: Path, provider: Provider) -> Iterator[LiveBaton]:
    """A Baton whose widget asks for consent and sends answers by e-mail, with the mailbox entered."""
    baton = LiveBaton(whole_copy(prepared))
    (baton.data_dir / "widget.yml").write_text(SETUP)
    baton.start()
    try:
        enter_mailbox(baton, provider)
        yield baton
    finally:
        baton.stop()
        shutil.rmtree(baton.data_dir, ignore_errors=True)


def enter_mailbox(baton: LiveBaton, provider: Provider) -> None:
    """As an operator does, until Baton reads the mailbox: what comes from then on is new."""
    settings = {
        "imap_host": "127.0.0.1", "imap_port": provider.imap, "imap_security": "plain",
        "smtp_host": "127.0.0.1", "smtp_port": provider.smtp, "smtp_security": "plain", "sender": "The Shop",
    }  # fmt: skip
    pairs = [text for name, value in settings.items() for text in ("--set", f"{name}={value}")]
    command(baton, "add", "email", BOX, "--name", "Letters", *pairs, lines=(PASSWORD, "", ""))
    wait_until(lambda: provider.state()["logins"] > 0, "the mailbox was never read")


def wait_until(true: Callable[[], Any], otherwise: str) -> Any:
    """What `true` gives, as soon as it is anything. Raises AssertionError."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if found := true():
            return found
        time.sleep(0.2)
    raise AssertionError(otherwise)


def read_stream(customer: Customer, until: str) -> None:
    """Follows the chat as an open widget does, until somebody but the customer says this; then it is closed."""
    with customer.http.stream("GET", "/v1/widget/stream", headers=customer.headers, timeout=SECONDS) as stream:
        for line in stream.iter_lines():
            if line.startswith("data:") and until in line and '"author": "customer"' not in line:
                return
    raise AssertionError(f"{until!r} never came")


def enter_chat(baton: LiveBaton, mark: str, address: str) -> Customer:
    """A visitor consents, asks for a person, leaves an address, reads all that is there, and goes away."""
    customer = Customer(baton.url)
    agreed = customer.http.post("/v1/widget/consent", json={"granted": True, "version": VERSION}, headers=customer.headers)
    assert agreed.status_code == 204, agreed.text
    page = {"url": "https://shop.example/teapots", "title": "Teapots"}
    said = {"client_id": uuid4().hex, "text": f"I want to talk to a person about {mark}", "page": page}
    assert customer.http.post("/v1/widget/messages", json=said, headers=customer.headers).status_code == 201
    read_stream(customer, "handler")
    wait_until(lambda: customer.handler == "queue", "nobody was called")
    left = customer.http.post("/v1/widget/email", json={"address": address}, headers=customer.headers)
    assert left.status_code == 200, left.text
    assert left.json()["to"] not in {None, address}  # half hidden
    last = customer.read()["last_seq"]
    assert customer.http.post("/v1/widget/read", json={"seq": last}, headers=customer.headers).status_code == 204
    return customer


def take(http: httpx.Client, mark: str) -> str:
    """The person takes the conversation that speaks of `mark`; its path."""
    waiting = http.get("/v1/conversations", params={"handler": "queue"}).json()
    path = f"/v1/conversations/{next(c['id'] for c in waiting if mark in c['preview'])}"
    assert http.post(f"{path}/take").status_code == 204
    return path


def test_a_visitor_who_has_gone_is_answered_by_mail_and_the_answer_to_it_stands_in_the_chat(posted: LiveBaton, provider: Provider) -> None:
    mark = uuid4().hex[:8]
    address = f"vera-{mark}@customer.example"
    customer = enter_chat(posted, mark, address)
    with httpx.Client(base_url=posted.url, headers=token(posted, "ana@lantern.example.com"), timeout=20) as ana:
        path = take(ana, mark)
        for text in (f"The teapot {mark} is here.", "When shall we bring it?"):
            assert ana.post(f"{path}/messages", json={"text": text}).status_code == 201
        sent = wait_until(lambda: [m for m in provider.sent() if m["to"] == [address]], "no mail came")
        assert (f"The teapot {mark} is here." in sent[0]["text"], "When shall we bring it?" in sent[0]["text"]) == (True, True)
        reply = f"{ANSWER}\n\nOn Sun, 22 Nov 2026 at 10:00, The Shop <{BOX}> wrote:\n> When shall we bring it?\n"
        number, named = f"<{mark}@customer.example>", sent[0]["headers"]["Message-ID"]
        provider.arrive(
            mail(reply, sender=f"Vera <{address}>", id=number, subject=f"Re: {sent[0]['headers']['Subject']}", In_Reply_To=named)
        )
        stored = wait_until(lambda: [m for m in ana.get(f"{path}/messages").json() if m["text"] == ANSWER], "the answer never came")
        assert [(m["author"], m["channel"]) for m in stored] == [("customer", "email")]
        back = customer.read()["messages"]  # the visitor opens the widget again
        assert [m["text"] for m in back[-3:]] == [f"The teapot {mark} is here.", "When shall we bring it?", ANSWER]
        assert ana.post(f"{path}/messages", json={"text": "Until then."}).status_code == 201
        last = wait_until(lambda: [m for m in provider.sent() if m["text"].strip() == "Until then."], "the last words never went")
        assert [(m["to"], m["headers"]["In-Reply-To"]) for m in last] == [([address], number)]
    assert customer.read()["messages"][-1]["text"] == "Until then."
    assert len([m for m in provider.sent() if m["to"] == [address]]) == 2  # what was said in the chat went once


def test_what_the_visitor_consented_to_is_kept_with_the_page(posted: LiveBaton) -> None:
    mark = uuid4().hex[:8]
    customer = enter_chat(posted, mark, f"rui-{mark}@customer.example")
    asks = customer.http.post("/v1/widget/sessions", json={"language": "en"}, headers=customer.headers).json()["config"]["asks"]
    assert (asks["consent"]["granted"], asks["email"]["to"] is not None) == (True, True)
    with httpx.Client(base_url=posted.url, headers=token(posted, "ana@lantern.example.com"), timeout=20) as ana:
        path = take(ana, mark)
        contact = ana.get(f"/v1/contacts/{ana.get(path).json()['contact_id']}").json()
        assert {name: (said["granted"], said["version"]) for name, said in contact["consent"].items()} == {"tracking": (True, VERSION)}
        events = ana.get("/v1/events", params={"conversation_id": path.rsplit("/", 1)[1], "limit": 200}).json()
    assert [e["data"]["page"] for e in events if e["name"] == "visitor.viewed"] == ["https://shop.example/teapots"]
