"""What reaches an open inbox without a reload."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from console.services import ConsoleServices
from context.actions import ActionContext, perform
from context.conversations import lock_conversation
from context.ledger import BOT
from context.models import MessageRow
from context.sequencer import sequence_forever
from context.staff.accounts import close_session
from context.stream import Signal, SuggestionsReady, send_signal
from context.types import Effect, Role
from tests.console.desk import OpenPage, customer_writes, make_drafts, open_page, waiting_conversation

pytestmark = pytest.mark.integration
SECONDS = 5.0


@contextlib.asynccontextmanager
async def running(*parts: Any) -> AsyncIterator[None]:
    """Runs these until the block ends."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def mei(services: ConsoleServices) -> AsyncIterator[OpenPage]:
    """An open inbox that follows what happens."""
    page = await open_page(services)
    async with running(services.hub.run(), sequence_forever(services.database.dsn), page.live.run()):
        await told(page, "list")
        yield page


async def until(page: OpenPage, kind: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Waits until the page was told something of this kind for which `holds`."""
    deadline = asyncio.get_running_loop().time() + SECONDS
    while True:
        for name, data in page.screen.told:
            if name == kind and holds(data):
                return data
        assert asyncio.get_running_loop().time() < deadline, f"{kind} was not told so: {page.screen.told}"
        await asyncio.sleep(0.01)


async def told(page: OpenPage, kind: str, **expected: Any) -> dict[str, Any]:
    """Waits until the page was told something of this kind with these values."""
    return await until(page, kind, lambda data: all(data.get(key) == value for key, value in expected.items()))


async def row_told(page: OpenPage, conversation_id: UUID, **expected: Any) -> dict[str, Any]:
    """Waits until the page was told of a line of the inbox with these values."""

    def matching(data: dict[str, Any]) -> list[dict[str, Any]]:
        wanted = expected | {"id": str(conversation_id)}
        return [row for row in data["rows"] if all(row[key] == value for key, value in wanted.items())]

    return matching(await until(page, "rows", lambda data: bool(matching(data))))[0]


async def test_a_new_conversation_appears_with_its_reason(mei: OpenPage, services: ConsoleServices) -> None:
    conversation_id = await waiting_conversation(services)
    assert await row_told(mei, conversation_id, handler="queue", reason="customer_asked")


async def test_one_change_sends_one_line_and_not_the_list(mei: OpenPage, services: ConsoleServices) -> None:
    await customer_writes(services, who="rui")
    conversation_id = await customer_writes(services, "Hello?", who="ana")
    await row_told(mei, conversation_id, preview="Hello?", fresh=True)
    assert [kind for kind, _ in mei.screen.told].count("list") == 1


async def test_a_message_in_the_open_conversation_is_shown_alone(mei: OpenPage, services: ConsoleServices) -> None:
    conversation_id = await waiting_conversation(services)
    await mei.ask("open", conversation=str(conversation_id))
    await customer_writes(services, "And when?")
    assert await until(mei, "messages", lambda data: data["messages"][-1]["text"] == "And when?")
    assert [kind for kind, _ in mei.screen.told].count("opened") == 1


async def test_a_message_elsewhere_does_not_touch_the_open_transcript(mei: OpenPage, services: ConsoleServices) -> None:
    conversation_id = await waiting_conversation(services, who="ana")
    await mei.ask("open", conversation=str(conversation_id))
    other = await customer_writes(services, "Somebody else", who="rui")
    await row_told(mei, other, preview="Somebody else")
    texts = [m["text"] for name, data in mei.screen.told if name == "messages" for m in data["messages"]]
    assert "Somebody else" not in texts


async def test_that_the_customer_types_is_shown(mei: OpenPage, services: ConsoleServices) -> None:
    conversation_id = await waiting_conversation(services)
    async with services.database.transaction() as session:
        await send_signal(session, Signal(conversation_id, "customer", None, True))
    assert await told(mei, "typing", id=str(conversation_id), on=True)


async def test_new_suggestions_appear_unasked(mei: OpenPage, services: ConsoleServices) -> None:
    conversation_id = await waiting_conversation(services)
    await mei.ask("open", conversation=str(conversation_id))
    async with services.database.transaction() as session:
        message_id = (await session.execute(select(MessageRow.id).where(MessageRow.conversation_id == conversation_id))).scalars().first()
    assert message_id is not None
    drafts = await make_drafts(services, conversation_id, message_id)
    mei.screen.told.clear()
    async with services.database.transaction() as session:
        await send_signal(session, SuggestionsReady(conversation_id, message_id))
    assert [item["id"] for item in (await told(mei, "suggestions"))["items"]] == [str(d) for d in drafts]


async def test_that_a_colleague_took_the_open_conversation_is_shown_at_once(mei: OpenPage, services: ConsoleServices) -> None:
    conversation_id = await waiting_conversation(services)
    await mei.ask("open", conversation=str(conversation_id))
    rui = await open_page(services, name="Rui")
    await rui.ask("take", conversation=str(conversation_id))
    assert (await row_told(mei, conversation_id, handler="agent"))["agentName"] == "Rui"


async def test_the_customer_s_next_conversation_is_named_beside_the_resolved_one(mei: OpenPage, services: ConsoleServices) -> None:
    first = await waiting_conversation(services)
    await mei.ask("open", conversation=str(first))
    await mei.ask("take", conversation=str(first))
    await mei.ask("resolve", conversation=str(first))
    mei.screen.told.clear()
    second = await customer_writes(services, "One more thing")
    assert second != first
    side = await until(mei, "side", lambda data: bool(data["others"]))
    assert [other["id"] for other in side["others"]] == [str(second)]


async def test_a_page_whose_login_was_revoked_is_told_and_hears_no_more(services: ConsoleServices) -> None:
    page = await open_page(services)
    async with services.database.transaction() as session:
        await close_session(session, page.login.token)
    await page.live.run()
    assert page.screen.kinds() == {"expired"}


async def test_an_editor_hears_nothing_of_conversations(services: ConsoleServices) -> None:
    page = await open_page(services, Role.EDITOR)
    await waiting_conversation(services)
    await page.live.run()
    assert page.screen.kinds() == {"expired"}


async def test_many_pages_read_a_changed_line_once(services: ConsoleServices) -> None:
    conversation_id = await waiting_conversation(services)
    page = await open_page(services)
    found = await asyncio.gather(*(page.page.shared.rows.get(page.staff, conversation_id, position=0) for _ in range(20)))
    assert all(row is found[0] for row in found)


async def test_what_the_bot_wrote_down_stands_beside_the_conversation_at_once(mei: OpenPage, services: ConsoleServices) -> None:
    first = await waiting_conversation(services)
    await mei.ask("open", conversation=str(first))
    async with services.database.transaction() as session:
        conversation = await lock_conversation(session, first)
        context = ActionContext(session, first, conversation.contact_id, BOT, "turn-1", services.ledger.now)
        done = await perform(context, Effect("record_complaint", {"words": "<b>too slow</b>"}))
        for event in done.events:
            await services.ledger.append(session, event, actor=BOT, conversation=conversation)
    side = await until(mei, "side", lambda data: bool(data["requests"]))
    assert [(r["reference"], r["kind"], r["details"]) for r in side["requests"]] == [
        (done.data["reference"], "complaint", [{"name": "words", "value": "<b>too slow</b>"}])
    ]
