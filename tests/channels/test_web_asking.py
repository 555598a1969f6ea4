"""What the widget asks beside the chat: the form before it and consent, through the door; what is refused, and what is off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.errors import install_error_handlers
from app.settings import SettingError, read_settings
from channels.web.endpoints import widget_router
from channels.web.services import WidgetServices
from channels.web.setup import Setup, SetupError, SetupFile, read_setup
from context.contacts import is_verified
from context.customer.keeping import NoConsentError, Told, record_told
from context.customer.models import ConsentRow
from context.identity.models import IdentifierRow
from context.ledger import Ledger
from context.models import ContactRow, ConversationRow, EventRow, MessageRow
from context.packet import build_packet
from context.stream import Hub
from context.types import HandoffReason, HandoffRequest
from kit.blobs import MemoryBlobs
from kit.db import Database
from kit.limits import RateLimit

FORM: dict[str, Any] = {
    "title": {"en": "Before we begin", "pt": "Antes de começar"},
    "fields": [
        {"name": "name", "kind": "name", "required": True},
        {"name": "mail", "kind": "email"},
        {"name": "phone", "kind": "phone"},
        {"name": "topic", "kind": "choice", "label": {"en": "What about?"}, "choices": [{"value": "order"}, {"value": "other"}]},
        {"name": "company", "label": {"en": "Company"}},
    ],
}
CONSENT = {
    "version": "2026-11",
    "text": {"en": "May we note the pages?", "pt": "Podemos registar as páginas?"},
    "link": "https://shop.example/p",
}
PAGE = {"url": "https://shop.example/teapots", "title": "Teapots"}


@dataclass
class Door:
    """The widget's API with a setup that the test changes."""

    http: httpx.AsyncClient
    setup: Setup = field(default_factory=Setup)
    who: dict[str, str] = field(default_factory=dict)

    async def enter(self, language: str = "en") -> Any:
        """A session, or the same again; what is asked."""
        opened = await self.http.post("/v1/widget/sessions", json={"language": language}, headers=self.who)
        assert opened.status_code == 201, opened.text
        self.who = {"Authorization": f"Bearer {opened.json()['token']}"}
        return opened.json()["config"]["asks"]

    async def post(self, path: str, body: Any) -> httpx.Response:
        return await self.http.post(f"/v1/widget/{path}", json=body, headers=self.who)

    async def write(self, text: str = "Hello there", page: dict[str, str] | None = None) -> None:
        assert (await self.post("messages", {"client_id": uuid4().hex, "text": text, "page": page or PAGE})).status_code == 201


@pytest.fixture
async def door(database: Database, ledger: Ledger) -> AsyncIterator[Door]:
    app = FastAPI()
    install_error_handlers(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://baton.example") as client:
        made = Door(client)
        limit = RateLimit(per_second=100, burst=100)
        services = WidgetServices(database, ledger, Hub(database), "Shop", limit, blobs=MemoryBlobs(), setup=lambda: made.setup)
        app.include_router(widget_router(services))
        yield made


async def every(database: Database, table: Any) -> list[Any]:
    async with database.transaction() as session:
        return list((await session.execute(select(table))).scalars())


@pytest.mark.integration
async def test_nothing_is_asked_unless_the_house_says_so(door: Door) -> None:
    assert await door.enter() is None
    assert (await door.post("form", {"fields": {}})).status_code == 409
    assert (await door.post("consent", {"granted": True, "version": "1"})).status_code == 409


@pytest.mark.integration
async def test_what_is_told_before_the_chat_is_claimed_and_known_to_bot_and_agent(door: Door, database: Database, ledger: Ledger) -> None:
    door.setup = read_setup({"form": FORM})
    form = (await door.enter("pt"))["form"]
    assert (form["title"], form["fields"][0]["label"], form["fields"][0]["required"]) == ("Antes de começar", "O seu nome", True)
    told = {"name": " Ana  Lopes ", "mail": "ANA@example.com ", "phone": "+853 6200 0001", "topic": "order", "company": ""}
    assert (await door.post("form", {"fields": told})).status_code == 204
    assert (await door.post("form", {"fields": told})).status_code == 409
    assert await door.enter() is None
    await door.write()
    (contact,), identifiers = await every(database, ContactRow), await every(database, IdentifierRow)
    assert (contact.name, contact.email, contact.attributes) == ("Ana Lopes", None, {"topic": "order"})
    assert sorted((i.kind, i.value, i.verified, i.method) for i in identifiers) == [
        ("email", "ana@example.com", False, "typed"),
        ("phone", "+85362000001", False, "typed"),
    ]
    (message,) = await every(database, MessageRow)
    assert message.body["metadata"]["form"] == {"name": "Ana Lopes", "mail": "ana@example.com", "phone": "+85362000001", "topic": "order"}
    async with database.transaction() as session:
        assert not await is_verified(session, contact.id)
        conversation = (await session.execute(select(ConversationRow))).scalar_one()
        packet = await build_packet(session, conversation, HandoffRequest(HandoffReason.CUSTOMER_ASKED))
    assert packet.told == {"name": "Ana Lopes", "email": "ana@example.com", "phone": "+85362000001", "topic": "order"}


@pytest.mark.integration
@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"mail": "ana@example.com"}, "name"),
        ({"name": "Ana", "mail": "ana"}, "mail"),
        ({"name": "Ana", "phone": "12"}, "phone"),
        ({"name": "Ana", "topic": "money"}, "topic"),
        ({"name": "Ana", "company": "a" * 501}, "company"),
        ({"name": "Ana", "password": "x"}, None),
    ],
)
async def test_a_form_with_a_wrong_field_is_refused_and_names_it(
    door: Door, database: Database, fields: dict[str, str], wrong: str
) -> None:
    door.setup = read_setup({"form": FORM})
    await door.enter()
    refused = await door.post("form", {"fields": fields})
    assert (refused.status_code, refused.json().get("field")) == (422, wrong)
    assert await every(database, ContactRow) == []


