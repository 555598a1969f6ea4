"""Giving a customer's data out and erasing it as others do it: over /v1 and by the command line's functions."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from app.commands.contact import which
from app.erasing import erasing_with
from context.erasing.endpoints import ErasingServices, erasing_router
from context.erasing.exporting import INTERNAL, OF_COLLEAGUES, Exporting
from context.ledger import Ledger
from context.services import ApiServices
from context.staff.accounts import create_staff
from context.stream import Hub
from context.types import Role
from kit.blobs import MemoryBlobs
from kit.db import Database
from kit.errors import ConflictError, InvalidInputError, NotFoundError
from tests.app.planting import BY_IDS, Planted, plant, tables_with_customers, where
from tests.context.customer.outside import Outside

pytestmark = pytest.mark.integration
MARK, OTHER = "zqmarka7", "zqmarkb9"
NOT_GIVEN_OUT = {
    "channel_address", "channel_intake", "channel_orphan", "idempotency", "learned_reply", "learning_sentence", "order_write_back",
    "unanswered_question", "webhook_delivery",
}  # fmt: skip
"""Copies of what stands elsewhere, on its way in or out, and what was joined from many people's words."""


class House(Outside):
    """The API with two customers behind it."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        super().__init__(database, ledger)
        self.blobs = MemoryBlobs()
        api = ApiServices(database, ledger, Hub(database))
        services = ErasingServices(api, erasing_with(ledger, self.blobs), Exporting(self.blobs, ledger.clock))
        app = self.http._transport.app  # type: ignore[attr-defined]
        assert isinstance(app, FastAPI)
        app.include_router(erasing_router(services))


@pytest.fixture
async def house(database: Database, ledger: Ledger) -> AsyncIterator[House]:
    made = House(database, ledger)
    yield made
    await made.http.aclose()


async def two(house: House) -> tuple[Planted, Planted]:
    """Two customers with a mark each, everywhere."""
    async with house.database.transaction() as session:
        staff = await create_staff(session, email="ana@shop.example", name="Ana", role=Role.AGENT, password="long enough to pass")
        one = await plant(session, house.ledger, house.blobs, mark=MARK, staff_id=staff.id)
        return one, await plant(session, house.ledger, house.blobs, mark=OTHER, staff_id=staff.id)


async def test_all_of_a_customer_is_given_out_and_nothing_of_another(house: House) -> None:
    one, _ = await two(house)
    answer = await house.send("GET", f"/contacts/{one.ids['contact']}/export", role=Role.ADMIN)
    assert (answer.status_code, answer.headers["content-type"], answer.headers["cache-control"]) == (200, "application/zip", "no-store")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        data = json.loads(archive.read("data.json"))
        files = [archive.read(name).decode() for name in archive.namelist() if name.startswith("files/")]
    assert sorted(files) == sorted([one.value("file"), one.value("unsent")])
    told = {name for name, rows in data.items() if isinstance(rows, list) and MARK in json.dumps(rows)}
    assert told == tables_with_customers() - NOT_GIVEN_OUT - OF_COLLEAGUES - BY_IDS
    assert OTHER not in json.dumps(data)
    assert not any(name in row for rows in data.values() if isinstance(rows, list) for row in rows for name in INTERNAL)


async def test_who_may_erase_does_so_once_and_what_is_left_is_gone_for_all(house: House) -> None:
    one, _ = await two(house)
    path = f"/contacts/{one.ids['contact']}"
    assert (await house.ask("GET", f"{path}/standing", role=Role.ADMIN))["open_conversations"] == 1
    done = await house.ask("POST", f"{path}/erase", json={"orders": True}, role=Role.ADMIN)
    again = await house.ask("POST", f"{path}/erase", role=Role.ADMIN)
    assert (done["already"], again["already"], again["erased_at"]) == (False, True, done["erased_at"])
    async with house.database.transaction() as session:
        assert await where(session, MARK) == {}
    note = {"text": "x"}
    for method, below, body in (("GET", "", None), ("PATCH", "", {"name": "Ana"}), ("POST", "/notes", note), ("GET", "/export", None)):
        refused = await house.send(method, path + below, json=body, role=Role.ADMIN)
        assert (refused.status_code, refused.json()["error"]) == (410, "erased")


@pytest.mark.parametrize("role", [Role.AGENT, Role.EDITOR, Role.SUPERVISOR])
async def test_others_are_refused_and_nothing_is_erased(house: House, role: Role) -> None:
    one, _ = await two(house)
    async with house.database.transaction() as session:
        before = await where(session, MARK)
    for method, below in (("GET", "standing"), ("GET", "export"), ("POST", "erase")):
        assert (await house.send(method, f"/contacts/{one.ids['contact']}/{below}", role=role)).status_code == 403
    async with house.database.transaction() as session:
        assert await where(session, MARK) == before


async def test_who_is_not_there_cannot_be_erased_and_unknown_wishes_are_refused(house: House) -> None:
    for method, below in (("GET", "standing"), ("GET", "export"), ("POST", "erase")):
        assert (await house.send(method, f"/contacts/{uuid4()}/{below}", role=Role.ADMIN)).status_code == 404
    one, _ = await two(house)
    wish = {"orders": True, "everything": True}
    assert (await house.send("POST", f"/contacts/{one.ids['contact']}/erase", json=wish, role=Role.ADMIN)).status_code == 422


async def test_a_request_that_is_repeated_with_its_key_is_not_done_anew_after_the_erasing(house: House) -> None:
    sent: dict[str, Any] = {"json": {"name": "Ana Reis", "email": "ana@example.com"}, "headers": {"Idempotency-Key": "crm-1"}}
    made = (await house.send("POST", "/contacts", **sent)).json()
    await house.ask("POST", f"/contacts/{made['id']}/erase", role=Role.ADMIN)
    repeated = await house.send("POST", "/contacts", **sent)
    assert (repeated.status_code, repeated.json()["error"]) == (410, "erased")
    assert (await house.ask("GET", "/contacts"))["items"] == []


async def test_a_note_that_was_sent_with_a_key_goes_from_the_kept_answer_too(house: House) -> None:
    made = (await house.send("POST", "/contacts", json={"name": "Ana"})).json()
    note: dict[str, Any] = {"json": {"text": f"{MARK} wants a quiet room"}, "headers": {"Idempotency-Key": "crm-2"}}
    await house.ask("POST", f"/contacts/{made['id']}/notes", status=201, **note)
    await house.ask("POST", f"/contacts/{made['id']}/erase", role=Role.ADMIN)
    async with house.database.transaction() as session:
        assert await where(session, MARK) == {}


async def test_the_command_line_finds_who_is_meant_or_says_why_not(house: House) -> None:
    made = [(await house.send("POST", "/contacts", json={"email": "family@example.com"})).json() for _ in range(2)]
    alone = (await house.send("POST", "/contacts", json={"email": "ana@example.com"})).json()
    async with house.database.transaction() as session:
        assert await which(session, "email:ANA@example.com") == UUID(alone["id"])
        assert await which(session, made[0]["id"]) == UUID(made[0]["id"])
        for who, refusal in (
            ("email:nobody@example.com", NotFoundError),
            ("ana", InvalidInputError),
            ("email:family@example.com", ConflictError),
        ):
            with pytest.raises(refusal):
                await which(session, who)
