"""Files and signed identity through the widget's door: sent, seen, refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
from fastapi import FastAPI

from app.errors import BodyLimit, install_error_handlers
from channels.web.endpoints import widget_router
from channels.web.services import WidgetServices
from context.attachments import keeping
from context.attachments.keeping import MOST_BYTES, Upload
from context.conversations import lock_conversation
from context.identity.models import IdentityKeyRow
from context.ledger import Ledger
from context.outbound import Writer, add_message
from context.stream import Hub
from context.types import Author, Content
from kit.blobs import MemoryBlobs
from kit.db import Database
from kit.limits import RateLimit
from tests.context.test_attachments import picture

pytestmark = pytest.mark.integration
SECRET = "a-secret-of-the-invented-shop-that-is-long-enough"


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
async def http(database: Database, ledger: Ledger, blobs: MemoryBlobs) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    install_error_handlers(app)
    app.add_middleware(BodyLimit)
    limit = RateLimit(per_second=100, burst=100)
    app.include_router(widget_router(WidgetServices(database, ledger, Hub(database), "Lantern Court", limit, blobs=blobs)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://baton.example") as client:
        yield client


async def enter(http: httpx.AsyncClient, identity: str | None = None, token: str | None = None) -> dict[str, str]:
    """The headers of a visitor's session."""
    opened = await http.post("/v1/widget/sessions", json={"identity": identity}, headers=bearer(token) if token else {})
    assert opened.status_code == 201, opened.text
    assert "set-cookie" not in opened.headers
    return bearer(opened.json()["token"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def send_up(http: httpx.AsyncClient, who: dict[str, str], name: str = "tea.png", data: bytes | None = None) -> httpx.Response:
    return await http.post("/v1/widget/files", params={"name": name}, content=picture() if data is None else data, headers=who)


async def write(http: httpx.AsyncClient, who: dict[str, str], text: str = "", *files: str, client_id: str = "") -> httpx.Response:
    body = {"client_id": client_id or uuid4().hex, "text": text, "files": list(files)}
    return await http.post("/v1/widget/messages", json=body, headers=who)


def signed(member: str) -> str:
    now = int(datetime.now(UTC).timestamp())
    return jwt.encode({"sub": member, "aud": "baton", "iat": now, "exp": now + 300, "jti": uuid4().hex}, SECRET, headers={"kid": "shop"})


async def test_a_file_goes_with_a_message_and_its_sender_alone_may_see_it(http: httpx.AsyncClient) -> None:
    ana, bo = await enter(http), await enter(http)
    kept = (await send_up(http, ana)).json()
    where = f"/v1/widget/files/{kept['id']}"
    assert (await write(http, bo, "", kept["id"])).status_code == 422
    sent = await write(http, ana, "", kept["id"], client_id="the-same-again")
    assert sent.json()["message"]["files"] == [kept] == [{"id": kept["id"], "name": "tea.png", "type": "image/png", "size": kept["size"]}]
    assert (await write(http, ana, "", kept["id"], client_id="the-same-again")).status_code == 200
    assert (await http.get(where, headers=ana)).content == picture()
    assert (await http.get(where, headers=bo)).status_code == 404
    assert (await http.get(where)).status_code == 401


async def test_what_is_no_picture_can_only_be_saved(http: httpx.AsyncClient) -> None:
    ana = await enter(http)
    kept = (await send_up(http, ana, "note.txt", b"<script>alert(1)</script>")).json()
    served = await http.get(f"/v1/widget/files/{kept['id']}", headers=ana)
    assert served.headers["content-disposition"].startswith("attachment")
    assert served.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in served.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("tea.png", b"MZ this is no picture", 422),
        ("run.exe", b"MZ", 422),
        ("empty.png", b"", 422),
        ("big.txt", b"a" * (MOST_BYTES + 1), 413),
    ],
)
async def test_a_file_that_cannot_be_sent_is_refused(
    http: httpx.AsyncClient, blobs: MemoryBlobs, name: str, data: bytes, status: int
) -> None:
    refused = await send_up(http, await enter(http), name, data)
    assert refused.status_code == status
    assert blobs.data == {}


