"""What waiting customers are told: their place, an honest wait, the hours, and that they may leave an address."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from context.callbacks import AddressError, Kind, close_callbacks, find_open_callback, parse_address, request_callback
from context.conversations import lock_conversation
from context.events import Actor
from context.handoffs import find_latest_handoff
from context.phrases import WEEKDAYS
from context.staff.hours import ALWAYS, parse_hours
from context.staff.teams import save_team
from context.types import Handler, HandoffReason
from desk.callbacks import list_callbacks
from desk.line import minutes_to_say, pace, read_places
from desk.waiting import Service, compose, service_now
from kit.db import Database
from kit.errors import ConflictError
from tests.desk.house import House

ana_pt = "ana@example.pt"
OPEN = Service()


def test_a_pace_needs_five_waits_and_is_what_three_of_four_did_not_exceed() -> None:
    assert pace([(60.0, 1)] * 4) is None
    assert pace([(60.0, 2), (60.0, 1), (30.0, 1), (90.0, 3), (600.0, 1)]) == 60.0
    assert pace([(60.0, 1)] * 5, waiting=(900.0, 3)) == 300.0


@pytest.mark.parametrize(("seconds", "minutes"), [(5, 1), (61, 2), (1201, 30), (3600, 60), (3601, None)])
def test_a_wait_is_rounded_up_to_what_people_say(seconds: float, minutes: int | None) -> None:
    assert minutes_to_say(seconds) == minutes


def test_the_words_say_place_and_wait_and_nothing_that_is_unknown() -> None:
    first = compose("en", place=1, told_place=None, seconds=None, service=OPEN, offer=True)
    assert first.text.startswith("You are first in the queue. Meanwhile you can ask here")
    assert "If you would rather not wait" in first.text
    assert first.custom == {"callback": True}
    later = compose("en", place=3, told_place=6, seconds=100, service=OPEN, offer=False)
    assert (later.text, later.custom) == ("You are now number 3 in the queue. The wait is about 2 minutes.", {})


def test_when_closed_the_hours_are_told_and_no_place() -> None:
    lisbon = parse_hours("Europe/Lisbon", {"0": [["09:00", "18:00"]], "1": [["09:00", "18:00"]]})
    service = service_now([lisbon], datetime(2026, 7, 3, 20, 0, tzinfo=UTC))
    said = compose("pt", place=4, told_place=None, seconds=60, service=service, offer=False).text
    assert said.startswith("A nossa equipa não está disponível agora e volta na segunda-feira às 09:00. Entretanto pode perguntar aqui")
    assert service_now([lisbon, ALWAYS], datetime(2026, 7, 3, 20, 0, tzinfo=UTC)).open
    assert service_now([], datetime(2026, 7, 3, 20, 0, tzinfo=UTC)).open


@pytest.mark.parametrize("language", sorted(WEEKDAYS))
def test_every_language_has_words_for_everything(language: str) -> None:
    closed = Service(open=False, back=datetime(2026, 7, 5, 9, 0, tzinfo=UTC))
    said = {
        compose(language, place=place, told_place=told, seconds=seconds, service=service, offer=offer).text
        for place in (1, 7)
        for told in (None, 20)
        for seconds in (None, 30.0, 300.0, 9999.0)
        for service in (OPEN, closed, Service(open=False))
        for offer in (True, False)
    }
    assert len(said) == 2 * 2 * 4 * 2 + 2 * 2 * 2  # when closed neither place nor wait matter
    assert not any("{" in text for text in said)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" Ana.Silva@Example.PT ", (Kind.EMAIL, "ana.silva@example.pt")),
        ("+351 912 345 678", (Kind.PHONE, "+351912345678")),
        ("(852) 2345-6789", (Kind.PHONE, "85223456789")),
        ("＋８５２ ２３４５ ６７８９", (Kind.PHONE, "+85223456789")),
    ],
)
def test_an_address_or_a_number_is_recognised(given: str, kept: tuple[Kind, str]) -> None:
    assert parse_address(given) == kept


@pytest.mark.parametrize(
    "given", ["", "ana", "ana@", "ana@example", "a b@example.com", "12345", "1" * 16, "call 912345678", "x" * 250 + "@a.pt"]
)
def test_what_is_neither_is_refused(given: str) -> None:
    with pytest.raises(AddressError):
        parse_address(given)


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


@pytest.mark.integration
async def test_a_waiting_customer_is_told_once_and_then_only_of_good_news(house: House) -> None:
    ana = await house.person("ana")
    line = []
    for n in range(6):
        line.append(await house.waits(f"v{n}"))
        house.later(seconds=1)
    house.later(seconds=5)
    assert await house.teller.tell() == 6
    assert (await house.said(line[5]))[-1].startswith("You are number 6 in the queue.")
    assert await house.teller.tell() == 0
    await house.desk.take(ana.id, line[0])
    await house.desk.take(ana.id, line[1])
    house.later(seconds=70)
    assert await house.teller.tell() == 2  # the third is first now, the fourth of four has halved to two; from 6 to 4 is no news
    assert (await house.said(line[2]))[-1].startswith("You are now first in the queue.")
    assert "leave an e-mail" not in (await house.said(line[2]))[-1]
    await house.desk.take(ana.id, line[2])
    assert await house.teller.tell() == 2  # the last two; who is first now was told within this minute
    house.later(seconds=70)
    assert await house.teller.tell() == 1


@pytest.mark.integration
async def test_who_is_answered_at_once_is_not_told_that_they_wait(house: House) -> None:
    ana = await house.person("ana")
    found = await house.waits("v")
    house.later(seconds=1)
    assert await house.teller.tell() == 0
    await house.desk.take(ana.id, found)
    house.later(seconds=10)
    assert await house.teller.tell() == 0


@pytest.mark.integration
async def test_the_expected_wait_comes_from_recent_real_waits(house: House) -> None:
    ana = await house.person("ana")
    for n in range(5):
        found = await house.waits(f"v{n}")
        house.later(minutes=4)
        await house.desk.take(ana.id, found)
    late = await house.waits("late")
    house.later(seconds=5)
    await house.teller.tell()
    assert "The wait is about 5 minutes." in (await house.said(late))[-1]
    async with house.database.transaction() as session:
        handoff = await find_latest_handoff(session, late)
    assert handoff is not None
    assert (handoff.place, handoff.told_seconds) == (1, 240)
    house.later(hours=3)
    later = await house.waits("later")
    house.later(seconds=5)
    await house.teller.tell()
    assert "The wait" not in (await house.said(later))[-1]


@pytest.mark.integration
async def test_the_more_urgent_stand_before_others(house: House) -> None:
    asked = await house.waits("asked")
    house.later(seconds=60)
    angry = await house.waits("angry", reason=HandoffReason.ANGRY)
    async with house.database.transaction() as session:
        assert await read_places(session) == {angry: 1, asked: 2}


@pytest.mark.integration
async def test_outside_the_hours_a_customer_hears_when_people_are_back(house: House) -> None:
    async with house.database.transaction() as session:
        await save_team(session, key="care", name="Care", time_zone="Asia/Hong_Kong", week={str(n): [["09:00", "18:00"]] for n in range(5)})
    house.later(hours=1)  # Monday 11:00 UTC is 19:00 in Hong Kong
    found = await house.waits("v", language="zh-Hant")
    house.later(seconds=5)
    await house.teller.tell()
    assert (await house.said(found))[-1].startswith("我們的團隊現在不在，將於星期二 09:00 回來。等候期間可以先在這裡發問")


@pytest.mark.integration
async def test_an_address_is_kept_confirmed_and_shown_to_agents_and_the_queue_keeps_the_conversation(house: House) -> None:
    ana = await house.person("ana")
    found = await house.waits("v", language="pt")
    async with house.database.transaction() as session:
        conversation = await lock_conversation(session, found)
        await request_callback(session, house.ledger, conversation, address="Ana@Example.pt")
        again = await request_callback(session, house.ledger, conversation, address="ana@example.pt")
        assert [(c.address, c.conversation_id, c.kind) for c in await list_callbacks(session, ana)] == [(ana_pt, found, "email")]
        assert again.closed_at is None
    assert (await house.row(found)).handler == Handler.QUEUE
    assert [text for text in await house.said(found) if "Vamos escrever para ana@example.pt" in text] == [(await house.said(found))[-1]]
    assert len(await house.events(found, "callback.requested")) == 1


@pytest.mark.integration
async def test_another_address_replaces_the_first_and_a_resolved_conversation_asks_nobody_back(house: House) -> None:
    ana = await house.person("ana")
    found = await house.waits("v")
    async with house.database.transaction() as session:
        conversation = await lock_conversation(session, found)
        await request_callback(session, house.ledger, conversation, address="ana@example.com")
        await request_callback(session, house.ledger, conversation, address="+351 912 345 678")
        assert [c.address for c in await list_callbacks(session, ana)] == ["+351912345678"]
    await house.desk.take(ana.id, found)
    house.later(seconds=10)
    await house.desk.resolve(ana.id, found)
    async with house.database.transaction() as session:
        assert await list_callbacks(session, ana) == []
    assert (await house.events(found, "callback.closed"))[0]["outcome"] == "resolved"


@pytest.mark.integration
async def test_only_who_waits_can_ask_to_be_called_back(house: House) -> None:
    found = await house.writes("v")
    async with house.database.transaction() as session:
        conversation = await lock_conversation(session, found)
        with pytest.raises(ConflictError, match="Nobody waits"):
            await request_callback(session, house.ledger, conversation, address="ana@example.com")
        assert await close_callbacks(session, house.ledger, conversation, outcome="reached", actor=Actor("system")) is None
        assert await find_open_callback(session, found) is None
