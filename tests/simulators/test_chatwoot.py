"""Baton as the agent bot of a simulated Chatwoot, one against the other, over HTTP and PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select, update

from assist.ports import Draft, FixedDrafts
from assist.suggest import Suggester
from assist.suggestions import list_suggestions
from channels.base import MediaGoneError
from channels.chatwoot.files import DeskFiles
from channels.letters import list_letters
from channels.media import MediaFetcher
from channels.models import ChannelAccountRow, ChannelIntakeRow, ChannelMediaRow, ChannelSendRow
from channels.registry import CAPABILITIES
from context.attachments.keeping import get_stored, read_bytes
from context.conversations import lock_conversation
from context.inbound import record_inbound
from context.models import ContactRow, EventRow, IdentityRow
from context.outside import find_desk
from context.ownership import hand_back, take_over
from context.staff.accounts import create_api_token, create_staff
from context.staff.models import StaffRow
from context.types import Author, Handler, Inbound, Role, Status
from kit.blobs import DirectoryBlobs
from kit.clock import utc_now
from kit.db import Database
from tests.context.test_attachments import picture
from tests.simulators.chatwoot_house import House, chatwoot_house, running_simulator

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
async def simulator() -> AsyncIterator[httpx.AsyncClient]:
    """One process for all."""
    async with running_simulator() as sim:
        yield sim


@pytest.fixture
async def house(database: Database, simulator: httpx.AsyncClient) -> AsyncIterator[House]:
    """Both sides."""
    async with chatwoot_house(database, simulator, language="zh-Hant") as house:
        yield house


def make_fetcher(house: House, folder: Path) -> MediaFetcher:
    """What fetches files in a worker."""
    rules = {name: one.media for name, one in CAPABILITIES.items()}
    return MediaFetcher(house.database, house.intake.accounts, {"chatwoot": DeskFiles()}, DirectoryBlobs(folder), rules, utc_now)


async def test_bot_person_and_bot_again_hold_one_conversation_and_nobody_answers_twice(house: House) -> None:
    await house.do("say", content="where is my parcel")
    assert await house.said() == ["You said where is my parcel"]
    assert await house.status() == "pending"

    await house.do("say", content="a person please")
    assert await house.status() == "open"
    (note,) = await house.said(private=True)
    assert note.splitlines()[0] == "**要求真人服務**"
    assert "where is my parcel" in note
    row = await house.row()
    assert (row.handler, row.status) == (Handler.AGENT, Status.OPEN)

    await house.do("say", content="hello?")
    assert len(await house.said()) == 2
    await house.do("agent", content="It comes tomorrow")
    seen = (await house.messages())[-1]
    assert (seen.author, seen.author_name, seen.content.text) == (Author.AGENT, "Ben Example", "It comes tomorrow")
    assert (await house.row()).waiting_since is None

    await house.do("status", status="pending")
    assert (await house.row()).handler == Handler.BOT
    assert len(await house.said()) == 2
    await house.do("say", content="thank you")
    assert (await house.said())[-1] == "You said thank you"
    assert await house.status() == "pending"


async def test_what_the_people_left_unanswered_is_answered_by_the_bot_once_it_is_back(house: House) -> None:
    await house.do("say", content="a person please")
    await house.do("agent", content="Hello")
    await house.do("say", content="what does it cost")
    await house.do("status", status="pending")
    assert (await house.said())[-1] == "You said what does it cost"


async def test_a_person_who_simply_answers_silences_the_bot_and_no_note_is_needed(house: House) -> None:
    await house.do("say", content="hi")
    await house.do("agent", content="I take this one")
    await house.do("say", content="great")
    assert (await house.row()).handler == Handler.AGENT
    assert (await house.said(), await house.said(private=True)) == (["You said hi"], [])
    assert await house.status() == "open"


async def test_in_a_conversation_that_people_had_before_the_bot_came_it_says_nothing(house: House) -> None:
    await house.sim.post("/sim/config", json={"hook": ""})
    await house.sim.post("/sim/agent", json={"content": "Hello, how may I help?"})
    await house.sim.post("/sim/status", json={"status": "open"})
    await house.sim.post("/sim/config", json={"hook": f"{house.url}/hooks/chatwoot/1"})
    await house.do("say", content="my order")
    assert (await house.said(), (await house.row()).handler) == ([], Handler.AGENT)


async def test_repeated_webhooks_store_each_message_once(house: House) -> None:
    await house.do("config", repeat=3)
    await house.do("say", content="one")
    await house.do("say", content="two")
    assert await house.said() == ["You said one", "You said two"]
    assert [m.content.text for m in await house.messages() if m.author == Author.CUSTOMER] == ["one", "two"]


async def test_buttons_are_a_choice_and_come_back_with_their_payload(house: House) -> None:
    await house.do("say", content="menu")
    offered = (await house.state())["messages"][-1]
    assert (offered["content_type"], offered["content_attributes"]["items"][0]["title"]) == ("input_select", "Track my order")
    await house.do("choose", message=offered["id"], item=0)
    assert (await house.said())[-1] == "chosen /track_order"


async def test_files_of_customers_are_fetched_through_the_desks_redirect_and_stand_in_their_message(house: House, tmp_path: Path) -> None:
    fetcher = make_fetcher(house, tmp_path)
    await house.do("config", late=1)
    url = (await house.sim.post("/sim/file/tea%20pot.png", content=picture())).json()["data_url"]
    await house.do("say", content="broken", attachments=[{"file_type": "image", "data_url": url, "file_size": 7}])
    assert await fetcher.fetch_some() == 1
    assert (await house.messages())[0].content.attachments == ()  # its upload to the store has not ended
    async with house.database.transaction() as session:
        await session.execute(update(ChannelMediaRow).values(next_at=None))
    await fetcher.fetch_some()
    stored = (await house.messages())[0]
    assert stored.content.text == "broken [image]"
    (file,) = stored.content.attachments
    assert (file.name, file.media_type) == ("tea-pot.png", "image/png")
    async with house.database.transaction() as session:
        assert await read_bytes(fetcher.blobs, await get_stored(session, file.id)) == picture()


@pytest.mark.parametrize(
    ("elsewhere", "data", "note"),
    [
        ("", b"MZ program", "The file says image/png"),
        ("http://169.254.169.254/latest", b"", "private address"),
        ("http://127.0.0.1:9/secret.png", b"", "private address"),
        ("file:///etc/passwd", b"", "is not an address"),
    ],
)
async def test_files_that_lie_or_lead_into_the_own_network_are_refused(
    house: House, tmp_path: Path, elsewhere: str, data: bytes, note: str
) -> None:
    await house.do("config", elsewhere=elsewhere)
    url = (await house.sim.post("/sim/file/a.png", content=data)).json()["data_url"]
    await house.do("say", content="look", attachments=[{"file_type": "image", "data_url": url, "extension": "png"}])
    await make_fetcher(house, tmp_path).fetch_some()
    (stored,) = [m for m in await house.messages() if m.author == Author.CUSTOMER]
    assert stored.content.attachments == ()
    assert note in stored.metadata["file_refused"]


async def test_a_file_at_a_private_address_that_is_not_the_desks_own_and_one_too_large_are_never_read(house: House) -> None:
    account = await house.intake.accounts.find("chatwoot", "1")
    assert account is not None
    url = (await house.sim.post("/sim/file/long.txt", content=b"0123456789")).json()["data_url"]
    assert await DeskFiles().fetch(url, account, max_bytes=10) == b"0123456789"
    with pytest.raises(MediaGoneError, match="larger than 9 bytes"):
        await DeskFiles().fetch(url, account, max_bytes=9)
    with pytest.raises(MediaGoneError, match="private address"):
        await DeskFiles().fetch(url.replace("127.0.0.1", "localhost"), account, max_bytes=10)


@pytest.mark.parametrize("old", [False, True])
async def test_a_handoff_sets_priority_labels_and_attributes_and_takes_nothing_away(house: House, old: bool) -> None:
    await house.do("say", content="hello")
    await house.do("set", values={"custom_attributes": {"plan": "gold"}, "labels": ["vip"]})
    if old:
        async with house.database.transaction() as session:
            await session.execute(update(ChannelAccountRow).values(settings=ChannelAccountRow.settings.concat({"signature": "url"})))
        await house.do("config", old=True, hook=f"{house.url}/hooks/chatwoot/1?key=hook-demo-secret")
    await house.do("say", content="an angry person please")
    found = (await house.state())["conversations"]["55"]
    assert (found["priority"], found["labels"]) == ("urgent", ["vip", "baton-angry"])
    assert found["custom_attributes"] == {"plan": "gold", "baton_reason": "angry", "baton_language": "en", "baton_intent": "ask"}


async def test_a_priority_that_is_higher_at_the_desk_already_stays(house: House) -> None:
    await house.do("say", content="hello")
    await house.do("set", values={"priority": "high"})
    await house.do("say", content="a person please")
    assert (await house.state())["conversations"]["55"]["priority"] == "high"


async def test_what_the_token_may_not_set_is_told_and_stops_neither_the_rest_nor_the_account(house: House) -> None:
    await house.do("say", content="hi")
    await house.do("config", fail=[0, 0, 0, 401])  # said, opened, noted, attributes
    await house.do("say", content="an angry person please")
    assert (await house.state())["conversations"]["55"]["priority"] == "urgent"
    async with house.database.transaction() as session:
        assert (await session.execute(select(ChannelAccountRow.state))).scalar_one() == "active"
        (letter,) = await list_letters(session)
    assert "custom attributes" in str(letter)


async def test_what_broke_off_is_set_again_and_nothing_where_the_account_wants_none(
    database: Database, simulator: httpx.AsyncClient
) -> None:
    async with chatwoot_house(database, simulator) as house:
        await house.do("config", fail=[0, 0, 0, 500, 0, 500])
        await house.do("say", content="an angry person please")
        assert (await house.state())["conversations"]["55"]["labels"] == ["baton-angry"]
        async with database.transaction() as session:
            await session.execute(update(ChannelAccountRow).values(settings=ChannelAccountRow.settings.concat({"facts": "off"})))
        await house.do("say", content="an angry person please", conversation=58, contact=9)
        plain = (await house.state())["conversations"]["58"]
    assert (plain["status"], plain["priority"], plain["labels"], plain["custom_attributes"]) == ("open", None, [], {})


async def test_resolved_there_is_resolved_here_without_a_word_and_the_next_message_begins_anew(house: House) -> None:
    await house.do("say", content="a person please")
    await house.do("status", status="resolved")
    assert (await house.row()).status == Status.RESOLVED
    assert len(await house.said()) == 1
    await house.do("say", content="one more thing")
    assert (await house.said())[-1] == "You said one more thing"


async def test_one_of_batons_own_people_may_take_it_and_hand_it_back_and_chatwoot_follows(house: House) -> None:
    await house.do("say", content="a person please")
    async with house.database.transaction() as session:
        ana = await create_staff(session, email="ana@example.com", name="Ana", role=Role.AGENT, password="long enough")
        row = await lock_conversation(session, (await house.row()).id)
        await take_over(session, house.ledger, row, staff=ana, holder_yields=True)
    async with house.database.transaction() as session:
        row = await lock_conversation(session, row.id)
        await hand_back(session, house.ledger, row, staff=await session.get_one(StaffRow, ana.id))
    await house.settle()
    assert await house.status() == "pending"
    assert any("Ana" in text for text in await house.said())


async def test_with_the_desk_switched_off_what_is_handed_over_waits_for_batons_own_people(house: House) -> None:
    await house.do("say", content="hi")
    async with house.database.transaction() as session:
        desk = await find_desk(session, "chatwoot", "1")
        assert desk is not None
        desk.active = False
    await house.do("say", content="a person please")
    assert ((await house.row()).handler, await house.status()) == (Handler.QUEUE, "pending")


async def test_the_same_person_in_another_inbox_is_one_contact_and_people_see_both(house: House) -> None:
    await house.do("say", content="a person please")
    await house.do("say", conversation=56, content="I also write here")
    async with house.database.transaction() as session:
        assert (await session.execute(select(func.count()).select_from(ContactRow))).scalar_one() == 1
    assert (await house.status(55), await house.status(56)) == ("open", "open")
    assert len(await house.said()) == 1


async def test_a_customer_who_writes_where_the_desk_is_not_comes_to_batons_own_queue(house: House) -> None:
    await house.do("say", content="a person please")
    async with house.database.transaction() as session:
        row = await house.row()
        session.add(IdentityRow(contact_id=row.contact_id, channel="web", account="shop", external_id="v"))
    async with house.database.transaction() as session:
        await record_inbound(session, house.ledger, Inbound("web", "shop", "v", "m1", "are you there"))
    await house.tell()
    assert (await house.row()).handler == Handler.QUEUE


async def test_an_older_chatwoot_that_tells_less_gets_its_conversation_back_to_the_bot_all_the_same(
    database: Database, simulator: httpx.AsyncClient
) -> None:
    async with chatwoot_house(database, simulator, signature="url") as house:
        await house.do("config", old=True)
        await house.do("say", content="a person please")
        await house.do("status", status="pending")
        await house.do("say", content="too early to be sure")
        assert (await house.row()).handler == Handler.AGENT
        async with database.transaction() as session:
            await session.execute(update(ChannelSendRow).values(accepted_at=func.now() - func.make_interval(0, 0, 0, 0, 0, 5)))
        await house.do("status", status="pending")
        await house.do("say", content="are you back")
        assert ((await house.row()).handler, (await house.said())[-1]) == (Handler.BOT, "You said are you back")


async def test_who_does_not_know_the_secret_is_refused(house: House) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{house.url}/hooks/chatwoot/1?key=hook-demo-secret", json={"event": "message_created"})
    assert answer.status_code == 401
    async with house.database.transaction() as session:
        assert (await session.execute(select(ChannelIntakeRow))).first() is None


@pytest.mark.parametrize(
    ("code", "state"), [(401, "waiting"), (403, "waiting"), (404, "failed"), (422, "failed"), (429, "waiting"), (500, "unknown")]
)
async def test_each_refusal_has_its_consequence(house: House, code: int, state: str) -> None:
    await house.sim.post("/sim/config", json={"fail": [code]})
    await house.sim.post("/sim/say", json={"content": "hi"})
    while await house.intake.work_off():
        pass
    await house._answer()
    await house.outbox.send_all()
    async with house.database.transaction() as session:
        row = (await session.execute(select(ChannelSendRow))).scalar_one()
        account = (await session.execute(select(ChannelAccountRow))).scalar_one()
        letters = await list_letters(session)
    assert (row.state, account.state) == (state, "blocked" if code in {401, 403} else "active")
    assert len(letters) == (1 if state in {"failed", "unknown"} else 0)


async def test_opening_is_tried_again_after_an_error_and_a_note_of_unknown_fate_is_not(house: House) -> None:
    await house.do("say", content="hi")
    await house.sim.post("/sim/say", json={"content": "a person please"})
    while await house.intake.work_off():
        pass
    await house._answer()
    await house.send()
    await house.tell()
    await house.sim.post("/sim/config", json={"fail": [500, 500]})
    await house.send()
    await house.send()
    await house.send()
    assert await house.status() == "open"
    assert len(await house.said(private=True)) == 1


async def test_the_panel_stands_in_chatwoot_only_and_shows_nothing_without_a_token(house: House) -> None:
    await house.do("say", content="where is my parcel")
    async with house.database.transaction() as session:
        ana = await create_staff(session, email="ana@example.com", name="Ana", role=Role.AGENT, password="long enough")
        editor = await create_staff(session, email="ed@example.com", name="Ed", role=Role.EDITOR, password="long enough")
        token, weak = await create_api_token(session, ana, label="panel"), await create_api_token(session, editor, label="panel")
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as http:
        page = await http.get("/outside/chatwoot/1")
        assert page.headers["content-security-policy"].endswith(f"frame-ancestors {str(house.sim.base_url).rstrip('/')}")
        assert "parcel" not in page.text
        assert (await http.get("/outside/chatwoot/2")).status_code == 404
        assert (await http.get("/outside/chatwoot/panel/endpoints.py")).status_code == 404
        assert (await http.get("/v1/outside/chatwoot/1/55")).status_code == 401
        assert (await http.get("/v1/outside/chatwoot/1/55", headers={"Authorization": f"Bearer {weak}"})).status_code == 403
        own = {"Authorization": f"Bearer {token}"}
        assert (await http.get("/v1/outside/chatwoot/1/99", headers=own)).status_code == 404
        known = (await http.get("/v1/outside/chatwoot/1/55", headers=own)).json()
        assert (known["name"], known["handler"]) == ("Ann Example", "bot")
        help_ = (await http.get(f"/v1/conversations/{known['conversation_id']}/assist", headers=own)).json()
        assert any("parcel" in line["text"] for line in help_["summary"])


async def test_what_an_agent_does_with_a_suggestion_is_recorded_for_their_own_conversations_only(house: House) -> None:
    await house.do("say", content="where is my parcel, a person please")
    conversation_id = (await house.row()).id
    ids = await suggested(house, conversation_id)
    async with house.database.transaction() as session:
        ana = await create_staff(session, email="ana@example.com", name="Ana", role=Role.AGENT, password="long enough")
        editor = await create_staff(session, email="ed@example.com", name="Ed", role=Role.EDITOR, password="long enough")
        token, weak = await create_api_token(session, ana, label="panel"), await create_api_token(session, editor, label="panel")
    own = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"{house.url}/v1/conversations/{conversation_id}/suggestions", trust_env=False) as http:
        assert (await http.post("/shown", json={"ids": ids})).status_code == 401
        assert (await http.post("/shown", json={"ids": ids}, headers={"Authorization": f"Bearer {weak}"})).status_code == 403
        assert (await http.post("/shown", json={"ids": [str(conversation_id)]}, headers=own)).status_code == 404
        assert (await http.post(f"/{ids[0]}", json={"became": "loved"}, headers=own)).status_code == 422
        assert (await http.post(f"/{ids[1]}", json={"became": "taken"}, headers=own)).status_code == 409  # for colleagues only
        assert (await http.post("/shown", json={"ids": ids}, headers=own)).status_code == 204
        assert (await http.post(f"/{ids[0]}", json={"became": "taken"}, headers=own)).status_code == 204
    await house.do("agent", content="Something else altogether: xyz 1234567890")
    assert await became(house) == ["suggestion.shown", "suggestion.shown"]
    await house.do("agent", content="Your parcel comes tomorrow.")
    assert (await became(house))[2:] == ["suggestion.accepted"]
    await house.do("agent", content="Your parcel comes tomorrow.")
    assert len(await became(house)) == 3


async def suggested(house: House, conversation_id: UUID) -> list[str]:
    """Suggestions for the newest message: one for customers, one for colleagues."""
    drafts = [Draft("knowledge", "Your parcel comes tomorrow.", (), 0.9), Draft("knowledge", "Only for us.", (), 0.8, internal=True)]
    await Suggester(house.database, house.ledger, FixedDrafts({"parcel": drafts})).suggest(conversation_id)
    async with house.database.transaction() as session:
        return [str(one.id) for one in await list_suggestions(session, conversation_id)]


async def became(house: House) -> list[str]:
    """What became of suggestions, in order."""
    async with house.database.transaction() as session:
        query = select(EventRow.name).where(EventRow.name.like("suggestion.%")).order_by(EventRow.id)
        return list((await session.execute(query)).scalars())
