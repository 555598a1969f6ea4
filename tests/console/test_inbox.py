"""What an agent can do in the inbox, what others cannot, and what is never lost."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event as engine_events
from sqlalchemy import select

from assist.models import SuggestionRow
from console.services import ConsoleServices
from context.conversations import list_messages
from context.models import ConversationRow, EventRow
from context.staff.accounts import close_session
from context.types import Handler, MessageView, Role
from desk.inbox import View
from tests.console.desk import DRAFTS, OpenPage, customer_writes, make_drafts, open_page, waiting_conversation

pytestmark = pytest.mark.integration
COMMANDS = (
    "view", "more", "meta", "save_view", "delete_view", "search", "notifications", "prefer", "open", "seen", "leave", "shown", "dismiss",
    "trace", "send", "undo", "typing", "draft", "macros", "macro", "remove_file", "take", "release", "hand_back", "resolve", "label",
    "new_label", "snooze", "wake", "transfer", "merge", "part", "link", "private_reply", "assist", "prepare_action", "confirm_action",
    "standing", "erase",
)  # fmt: skip


async def messages_of(services: ConsoleServices, conversation_id: UUID) -> list[MessageView]:
    async with services.database.transaction() as session:
        return await list_messages(session, [conversation_id])


async def said_by_agents(services: ConsoleServices, conversation_id: UUID) -> list[str]:
    return [m.content.text for m in await messages_of(services, conversation_id) if m.author == "agent"]


async def events_of(services: ConsoleServices, prefix: str) -> list[str]:
    async with services.database.transaction() as session:
        return list((await session.execute(select(EventRow.name).where(EventRow.name.startswith(prefix)).order_by(EventRow.id))).scalars())


async def handler_of(services: ConsoleServices, conversation_id: UUID) -> str:
    async with services.database.transaction() as session:
        return (await session.execute(select(ConversationRow.handler).where(ConversationRow.id == conversation_id))).scalar_one()


async def open_with_drafts(services: ConsoleServices, *, take: bool = True) -> tuple[OpenPage, UUID, list[UUID]]:
    conversation_id = await waiting_conversation(services)
    drafts = await make_drafts(services, conversation_id, (await messages_of(services, conversation_id))[0].id)
    mei = await open_page(services)
    await mei.ask("open", conversation=str(conversation_id))
    if take:
        await mei.ask("take", conversation=str(conversation_id))
        await mei.ask("open", conversation=str(conversation_id))
    return mei, conversation_id, drafts


def everything(conversation_id: UUID) -> dict[str, Any]:
    """Arguments that would do for any command."""
    return {
        "id": uuid4().hex, "conversation": str(conversation_id), "view": "all", "text": "Hello", "on": True, "take": True,
        "ids": [], "suggestion": str(uuid4()),
    }  # fmt: skip


@pytest.mark.parametrize("kind", COMMANDS)
async def test_an_editor_can_do_nothing_in_the_inbox(services: ConsoleServices, kind: str) -> None:
    conversation_id = await waiting_conversation(services)
    editor = await open_page(services, Role.EDITOR)
    await editor.ask(kind, **everything(conversation_id))
    assert editor.screen.kinds() == {"failed"}
    assert await said_by_agents(services, conversation_id) == []
    assert await handler_of(services, conversation_id) == Handler.QUEUE


@pytest.mark.parametrize("kind", COMMANDS)
async def test_an_ended_session_can_do_nothing_and_is_told_so(services: ConsoleServices, kind: str) -> None:
    conversation_id = await waiting_conversation(services)
    mei = await open_page(services)
    async with services.database.transaction() as session:
        await close_session(session, mei.login.token)
    await mei.ask(kind, **everything(conversation_id))
    assert mei.screen.kinds() == {"expired"}
    assert await handler_of(services, conversation_id) == Handler.QUEUE


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.ADMIN])
async def test_those_who_converse_can_take_and_answer(services: ConsoleServices, role: Role) -> None:
    conversation_id = await waiting_conversation(services)
    mei = await open_page(services, role)
    await mei.ask("send", id="1", conversation=str(conversation_id), text="Hello Ana", take=True)
    assert mei.screen.last("done") == {"id": "1", "kind": "send"}
    assert await said_by_agents(services, conversation_id) == ["Hello Ana"]


async def test_the_list_puts_those_who_wait_first_with_reason_and_counts(services: ConsoleServices) -> None:
    waiting = await waiting_conversation(services, who="ana")
    await customer_writes(services, who="rui")
    mei = await open_page(services)
    await mei.ask("view", view="all")
    shown = mei.screen.last("list")
    assert (shown["rows"][0]["id"], shown["rows"][0]["reason"]) == (str(waiting), "customer_asked")
    assert (shown["counts"][View.ALL], shown["counts"][View.WAITING], shown["counts"][View.BOT]) == (2, 1, 1)


async def test_a_view_that_does_not_exist_is_refused(services: ConsoleServices) -> None:
    mei = await open_page(services)
    await mei.ask("view", view="secret")
    assert mei.screen.kinds() == {"failed"}


async def test_opening_shows_transcript_packet_customer_and_drafts(services: ConsoleServices) -> None:
    mei, conversation_id, drafts = await open_with_drafts(services, take=False)
    opened = mei.screen.last("opened")
    assert opened["row"]["id"] == str(conversation_id)
    assert [m["text"] for m in opened["messages"]] == ["Where is my order?"]
    assert (opened["packet"]["reason"], opened["packet"]["summary"]) == ("customer_asked", "Where is my order?")
    assert opened["contact"]["verified"] is False
    assert [item["id"] for item in mei.screen.last("suggestions")["items"]] == [str(d) for d in drafts]


async def test_opening_asks_the_database_few_questions_before_it_is_shown(services: ConsoleServices) -> None:
    conversation_id, mei = await waiting_conversation(services), await open_page(services)
    asked: list[str] = []
    engine_events.listen(services.database.engine.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    before: list[tuple[str, int]] = []
    mei.page.screen = lambda kind, _data: before.append((kind, len(asked)))
    await mei.ask("open", conversation=str(conversation_id))
    assert before[0] == ("opened", 6), asked  # who is there, the conversation whole, what was said, call-back, draft, what is held back
    assert len(asked) <= 17


async def test_an_unknown_conversation_is_refused(services: ConsoleServices) -> None:
    mei = await open_page(services)
    await mei.ask("open", conversation=str(uuid4()))
    await mei.ask("open", conversation="../../etc")
    assert mei.screen.kinds() == {"failed"}


async def test_a_colleague_s_conversation_cannot_be_answered_and_the_text_comes_back_as_refused(services: ConsoleServices) -> None:
    conversation_id = await waiting_conversation(services)
    mei, rui = await open_page(services), await open_page(services, name="Rui")
    await mei.ask("take", id="1", conversation=str(conversation_id))
    await rui.ask("send", id="2", conversation=str(conversation_id), text="Me too", take=True)
    assert rui.screen.last("failed")["id"] == "2"
    assert "Mei" in rui.screen.last("failed")["message"]
    assert await said_by_agents(services, conversation_id) == []


async def test_the_same_message_sent_again_reaches_the_customer_once(services: ConsoleServices) -> None:
    conversation_id = await waiting_conversation(services)
    mei = await open_page(services)
    for _ in range(2):
        await mei.ask("send", id="same", conversation=str(conversation_id), text="Hello", take=True)
    assert await said_by_agents(services, conversation_id) == ["Hello"]


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
async def test_an_empty_or_overlong_reply_is_refused_with_its_id(services: ConsoleServices, text: str) -> None:
    conversation_id = await waiting_conversation(services)
    mei = await open_page(services)
    await mei.ask("send", id="7", conversation=str(conversation_id), text=text, take=True)
    assert mei.screen.last("failed")["id"] == "7"


async def test_a_note_needs_no_taking_and_stays_in_the_house(services: ConsoleServices) -> None:
    conversation_id = await waiting_conversation(services)
    mei = await open_page(services)
    await mei.ask("send", id="1", conversation=str(conversation_id), text="Knows us well", note=True)
    assert (await messages_of(services, conversation_id))[-1].visibility == "note"
    assert await handler_of(services, conversation_id) == Handler.QUEUE


@pytest.mark.parametrize(("action", "handler"), [("release", Handler.QUEUE), ("hand_back", Handler.BOT), ("resolve", Handler.BOT)])
async def test_a_held_conversation_can_be_let_go(services: ConsoleServices, action: str, handler: Handler) -> None:
    conversation_id = await waiting_conversation(services)
    mei = await open_page(services)
    await mei.ask("take", conversation=str(conversation_id))
    await mei.ask(action, id="1", conversation=str(conversation_id))
    assert mei.screen.last("done")["id"] == "1"
    assert await handler_of(services, conversation_id) == handler


@pytest.mark.parametrize("action", ["release", "hand_back", "resolve"])
async def test_what_one_does_not_hold_cannot_be_let_go(services: ConsoleServices, action: str) -> None:
    conversation_id = await waiting_conversation(services)
    mei = await open_page(services)
    await mei.ask(action, id="1", conversation=str(conversation_id))
    assert mei.screen.last("failed")["id"] == "1"


@pytest.mark.parametrize(("text", "event"), [(DRAFTS[0], "suggestion.accepted"), (DRAFTS[0] + " Sorry!", "suggestion.edited")])
async def test_sending_a_draft_records_whether_it_was_changed(services: ConsoleServices, text: str, event: str) -> None:
    mei, conversation_id, drafts = await open_with_drafts(services)
    await mei.ask("send", id="1", conversation=str(conversation_id), text=text, suggestion=str(drafts[0]))
    assert await events_of(services, "suggestion.") == [event]


async def test_a_draft_of_another_conversation_is_not_recorded_as_used(services: ConsoleServices) -> None:
    mei, _, drafts = await open_with_drafts(services)
    other = await waiting_conversation(services, who="rui")
    await mei.ask("open", conversation=str(other))
    await mei.ask("send", id="1", conversation=str(other), text=DRAFTS[0], suggestion=str(drafts[0]), take=True)
    assert await said_by_agents(services, other) == [DRAFTS[0]]
    assert await events_of(services, "suggestion.") == []


async def test_drafts_on_the_screen_of_someone_who_may_answer_count_as_shown_once(services: ConsoleServices) -> None:
    mei, conversation_id, drafts = await open_with_drafts(services, take=False)
    for _ in range(2):
        await mei.ask("shown", conversation=str(conversation_id), ids=[str(d) for d in drafts])
    assert await events_of(services, "suggestion.") == ["suggestion.shown"] * 2


async def test_drafts_before_someone_who_may_not_answer_do_not_count_as_shown(services: ConsoleServices) -> None:
    _, conversation_id, drafts = await open_with_drafts(services)
    rui = await open_page(services, name="Rui")
    await rui.ask("open", conversation=str(conversation_id))
    await rui.ask("shown", conversation=str(conversation_id), ids=[str(d) for d in drafts])
    assert await events_of(services, "suggestion.") == []


async def test_a_dismissed_draft_goes_away_and_is_recorded(services: ConsoleServices) -> None:
    mei, conversation_id, drafts = await open_with_drafts(services)
    await mei.ask("dismiss", conversation=str(conversation_id), suggestion=str(drafts[0]))
    assert [item["id"] for item in mei.screen.last("suggestions")["items"]] == [str(drafts[1])]
    async with services.database.transaction() as session:
        row = await session.get(SuggestionRow, drafts[0])
    assert row is not None
    assert row.state == "dismissed"


async def test_no_command_is_left_out_above(services: ConsoleServices) -> None:
    assert set((await open_page(services)).commands.handlers) == set(COMMANDS)


async def test_an_unknown_command_is_refused(services: ConsoleServices) -> None:
    mei = await open_page(services)
    await mei.ask("drop_tables")
    assert mei.screen.kinds() == {"failed"}
