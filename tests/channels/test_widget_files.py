"""Files on web chat: sent up, sent with a message, shown to their customer and to nobody else; a large one is refused with a sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from app.errors import BodyLimit, install_error_handlers
from channels.web.endpoints import WidgetServices, widget_router
from context.ledger import Ledger
from context.stream import Hub
from kit.blobs import MemoryBlobs
from kit.db import Database
from kit.limits import RateLimit

pytestmark = pytest.mark.integration
TEXT = b"my own words"


@pytest.fixture
async def client(database: Database, ledger: Ledger) -> AsyncIterator[httpx.AsyncClient]:
    """The widget's API."""
    app = FastAPI()
    install_error_handlers(app)
    app.add_middleware(BodyLimit)
    limit = RateLimit(per_second=100, burst=100)
    app.include_router(widget_router(WidgetServices(database, ledger, Hub(database), "Shop", limit, blobs=MemoryBlobs())))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.example") as client:
        yield client


async def visitor(client: httpx.AsyncClient) -> dict[str, str]:
    """The header of a new visitor."""
    token = (await client.post("/v1/widget/sessions", json={})).json()["token"]
    return {"Authorization": f"Bearer {token}"}


async def send_up(client: httpx.AsyncClient, who: dict[str, str], name: str, data: bytes) -> httpx.Response:
    return await client.post("/v1/widget/files", params={"name": name}, content=data, headers=who)


async def write(client: httpx.AsyncClient, who: dict[str, str], *files: str) -> httpx.Response:
    return await client.post("/v1/widget/messages", json={"client_id": uuid4().hex, "text": "", "files": list(files)}, headers=who)


async def test_a_file_goes_with_a_message_and_comes_back_as_what_it_is(client: httpx.AsyncClient) -> None:
    ana = await visitor(client)
    kept = (await send_up(client, ana, "words.txt", TEXT)).json()
    sent = await write(client, ana, kept["id"])
    assert sent.status_code == 201
    assert sent.json()["message"]["files"] == [{"id": kept["id"], "name": "words.txt", "type": "text/plain", "size": len(TEXT)}]
    answer = await client.get(f"/v1/widget/files/{kept['id']}", headers=ana)
    assert (answer.content, answer.headers["x-content-type-options"]) == (TEXT, "nosniff")
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_nobody_else_gets_it_or_sends_it(client: httpx.AsyncClient) -> None:
    ana, rui = await visitor(client), await visitor(client)
    kept = (await send_up(client, ana, "words.txt", TEXT)).json()
    assert (await client.get(f"/v1/widget/files/{kept['id']}", headers=rui)).status_code == 404
    assert (await client.get(f"/v1/widget/files/{kept['id']}")).status_code == 401
    assert (await write(client, rui, kept["id"])).status_code == 422


async def test_what_it_says_it_is_not_is_refused(client: httpx.AsyncClient) -> None:
    answer = await send_up(client, await visitor(client), "photo.png", b"<script>")
    assert (answer.status_code, answer.json()["error"]) == (422, "file_refused")


async def test_a_file_of_100_mb_is_refused_with_a_sentence(client: httpx.AsyncClient) -> None:
    answer = await send_up(client, await visitor(client), "film.mp4", b"\0" * 100_000_000)
    assert answer.status_code == 413
    assert "25,000,000" in answer.json()["message"]
