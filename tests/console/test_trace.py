"""How the bot came to what it said, in the conversation that an agent reads."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from bot.engine import Reply, Turn
from bot.turn import TurnTaker
from console.services import ConsoleServices
from context.conversations import list_messages
from context.types import Author, Content, Role
from context.understand import understand_message
from kit.jobs import RecordingEnqueuer
from nlu.types import Sentiment, Understanding
from tests.console.desk import customer_writes, open_page
from tests.console.test_pages import CHROMIUM, address, agent_in_browser, started

__all__ = ["address"]
pytestmark = pytest.mark.integration
MARKUP = "<img src=x onerror='window.hacked=1'>"
TRACE = (
    {
        "step": "understood", "intent": "order_status", "confidence": 0.93, "language": "en",
        "entities": [{"name": "order_number", "value": MARKUP}], "slots": {"reason": "late"},
    },
    {"step": "slots", "set": {"order_number": "B-1042"}, "from": {"order_number": "from_entity"}},
    {"step": "decided", "action": "utter_late", "policy": "TEDPolicy", "confidence": 0.81, "why": "learned from stories"},
    {"step": "did", "knowledge": "answered", "passages": [{"id": "passage-7", "article": "delivery-times", "confidence": 0.64}]},
)  # fmt: skip


class Sure:
    """Understands everything as one intent."""

    def understand(
        self, text: str, *, language: str | None = None, previous_language: str | None = None, expected: str | None = None
    ) -> Understanding:
        return Understanding(language or "en", "order_status", 0.93, (("order_status", 0.93),), (), Sentiment())


class Traced:
    """An engine that says one thing and how it came to it."""

    async def respond(self, turn: Turn) -> Reply:
        return Reply((Content("It is late."),), turn.slots, {"n": 1}, turn.language, trace=TRACE)


async def answered(services: ConsoleServices) -> uuid.UUID:
    """A conversation in which the bot has answered."""
    conversation = await customer_writes(services)
    async with services.database.transaction() as session:
        message = (await list_messages(session, [conversation]))[0]
    await understand_message(services.database, services.ledger, Sure(), message_id=message.id)
    taker = TurnTaker(services.database, services.ledger, Traced(), RecordingEnqueuer())
    assert await taker.take_turn(conversation, owner="test") == "taken"
    return conversation


async def message_of(services: ConsoleServices, conversation: uuid.UUID, author: Author) -> uuid.UUID:
    async with services.database.transaction() as session:
        return next(m.id for m in await list_messages(session, [conversation]) if m.author == author)


async def test_an_agent_is_told_how_the_bot_decided(services: ConsoleServices) -> None:
    conversation = await answered(services)
    page = await open_page(services)
    await page.ask("open", conversation=str(conversation))
    message = await message_of(services, conversation, Author.BOT)
    await page.ask("trace", conversation=str(conversation), message=str(message))
    told = page.screen.last("trace")
    assert (told["conversation"], told["message"]) == (str(conversation), str(message))
    assert told["trace"]["steps"][1]["decision"]["policy"] == "TEDPolicy"
    assert told["trace"]["slots"][0] == {"name": "order_number", "before": "", "after": "B-1042"}
    assert told["trace"]["passages"][0]["article"] == "delivery-times"


async def test_a_message_without_a_turn_has_no_trace(services: ConsoleServices) -> None:
    conversation = await answered(services)
    page = await open_page(services)
    await page.ask("open", conversation=str(conversation))
    for message in (await message_of(services, conversation, Author.CUSTOMER), uuid.uuid4()):
        await page.ask("trace", conversation=str(conversation), message=str(message))
        assert page.screen.last("trace")["trace"] is None


async def test_the_trace_of_another_conversation_is_not_told(services: ConsoleServices) -> None:
    conversation, other = await answered(services), await customer_writes(services, who="ben")
    page = await open_page(services)
    await page.ask("open", conversation=str(other))
    message = str(await message_of(services, conversation, Author.BOT))
    await page.ask("trace", conversation=str(conversation), message=message)
    assert page.screen.last("failed")["kind"] == "trace"
    await page.ask("trace", conversation=str(other), message=message)
    assert page.screen.last("trace")["trace"] is None


async def test_who_may_not_converse_is_not_told(services: ConsoleServices) -> None:
    conversation = await answered(services)
    page = await open_page(services, Role.EDITOR)
    await page.ask("trace", conversation=str(conversation), message=str(await message_of(services, conversation, Author.BOT)))
    assert "trace" not in page.screen.kinds()


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")
async def test_the_panel_unfolds_under_what_the_bot_said(address: str, services: ConsoleServices) -> None:
    await started(address)
    async with agent_in_browser(address, services) as page:
        await page.wait_for_selector(".b-list")
        conversation = await answered(services)
        await page.click(f'[data-id="{conversation}"]')
        why = page.locator(".b-msg.bot .b-why")
        await why.wait_for()
        assert await page.locator(".b-msg.customer .b-why").count() == 0
        assert await why.get_attribute("aria-expanded") == "false"
        await why.click()
        await page.wait_for_selector(".b-trace")
        said = await page.inner_text(".b-trace")
        for part in (
            "order_status",
            "93 %",
            "utter_late",
            "TEDPolicy",
            "81 %",
            "late",
            "B-1042",
            "delivery-times",
            "passage-7",
            "64 %",
            MARKUP,
        ):
            assert part in said
        assert await page.locator(".b-trace tr.changed").count() == 1
        assert await page.locator(".b-desk img").count() == 0
        assert await page.evaluate("window.hacked") is None
        await why.click()
        assert await page.locator(".b-trace").count() == 0