async def test_nobody_sends_a_file_up_without_a_session(http: httpx.AsyncClient, blobs: MemoryBlobs) -> None:
    assert (await send_up(http, {})).status_code == 401
    assert blobs.data == {}


async def test_an_unsent_file_is_taken_back_by_its_owner_only(http: httpx.AsyncClient, blobs: MemoryBlobs) -> None:
    ana, bo = await enter(http), await enter(http)
    where = f"/v1/widget/files/{(await send_up(http, ana)).json()['id']}"
    assert (await http.delete(where, headers=bo)).status_code == 404
    assert len(blobs.data) == 1
    assert (await http.delete(where, headers=ana)).status_code == 204
    assert blobs.data == {}


async def test_the_customer_sees_a_file_of_the_agent_but_not_one_of_a_note(
    http: httpx.AsyncClient, database: Database, ledger: Ledger, blobs: MemoryBlobs
) -> None:
    ana = await enter(http)
    await write(http, ana, "Where is the manual?")
    async with database.transaction() as session:
        listed = (await http.get("/v1/widget/messages", headers=ana)).json()["messages"]
        asked = await _conversation_of(database, UUID(listed[0]["id"]))
        file = await keeping.keep_file(session, blobs, Upload("manual.txt", b"Boil the water."), owner="staff:x")
        conversation = await lock_conversation(session, asked)
        content = Content("Here", attachments=(file.attachment,))
        said = await add_message(session, ledger, conversation, content=content, author=Author.AGENT, writer=Writer(str(uuid4()), "Bo"))
        await keeping.settle(session, content.attachments, message_id=said.id, conversation_id=asked)
    where = f"/v1/widget/files/{file.id}"
    assert (await http.get("/v1/widget/messages", headers=ana)).json()["messages"][-1]["files"][0]["name"] == "manual.txt"
    assert (await http.get(where, headers=ana)).text == "Boil the water."
    async with database.plain() as connection:
        await connection.execute("UPDATE message SET visibility = 'note' WHERE id = %s", (said.id,))
    assert (await http.get(where, headers=ana)).status_code == 404


async def _conversation_of(database: Database, message_id: UUID) -> UUID:
    async with database.plain() as connection:
        row = await (await connection.execute("SELECT conversation_id AS found FROM message WHERE id = %s", (message_id,))).fetchone()
    assert row is not None
    found: UUID = row.found
    return found


async def test_a_member_logs_in_goes_on_and_logs_out(http: httpx.AsyncClient, database: Database) -> None:
    async with database.transaction() as session:
        session.add(IdentityKeyRow(id="shop", algorithm="HS256", key=SECRET))
    nobody = await enter(http)
    await write(http, nobody, "I am not logged in yet")
    ana = await enter(http, signed("M-1"), nobody["Authorization"].split(" ")[1])
    texts = [message["text"] for message in (await http.get("/v1/widget/messages", headers=ana)).json()["messages"]]
    assert texts == ["I am not logged in yet"]
    assert (await http.get("/v1/widget/messages", headers=nobody)).status_code == 401
    assert (await http.delete("/v1/widget/sessions", headers=ana)).status_code == 204
    assert (await http.get("/v1/widget/messages", headers=ana)).status_code == 401
    again = await enter(http, signed("M-1"))
    assert len((await http.get("/v1/widget/messages", headers=again)).json()["messages"]) == 1
    forged = jwt.encode(
        {"sub": "M-1", "aud": "baton", "iat": 0, "exp": 300, "jti": "x"},
        "another secret that is as long as the first",
        headers={"kid": "shop"},
    )
    assert (await http.post("/v1/widget/sessions", json={"identity": forged})).status_code == 401
