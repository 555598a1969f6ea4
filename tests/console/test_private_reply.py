"""A public comment is answered by one message that others do not see: from the inbox, its outcome shown, never twice."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import update

from console.services import ConsoleServices
from context.conversations import lock_conversation
from context.inbound import record_inbound
from context.models import MessageRow
from context.ownership import hand_off
from context.threads import COMMENT, thread_key
from context.types import HandoffReason, HandoffRequest, Inbound
from tests.console.desk import OpenPage, open_page
from tests.console.test_pages import CHROMIUM, address, agent_in_browser, started

__all__ = ["address"]
pytestmark = pytest.mark.integration


async def comments(services: ConsoleServices, text: str, comment_id: str) -> UUID:
    """A customer writes under a post; the conversation, which waits for a person."""
    inbound = Inbound("facebook_comments", "page", "ana", comment_id, text, profile_name="Ana", language="en")
    async with services.database.transaction() as session:
        key = thread_key(COMMENT, "page", "post")
        found = (await record_inbound(session, services.ledger, inbound, thread_key=key)).message.conversation_id
        conversation = await lock_conversation(session, found)
        if conversation.handler == "bot":
            await hand_off(session, services.ledger, conversation, request=HandoffRequest(HandoffReason.CUSTOMER_ASKED))
    return found


async def messages(mei: OpenPage, found: UUID) -> list[dict[str, object]]:
    await mei.ask("open", conversation=str(found))
    told: list[dict[str, object]] = mei.screen.last("opened")["messages"]
    return told


async def test_a_comment_is_answered_privately_once_by_who_holds_it(services: ConsoleServices) -> None:
    mei = await open_page(services)
    found = await comments(services, "Where is my parcel?", "c-1")
    reply = {"conversation": str(found), "comment": "c-1", "text": "May I have the number?"}
    await mei.ask("private_reply", **reply)
    assert "do not hold" in mei.screen.last("failed")["message"]
    await mei.ask("take", conversation=str(found))
    await mei.ask("private_reply", **reply)
    told = await messages(mei, found)
    assert [one["comment"] for one in told if one["comment"]] == ["c-1"]
    assert [(one["text"], one["privateTo"]) for one in told if one["privateTo"]] == [("May I have the number?", "c-1")]
    await mei.ask("private_reply", **reply)
    assert "answered privately already" in mei.screen.last("failed")["message"]


async def test_an_answer_to_a_comment_that_is_not_the_last_is_refused_and_a_failed_one_may_be_repeated(services: ConsoleServices) -> None:
    mei = await open_page(services)
    found = await comments(services, "Where is my parcel?", "c-1")
    await mei.ask("take", conversation=str(found))
    await comments(services, "Hello?", "c-2")
    await mei.ask("private_reply", conversation=str(found), comment="c-1", text="May I have the number?")
    assert "newer comment" in mei.screen.last("failed")["message"]
    reply = {"conversation": str(found), "comment": "c-2", "text": "May I have the number?"}
    await mei.ask("private_reply", **reply)
    async with services.database.transaction() as session:
        await session.execute(update(MessageRow).where(MessageRow.direction == "out").values(delivery="failed"))
    await mei.ask("private_reply", **reply)
    assert [one["delivery"] for one in await messages(mei, found) if one["privateTo"]] == ["failed", "queued"]


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")
async def test_the_button_under_a_comment_sends_one_private_answer_and_shows_what_became_of_it(
    address: str, services: ConsoleServices
) -> None:
    await started(address)
    found = await comments(services, "Where is my parcel?", "c-1")
    async with agent_in_browser(address, services) as page:
        await page.click(f'[data-id="{found}"]')
        await page.wait_for_selector(".b-msg.customer")
        assert await page.locator(".b-private-reply").count() == 0  # nobody holds it yet
        await page.get_by_role("button", name="Take", exact=True).click()
        await page.click(".b-private-reply")
        await page.fill(".b-private textarea", "May I have the number?")
        await page.click(".b-private-send")
        await page.wait_for_selector(".b-private-done")
        assert await page.inner_text(".b-msg.agent .b-text") == "May I have the number?"
        assert "private, not under the post" in await page.inner_text(".b-msg.agent .b-who")
        assert await page.locator(".b-private-reply, .b-private-send").count() == 0
