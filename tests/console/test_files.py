"""Files of messages in the console: who may send them up and see them, and what is refused."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from console.access import COOKIE
from console.inbox.file_routes import message_files_router
from console.services import ConsoleServices
from context.attachments.keeping import Upload, customer_owner, keep_file
from context.inbound import record_inbound
from context.types import Inbound, Role
from tests.console.desk import log_in

pytestmark = pytest.mark.integration
ORIGIN = {"Origin": "http://shop.example"}


async def client_of(services: ConsoleServices, role: Role | None) -> httpx.AsyncClient:
    """A browser of somebody with this role."""
    app = FastAPI()
    app.include_router(message_files_router(services))
    cookies = {COOKIE: (await log_in(services, role))[1].token} if role else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.example", cookies=cookies)


async def sent_up(client: httpx.AsyncClient, name: str, data: bytes, **more: str) -> httpx.Response:
    return await client.post("/console/files", content=data, headers={"X-File-Name": name, **ORIGIN, **more})


async def test_an_agent_sends_a_file_up_and_only_they_see_it_before_it_is_sent(services: ConsoleServices) -> None:
    mei, rui = await client_of(services, Role.AGENT), await client_of(services, Role.AGENT)
    kept = await sent_up(mei, "%E8%8C%B6.txt", b"green tea")
    assert (kept.status_code, kept.json()["name"], kept.json()["image"]) == (201, "茶.txt", False)
    assert (await mei.get(kept.json()["url"])).content == b"green tea"
    assert (await rui.get(kept.json()["url"])).status_code == 404


@pytest.mark.parametrize(("role", "status"), [(Role.AGENT, 200), (Role.EDITOR, 403), (None, 401)])
async def test_a_customer_s_file_is_shown_to_those_who_converse(services: ConsoleServices, role: Role | None, status: int) -> None:
    async with services.database.transaction() as session:
        upload = Upload("order.txt", b"LC-100002")
        file = await keep_file(session, services.articles.blobs, upload, owner=customer_owner("web", "ana"))
        await record_inbound(session, services.ledger, Inbound("web", "main", "ana", "1", "", attachments=(file.id,)))
    answer = await (await client_of(services, role)).get(f"/console/files/{file.id}/order.txt")
    assert answer.status_code == status
    if status == 200:
        assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(("role", "status"), [(Role.EDITOR, 403), (None, 401)])
async def test_those_who_do_not_converse_send_nothing_up(services: ConsoleServices, role: Role | None, status: int) -> None:
    assert (await sent_up(await client_of(services, role), "a.txt", b"a")).status_code == status


async def test_a_foreign_page_sends_nothing_up(services: ConsoleServices) -> None:
    assert (await sent_up(await client_of(services, Role.AGENT), "a.txt", b"a", Origin="https://evil.example")).status_code == 403


async def test_100_mb_are_refused_with_the_size_and_the_limit(services: ConsoleServices) -> None:
    answer = await sent_up(await client_of(services, Role.AGENT), "film.mp4", b"\0" * 100_000_000)
    assert answer.status_code == 413
    assert "100,000,000" in answer.json()["message"]
    assert "25,000,000" in answer.json()["hint"]


@pytest.mark.parametrize(("name", "data"), [("photo.png", b"<html>"), ("run.exe", b"MZ"), ("page.svg", b"<svg/>")])
async def test_what_it_says_it_is_not_is_refused(services: ConsoleServices, name: str, data: bytes) -> None:
    assert (await sent_up(await client_of(services, Role.AGENT), name, data)).status_code == 422
