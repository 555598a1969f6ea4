"""What makes the inbox comfortable: undo, drafts, mentions, labels, sleep, passing on, merging, search, views, colleagues, preferences."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from console.inbox.sending import HeldSender
from console.services import ConsoleServices
from context import ownership
from context.conversations import get_conversation, list_messages, lock_conversation
from context.events import SlaBreached
from context.inbound import record_inbound
from context.labels.keeping import labels_of, put_label, save_label
from context.ledger import SYSTEM, Ledger
from context.macros.storing import create_macro
from context.macros.types import MacroAction, MacroDraft, MacroStep
from context.models import ConversationRow, EventRow, IdentityRow, MessageRow
from context.staff.accounts import close_session
from context.types import Handler, HandoffReason, HandoffRequest, Inbound, Role, Status
from desk.personal.drafts import find_draft
from desk.presence import PresenceState, record_presence
from kit.clock import utc_now
from tests.console.desk import DRAFTS, OpenPage, customer_writes, make_drafts, open_page, waiting_conversation

pytestmark = pytest.mark.integration


async def held_by(services: ConsoleServices, page: OpenPage, *, who: str = "ana") -> UUID:
    """A conversation that this person has taken and opened."""
    found = await waiting_conversation(services, who=who)
    await page.ask("take", conversation=str(found))
    await page.ask("open", conversation=str(found))
    return found


async def said(services: ConsoleServices, conversation_id: UUID) -> list[str]:
    async with services.database.transaction() as session:
        return [m.content.text for m in await list_messages(session, [conversation_id]) if m.author == "agent"]


async def row_of(services: ConsoleServices, conversation_id: UUID) -> ConversationRow:
    async with services.database.transaction() as session:
        return await get_conversation(session, conversation_id)


async def wait_over(services: ConsoleServices) -> None:
    """What is held back goes out, as if its time had come."""
    ledger = Ledger(services.ledger.enqueuer, {}, lambda: utc_now() + timedelta(minutes=1))
    await HeldSender(replace(services, ledger=ledger)).send_due()


async def test_a_reply_is_held_shown_and_undone_with_its_text(services: ConsoleServices) -> None:
    mei = await open_page(services, undo_seconds=5)
    found = await held_by(services, mei)
    await mei.ask("send", id="one", conversation=str(found), text="Hello")
    assert mei.screen.last("held")["held"]["text"] == "Hello"
    await mei.ask("undo", sending="one")
    assert mei.screen.last("undone")["text"] == "Hello"
    await wait_over(services)
    assert await said(services, found) == []
    async with services.database.transaction() as session:
        draft = await find_draft(session, mei.staff.id, found)
    assert draft is not None
    assert draft.text == "Hello"


async def test_a_held_reply_goes_out_though_the_page_is_gone_and_its_suggestion_counts(services: ConsoleServices) -> None:
    mei = await open_page(services, undo_seconds=5)
    found = await held_by(services, mei)
    async with services.database.transaction() as session:
        message = (await list_messages(session, [found]))[0].id
    drafts = await make_drafts(services, found, message)
    await mei.ask("open", conversation=str(found))
    await mei.ask("send", id="one", conversation=str(found), text=DRAFTS[0], suggestion=str(drafts[0]))
    mei.page.leave()
    assert await said(services, found) == []
    await wait_over(services)
    assert await said(services, found) == [DRAFTS[0]]
    async with services.database.transaction() as session:
        names = (await session.execute(select(EventRow.name).where(EventRow.name.startswith("suggestion.")))).scalars()
    assert list(names) == ["suggestion.accepted"]


async def test_letting_a_conversation_go_sends_what_was_held_first(services: ConsoleServices) -> None:
    mei = await open_page(services, undo_seconds=5)
    found = await held_by(services, mei)
    await mei.ask("send", id="one", conversation=str(found), text="Done, goodbye")
    await mei.ask("release", id="2", conversation=str(found))
    assert await said(services, found) == ["Done, goodbye"]
    assert (await row_of(services, found)).handler == Handler.QUEUE


async def test_a_draft_comes_back_on_another_machine_and_is_gone_once_sent(services: ConsoleServices) -> None:
    mei = await open_page(services)
    found = await held_by(services, mei)
    await mei.ask("draft", conversation=str(found), text="Half a sen", body={"note": True, "files": [], "secret": "x"})
    await mei.ask("open", conversation=str(found))
    draft = mei.screen.last("opened")["draft"]
    assert (draft["text"], draft["note"], "secret" in draft) == ("Half a sen", True, False)
    await mei.ask("send", id="1", conversation=str(found), text="Half a sentence")
    await mei.ask("open", conversation=str(found))
    assert mei.screen.last("opened")["draft"] is None


async def test_a_login_that_ends_while_one_writes_loses_nothing(services: ConsoleServices) -> None:
    mei = await open_page(services)
    found = await held_by(services, mei)
    await mei.ask("draft", conversation=str(found), text="Dear Ana, about your", body={})
    async with services.database.transaction() as session:
        await close_session(session, mei.login.token)
    await mei.ask("send", id="1", conversation=str(found), text="Dear Ana, about your parcel")
    assert mei.screen.last("expired") == {"id": "1"}
    async with services.database.transaction() as session:
        draft = await find_draft(session, mei.staff.id, found)
    assert draft is not None
    assert draft.text == "Dear Ana, about your"
    assert await said(services, found) == []


async def test_a_note_tells_the_colleague_it_names_once_and_nobody_else(services: ConsoleServices) -> None:
    mei, rui, eva = await open_page(services), await open_page(services, name="Rui"), await open_page(services, Role.EDITOR, name="Eva")
    found = await waiting_conversation(services)
    named = [str(rui.staff.id), str(eva.staff.id), str(mei.staff.id)]
    for _ in range(2):
        await mei.ask("send", id="n1", conversation=str(found), text="@Rui please look", note=True, mentions=named)
    await rui.ask("notifications")
    assert [(n["by"], n["text"]) for n in rui.screen.last("notifications")["items"]] == [("Mei", "@Rui please look")]
    await rui.ask("view", view="mentions")
    assert [row["id"] for row in rui.screen.last("list")["rows"]] == [str(found)]
    assert rui.screen.last("list")["counts"]["mentions"] == 1
    await rui.ask("open", conversation=str(found))
    await rui.ask("view", view="mentions")
    assert rui.screen.last("list")["counts"]["mentions"] == 0


async def test_labels_are_put_on_and_filter_the_list(services: ConsoleServices) -> None:
    sue, mei = await open_page(services, Role.SUPERVISOR, name="Sue"), await open_page(services)
    found, _other = await waiting_conversation(services), await waiting_conversation(services, who="rui")
    await sue.ask("new_label", conversation=str(found), title="Fragile", colour="red")
    label = sue.screen.last("meta")["labels"][0]["id"]
    await mei.ask("view", view="all", filters={"labels": [label]})
    assert [row["id"] for row in mei.screen.last("list")["rows"]] == [str(found)]
    await mei.ask("label", conversation=str(found), label=label, on=False)
    await mei.ask("view", view="all", filters={"labels": [label]})
    assert mei.screen.last("list")["rows"] == []
    await mei.ask("new_label", title="Mine", colour="red")
    assert "manage_labels" in mei.screen.last("failed")["hint"]


async def test_a_snoozed_conversation_sleeps_and_is_woken(services: ConsoleServices) -> None:
    mei = await open_page(services)
    found = await held_by(services, mei)
    await mei.ask("snooze", id="1", conversation=str(found), until=int((utc_now() + timedelta(hours=1)).timestamp() * 1000))
    assert (await row_of(services, found)).status == Status.SNOOZED
    await mei.ask("wake", id="2", conversation=str(found))
    assert (await row_of(services, found)).status == Status.OPEN
    await mei.ask("snooze", id="3", conversation=str(found), until=1)
    await mei.ask("snooze", id="4", conversation=str(found), until="soon")
    assert [data["id"] for kind, data in mei.screen.told if kind == "failed"] == ["3", "4"]


async def test_a_conversation_is_passed_to_a_colleague_who_is_here(services: ConsoleServices) -> None:
    mei, rui = await open_page(services), await open_page(services, name="Rui")
    found = await held_by(services, mei)
    await mei.ask("transfer", id="1", conversation=str(found), to=str(rui.staff.id), note="Speaks Portuguese")
    assert mei.screen.last("failed")["id"] == "1"
    async with services.database.transaction() as session:
        await record_presence(session, rui.staff.id, PresenceState.ONLINE)
    await mei.ask("transfer", id="2", conversation=str(found), to=str(rui.staff.id), note="Speaks Portuguese")
    assert (await row_of(services, found)).agent_id == rui.staff.id
    assert "Speaks Portuguese" in await said(services, found)


async def mail(services: ConsoleServices, conversation_id: UUID, *, text: str) -> UUID:
    """The same customer writes in an e-mail thread; returns that conversation."""
    contact_id = (await row_of(services, conversation_id)).contact_id
    async with services.database.transaction() as session:
        known = select(IdentityRow.id).where(IdentityRow.external_id == "ana@example.com")
        if (await session.execute(known)).first() is None:
            session.add(IdentityRow(contact_id=contact_id, channel="email", account="main", external_id="ana@example.com"))
            await session.flush()
        inbound = Inbound("email", "main", "ana@example.com", uuid.uuid4().hex, text, language="en")
        return (await record_inbound(session, services.ledger, inbound, thread_key="thread-1")).message.conversation_id


async def test_two_conversations_of_one_customer_become_one_and_stay_one(services: ConsoleServices) -> None:
    mei = await open_page(services)
    chat = await held_by(services, mei)
    letter = await mail(services, chat, text="The same by mail")
    assert letter != chat
    await mei.ask("merge", id="1", conversation=str(chat), source=str(letter))
    assert [m["text"] for m in mei.screen.last("opened")["messages"] if m["author"] == "customer"] == [
        "Where is my order?",
        "The same by mail",
    ]
    assert await mail(services, chat, text="And one more") == chat
    assert (await row_of(services, letter)).status == Status.RESOLVED


async def test_an_undone_merge_puts_everything_back_and_what_was_said_since_stays_where_it_was_said(services: ConsoleServices) -> None:
    mei = await open_page(services)
    chat = await held_by(services, mei)
    letter = await mail(services, chat, text="The same by mail")
    async with services.database.transaction() as session:
        row = await lock_conversation(session, letter)
        handoff = await ownership.hand_off(session, services.ledger, row, request=HandoffRequest(HandoffReason.ANGRY))
        row.dialogue, waited, asked = {"form": "return"}, row.waiting_since, handoff.id
        label = await save_label(session, "Late", "red")
        await put_label(session, services.ledger, row, label_id=label.id, actor=SYSTEM)
        before = await row_of(services, chat)
    await mei.ask("merge", id="1", conversation=str(chat), source=str(letter))
    assert ((await row_of(services, chat)).urgency, (await row_of(services, chat)).waiting_since) == (2, before.waiting_since or waited)
    assert await mail(services, chat, text="And one more") == chat
    (merge,) = mei.screen.last("side")["merges"]
    await mei.ask("part", id="2", merge=merge["id"])
    returned, stayed = await row_of(services, letter), await row_of(services, chat)
    assert (returned.handler, returned.status, returned.urgency, returned.waiting_since) == (Handler.QUEUE, Status.OPEN, 2, waited)
    assert (returned.dialogue, returned.merged_into_id, returned.resolved_at) == ({"form": "return"}, None, None)
    assert (stayed.handler, stayed.agent_id, stayed.urgency, stayed.waiting_since) == (
        Handler.AGENT, mei.staff.id, before.urgency, before.waiting_since,
    )  # fmt: skip
    async with services.database.transaction() as session:
        waiting = await ownership.find_waiting_handoff(session, letter)
        on = await labels_of(session, [chat, letter])
    assert waiting is not None
    assert (waiting.id, on) == (asked, {letter: [label.id]})
    assert [m["text"] for m in mei.screen.last("opened")["messages"] if m["author"] == "customer"] == ["Where is my order?", "And one more"]
    assert mei.screen.last("side")["merges"] == []
    assert await mail(services, chat, text="Anybody?") == letter
    await mei.ask("part", id="twice", merge=merge["id"])
    assert mei.screen.last("failed")["id"] == "twice"


async def test_where_somebody_else_answered_meanwhile_nobody_waits_for_that_again(services: ConsoleServices) -> None:
    mei, rui = await open_page(services), await open_page(services, name="Rui")
    chat = await held_by(services, mei)
    letter = await mail(services, chat, text="The same by mail")
    await mei.ask("merge", id="1", conversation=str(chat), source=str(letter))
    (merge,) = mei.screen.last("side")["merges"]
    await mei.ask("release", conversation=str(chat))
    await rui.ask("open", conversation=str(chat))
    await rui.ask("take", conversation=str(chat))
    await services.desk.reply(rui.staff.id, chat, "It comes tomorrow")
    stranger = await open_page(services, name="Bo")
    await stranger.ask("part", id="stranger", merge=merge["id"])
    assert stranger.screen.last("failed")["id"] == "stranger"
    await mei.ask("part", id="2", merge=merge["id"])
    returned, stayed = await row_of(services, letter), await row_of(services, chat)
    assert (returned.handler, returned.waiting_since, returned.answered_seq) == (Handler.BOT, None, returned.seq - 1)
    assert (stayed.handler, stayed.agent_id) == (Handler.AGENT, rui.staff.id)
    assert "It comes tomorrow" in await said(services, chat)


async def test_a_merge_is_not_undone_where_the_customer_began_anew_or_all_went_on_into_another(services: ConsoleServices) -> None:
    sue = await open_page(services, Role.SUPERVISOR, name="Sue")
    chat = await held_by(services, sue)
    letter = await mail(services, chat, text="By mail")
    await sue.ask("merge", id="1", conversation=str(chat), source=str(letter))
    (merge,) = sue.screen.last("side")["merges"]
    async with services.database.transaction() as session:
        row = await lock_conversation(session, chat)
        row.waiting_since = None
        await ownership.close_quiet(session, services.ledger, row)
    assert await mail(services, chat, text="Hello again") not in (chat, letter)
    await sue.ask("part", id="anew", merge=merge["id"])
    assert sue.screen.last("failed")["id"] == "anew"
    assert (await row_of(services, letter)).merged_into_id == chat


async def test_what_must_not_be_merged_is_refused(services: ConsoleServices) -> None:
    mei, rui = await open_page(services), await open_page(services, name="Rui")
    chat = await held_by(services, mei)
    letter, other = await mail(services, chat, text="By mail"), await waiting_conversation(services, who="somebody")
    await mei.ask("merge", id="themselves", conversation=str(chat), source=str(chat))
    await mei.ask("merge", id="strangers", conversation=str(chat), source=str(other))
    await mei.ask("merge", id="chat", conversation=str(letter), source=str(chat))
    await rui.ask("merge", id="colleague", conversation=str(chat), source=str(letter))
    refused = [data["id"] for page in (mei, rui) for kind, data in page.screen.told if kind == "failed"]
    assert refused == ["themselves", "strangers", "chat", "colleague"]


async def test_a_macro_is_filled_sent_and_followed_by_its_steps(services: ConsoleServices) -> None:
    sue = await open_page(services, Role.SUPERVISOR, name="Sue")
    found = await held_by(services, sue)
    await sue.ask("new_label", title="Late", colour="red")
    steps = (MacroAction(MacroStep.ADD_LABEL, "late"), MacroAction(MacroStep.ADD_NOTE, "Told them"), MacroAction(MacroStep.RESOLVE))
    async with services.database.transaction() as session:
        draft = MacroDraft("Sorry", {"en": "Dear {{contact.first_name | customer}}, it is late."}, actions=steps)
        macro = await create_macro(session, sue.staff, draft)
        row = await get_conversation(session, found)
        row.last_customer_at = utc_now() - timedelta(hours=1)
        for message in await session.scalars(select(MessageRow).where(MessageRow.conversation_id == found)):
            message.at = utc_now() - timedelta(hours=1)
    await sue.ask("macros", text="sor")
    assert [one["title"] for one in sue.screen.last("macros")["items"]] == ["Sorry"]
    await sue.ask("macro", conversation=str(found), macro=str(macro.id))
    filled = sue.screen.last("macro")
    assert filled["text"] == "Dear Ana, it is late."
    await sue.ask("send", id="1", conversation=str(found), text=filled["text"], macro=str(macro.id))
    assert (await row_of(services, found)).status == Status.RESOLVED
    assert await said(services, found) == ["Dear Ana, it is late.", "Told them"]
    await sue.ask("open", conversation=str(found))
    assert len(sue.screen.last("opened")["row"]["labels"]) == 1


async def test_words_chinese_and_people_are_found(services: ConsoleServices) -> None:
    mei, eva = await open_page(services), await open_page(services, Role.EDITOR)
    first = await customer_writes(services, "我想退貨，杯子破了", who="chan")
    second = await customer_writes(services, "Where is my parcel LC-100002?", who="ana")
    await mei.ask("search", text="退貨")
    assert [one["row"]["id"] for one in mei.screen.last("found")["conversations"]] == [str(first)]
    await mei.ask("search", text="lc-1000 parcel")
    hit = mei.screen.last("found")["conversations"][0]
    assert hit["row"]["id"] == str(second)
    assert "parcel" in [hit["snippet"][a:b] for a, b in hit["marks"]]
    await mei.ask("search", text="chan")
    assert [p["conversation"] for p in mei.screen.last("found")["people"]] == [str(first)]
    await mei.ask("search", text="' | :*")
    assert mei.screen.last("found")["conversations"] == []
    await eva.ask("search", text="parcel")
    assert eva.screen.kinds() == {"failed"}


async def test_colleagues_in_the_same_conversation_know_of_each_other(services: ConsoleServices) -> None:
    mei = await open_page(services)
    rui = await open_page(services, name="Rui", shared=mei.page.shared)
    found = await waiting_conversation(services)
    for page in (mei, rui):
        await page.ask("open", conversation=str(found))
    assert [one["name"] for one in mei.screen.last("colleagues")["colleagues"]] == ["Rui"]
    await rui.ask("typing", conversation=str(found), on=True, note=True)
    assert mei.screen.last("colleagues")["colleagues"][0]["writes"] is True
    rui.page.leave()
    assert mei.screen.last("colleagues")["colleagues"] == []


async def test_a_kept_view_is_listed_and_deleted(services: ConsoleServices) -> None:
    mei = await open_page(services)
    await mei.ask("save_view", title="Web", view="mine", filters={"channels": ["web"]}, shared=False)
    saved = mei.screen.last("meta")["saved"][0]
    assert (saved["title"], saved["view"], saved["filters"]) == ("Web", "mine", {"channels": ["web"]})
    await mei.ask("delete_view", saved=saved["id"])
    assert mei.screen.last("meta")["saved"] == []


async def test_a_long_list_comes_page_by_page(services: ConsoleServices) -> None:
    mei = await open_page(services)
    for number in range(65):
        await customer_writes(services, who=f"customer-{number}")
    await mei.ask("view", view="all")
    first = mei.screen.last("list")
    await mei.ask("more", after=first["rows"][-1]["place"])
    rest = mei.screen.last("more")
    assert (len(first["rows"]), first["more"], len(rest["rows"]), rest["more"]) == (60, True, 5, False)
    assert len({row["id"] for row in first["rows"] + rest["rows"]}) == 65


@pytest.mark.parametrize("changes", [{"language": "fr"}, {"sound": "yes"}, {"colour": "red"}, {"undo_seconds": True}, []])
async def test_a_setting_that_does_not_exist_is_refused(services: ConsoleServices, changes: object) -> None:
    mei = await open_page(services)
    await mei.ask("prefer", changes=changes)
    assert mei.screen.kinds() == {"failed"}


async def test_a_setting_is_kept(services: ConsoleServices) -> None:
    mei = await open_page(services)
    await mei.ask("prefer", changes={"language": "zh-Hant", "theme": "dark", "sound": True})
    kept = mei.screen.last("meta")["preferences"]
    assert (kept["language"], kept["theme"], kept["sound"], kept["desktop"]) == ("zh-Hant", "dark", True, False)


async def test_a_message_in_a_list_that_is_not_shown_is_not_sent_to_the_page(services: ConsoleServices) -> None:
    mei, _ = await open_page(services), await waiting_conversation(services)
    await mei.ask("view", view="resolved")
    with_bot = await customer_writes(services, who="rui")
    line = await mei.page.shared.rows.get(mei.staff, with_bot, position=0)
    mei.page.show_lines(mei.staff, {with_bot: line}, fresh={with_bot})
    assert "rows" not in mei.screen.kinds()


async def test_the_numbers_are_those_of_one_person(services: ConsoleServices) -> None:
    mei, rui = await open_page(services), await open_page(services, name="Rui")
    found = await held_by(services, mei)
    await waiting_conversation(services, who="rui")
    async with services.database.transaction() as session:
        row = await lock_conversation(session, found)
        row.due_at, row.due_metric = utc_now() - timedelta(minutes=1), "next_response"
        await services.ledger.append(session, SlaBreached(metric="next_response", due_at=""), actor=SYSTEM, conversation=row)
    for page, mine in ((mei, 1), (rui, 0)):
        await page.ask("view", view="breached")
        counts = page.screen.last("list")["counts"]
        assert (counts["mine"], counts["unassigned"], counts["breached"], counts["all"]) == (mine, 1, 1, 2)
        assert [r["id"] for r in page.screen.last("list")["rows"]] == [str(found)]