@pytest.mark.integration
async def test_who_has_written_already_is_not_asked_for_a_form(door: Door) -> None:
    await door.enter()
    await door.write()
    door.setup = read_setup({"form": FORM})
    assert await door.enter() is None


@pytest.mark.integration
async def test_without_consent_no_page_is_noted_and_the_chat_goes_on(door: Door, database: Database) -> None:
    door.setup = read_setup({"consent": CONSENT})
    asks = (await door.enter("pt"))["consent"]
    assert asks == {"text": "Podemos registar as páginas?", "link": "https://shop.example/p", "version": "2026-11", "granted": None}
    await door.write("before")
    assert (await door.post("consent", {"granted": False, "version": "2026-11"})).status_code == 204
    await door.write("after", PAGE | {"article": "care-of-teapots"})
    assert [m.body.get("metadata") for m in await every(database, MessageRow)] == [
        None,
        {"page": {"article": "care-of-teapots", "language": "pt"}},
    ]
    assert [e for e in await every(database, EventRow) if e.name == "visitor.viewed"] == []


@pytest.mark.integration
async def test_consent_is_kept_with_its_text_and_taking_it_back_forgets_the_pages(door: Door, database: Database, ledger: Ledger) -> None:
    door.setup = read_setup({"consent": CONSENT})
    await door.enter()
    assert (await door.post("consent", {"granted": True, "version": "2025-01"})).status_code == 409
    assert (await door.post("consent", {"granted": True, "version": "2026-11"})).status_code == 204
    await door.write()
    (row,) = await every(database, ConsentRow)
    assert (row.purpose, row.granted, row.source, row.version, row.at is not None) == ("tracking", True, "widget", "2026-11", True)
    told = [Told("page.viewed", "1", ledger.now, {"page": "https://shop.example/cups"})]
    async with database.transaction() as session:
        assert await record_told(session, ledger, row.contact_id, told) == 1
    viewed = [e.data["page"] for e in await every(database, EventRow) if e.name == "visitor.viewed" and e.conversation_id]
    assert viewed == ["https://shop.example/teapots"]
    assert (await door.post("consent", {"granted": False, "version": "2026-11"})).status_code == 204
    assert (await door.enter())["consent"]["granted"] is False
    assert [e.data["page"] for e in await every(database, EventRow) if e.name == "visitor.viewed" and e.conversation_id] == [""]
    assert (await every(database, MessageRow))[0].body["metadata"]["page"].keys() == {"article", "language"}
    with pytest.raises(NoConsentError):
        async with database.transaction() as session:
            await record_told(session, ledger, row.contact_id, told)


@pytest.mark.integration
async def test_another_text_is_asked_about_again(door: Door, database: Database) -> None:
    door.setup = read_setup({"consent": CONSENT})
    await door.enter()
    await door.post("consent", {"granted": True, "version": "2026-11"})
    door.setup = read_setup({"consent": CONSENT | {"version": "2027-01"}})
    assert (await door.enter())["consent"]["granted"] is None
    await door.write()
    assert [e for e in await every(database, EventRow) if e.name == "visitor.viewed"] == []


@pytest.mark.parametrize(
    "said",
    [
        [],
        {"forms": {}},
        {"form": {"fields": []}},
        {"form": {"fields": [{"name": "Name", "kind": "name"}]}},
        {"form": {"fields": [{"name": "a", "kind": "date"}]}},
        {"form": {"fields": [{"name": "a", "kind": "text"}]}},
        {"form": {"fields": [{"name": "a", "kind": "email"}, {"name": "b", "kind": "email"}]}},
        {"form": {"fields": [{"name": "a", "kind": "choice", "label": {"en": "A"}, "choices": [{"value": "x"}]}]}},
        {"form": {"fields": [{"name": "a", "label": {"fr": "A"}}]}},
        {"consent": {"text": {"en": "May we?"}}},
        {"consent": {"version": "1", "text": {}, "link": "javascript:alert(1)"}},
        {"consent": {"version": "1"}},
        {"email": {"minutes": 0}},
        {"email": {"minutes": 0.4}},
    ],
)
def test_a_setup_that_cannot_be_used_is_refused_with_a_sentence(said: Any) -> None:
    with pytest.raises(SetupError):
        read_setup(said)


def test_the_file_is_read_again_when_it_changes_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "widget.yml"
    file = SetupFile(path)
    assert file.read() == Setup()
    path.write_text("consent: {version: '1', text: {en: May we}}")
    assert file.read().consent is not None
    path.write_text("consent: {version: [")
    assert file.read().consent is not None
    path.unlink()
    assert file.read() == Setup()
    path.write_text("consent: []")
    with pytest.raises(SetupError):
        SetupFile(path).check()
    assert SetupFile(path).read() == Setup()


def test_a_named_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError):
        read_settings({"BATON_WIDGET": str(tmp_path / "none.yml")})
