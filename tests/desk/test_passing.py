"""Passing conversations on: to a person, to a team, back to the bot, each with what the receiving side needs."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from context.conversations import dump_understanding, list_messages, lock_conversation
from context.handoffs import find_latest_handoff
from context.models import MessageRow
from context.ownership import Settled, merge_away
from context.staff.teams import save_team
from context.types import Handler, Status, Understanding
from desk.card import make_card
from desk.work import NotThereError
from kit.db import Database
from kit.errors import ConflictError, NotFoundError
from tests.desk.house import House

pytestmark = pytest.mark.integration


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def notes(house: House, conversation: UUID) -> list[str]:
    """The private notes."""
    async with house.database.transaction() as session:
        return [m.content.text for m in await list_messages(session, [conversation]) if m.visibility == "note"]


async def packet(house: House, conversation: UUID) -> dict[str, object]:
    """The newest one."""
    async with house.database.transaction() as session:
        handoff = await find_latest_handoff(session, conversation)
    assert handoff is not None
    return handoff.packet


async def test_a_colleague_who_is_here_gets_the_conversation_with_the_note(house: House) -> None:
    ana, bo = await house.person("ana"), await house.person("bo")
    found = await house.waits("v")
    await house.desk.take(ana.id, found)
    await house.desk.transfer(ana.id, found, to=bo.id, note="Wants a refund, checked the order")
    row = await house.row(found)
    assert (row.handler, row.agent_id) == (Handler.AGENT, bo.id)
    assert await notes(house, found) == ["Wants a refund, checked the order"]
    card = make_card(await packet(house, found), language="en")
    assert (card.title, card.note) == ("From Ana", "Wants a refund, checked the order")
    assert (await house.events(found, "agent.assigned"))[-1] == {"staff_id": str(bo.id), "by": str(ana.id)}
    with pytest.raises(ConflictError):
        await house.desk.reply(ana.id, found, "still me?")


async def test_nobody_who_is_away_or_unknown_gets_a_conversation(house: House) -> None:
    ana, bo = await house.person("ana"), await house.person("bo", here=False)
    found = await house.waits("v")
    await house.desk.take(ana.id, found)
    with pytest.raises(NotThereError, match="Bo is not here"):
        await house.desk.transfer(ana.id, found, to=bo.id)
    with pytest.raises(NotFoundError):
        await house.desk.transfer(ana.id, found, to=uuid4())
    with pytest.raises(ConflictError):
        await house.desk.transfer(ana.id, found, to=ana.id)
    assert (await house.row(found)).agent_id == ana.id


async def test_only_the_holder_passes_on(house: House) -> None:
    ana, bo = await house.person("ana"), await house.person("bo")
    found = await house.waits("v")
    await house.desk.take(ana.id, found)
    with pytest.raises(ConflictError, match="do not hold"):
        await house.desk.transfer(bo.id, found, to=bo.id)


async def test_a_team_gets_it_into_its_queue_and_whoever_takes_it_sees_the_note(house: House) -> None:
    ana, bo = await house.person("ana"), await house.person("bo")
    async with house.database.transaction() as session:
        team = await save_team(session, key="returns", name="Returns")
    found = await house.waits("v")
    await house.desk.take(ana.id, found)
    await house.desk.transfer_to_team(ana.id, found, team=team, note="Broken on arrival")
    row = await house.row(found)
    assert (row.handler, row.team_id) == (Handler.QUEUE, team)
    await house.desk.take(bo.id, found)
    kept = await packet(house, found)
    assert (kept["suggested_team"], kept["note"], kept["given_by"]) == ("returns", "Broken on arrival", "Ana")
    with pytest.raises(NotFoundError):
        await house.desk.transfer_to_team(bo.id, found, team=uuid4())


async def test_handing_back_tells_the_bot_what_was_settled(house: House) -> None:
    ana = await house.person("ana")
    found = await house.waits("v")
    await house.desk.take(ana.id, found)
    house.later(seconds=10)
    await house.desk.hand_back(
        ana.id, found, note="Refund is on its way", settled=Settled(("refund_status",), {"order_number": "LC-100002"})
    )
    row = await house.row(found)
    assert row.dialogue == {"handed_back": True, "reason": "customer_asked", "settled": ["refund_status"]}
    assert row.slots == {"order_number": "LC-100002"}
    assert await notes(house, found) == ["Refund is on its way"]
    assert (await house.events(found, "handback.done"))[0]["note"] == "Refund is on its way"


async def test_without_a_word_of_it_everything_that_the_customer_asked_for_counts_as_settled_once(house: House) -> None:
    ana = await house.person("ana")
    found = await house.waits("v")
    wish = dump_understanding(Understanding("en", "request_return", 0.9))
    async with house.database.transaction() as session:
        await session.execute(update(MessageRow).where(MessageRow.author == "customer").values(understanding=wish))
    await house.desk.take(ana.id, found)
    house.later(seconds=10)
    await house.desk.hand_back(ana.id, found)
    assert (await house.row(found)).dialogue["settled"] == ["request_return"]
    await house.desk.take(ana.id, found)
    await house.desk.hand_back(ana.id, found, settled=Settled(()))
    assert (await house.row(found)).dialogue == {"handed_back": True, "reason": "agent_took_over", "settled": []}
    await house.desk.take(ana.id, found)
    await house.desk.hand_back(ana.id, found)
    assert (await house.row(found)).dialogue["settled"] == []


async def test_the_same_reply_sent_again_is_stored_once(house: House) -> None:
    ana = await house.person("ana")
    found = await house.waits("v")
    await house.desk.take(ana.id, found)
    first = await house.desk.reply(ana.id, found, "Here I am", reference="r1")
    again = await house.desk.reply(ana.id, found, "Here I am", reference="r1")
    assert first.id == again.id
    assert (await house.said(found)).count("Here I am") == 1
    house.later(seconds=10)
    await house.desk.resolve(ana.id, found)
    assert (await house.desk.reply(ana.id, found, "Here I am", reference="r1")).id == first.id
    with pytest.raises(ConflictError):
        await house.desk.reply(ana.id, found, "another", reference="r2")


async def test_what_is_merged_into_another_ends_and_is_held_by_nobody(house: House) -> None:
    ana = await house.person("ana")
    one, other = await house.waits("one"), await house.waits("other")
    await house.desk.take(ana.id, one)
    async with house.database.transaction() as session:
        into, gone = await lock_conversation(session, other), await lock_conversation(session, one)
        await merge_away(session, house.ledger, gone, into=into)
    row = await house.row(one)
    assert (row.status, row.agent_id) == (Status.RESOLVED, None)
    assert await house.events(one, "conversation.merged") == [{"into_id": str(other)}]
