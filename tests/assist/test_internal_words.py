"""What is for colleagues only does not leave in a reply unnoticed, however it came into it; public words and own words do."""

from __future__ import annotations

from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from app.errors import install_error_handlers
from assist.internal_words import InternalQuoteError, check_words, quoted
from assist.ports import Draft, FixedDrafts
from assist.suggest import Suggester
from assist.suggestions import list_suggestions, record_shown
from context.ledger import Ledger
from context.staff.accounts import create_api_token, create_staff
from context.types import Role
from desk.endpoints import desk_router
from desk.work import Desk
from kit.db import Database
from tests.assist.test_suggest import hand_off, say

SECRET = "Agents may accept a return after 45 days when the customer is angry, up to 200 euros."
HAN = "如顧客非常不滿，客服可在四十五天後仍接受退貨，上限為兩百歐元。"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (SECRET, True),
        ("Dear Ana, agents may accept a return - after 45 days, when the CUSTOMER is angry. Best, Mei", True),
        ("We gladly accept your return this time.", False),
        ("You may return it after 45 days.", False),
        (HAN, True),
        ("您好，客服可在四十五天後仍接受退貨，上限為兩百。", True),
        ("您好，我們這次接受退貨。", False),
        ("", False),
    ],
)
def test_a_piece_of_an_internal_passage_is_noticed_and_own_words_are_not(text: str, found: bool) -> None:
    assert (quoted(text, [SECRET, HAN]) is not None) == found


def test_what_customers_may_read_anyway_is_no_secret() -> None:
    public = "Returns are free within 30 days when you keep the label."
    internal = f"{public} Beyond that ask the supervisor for an exception first."
    assert quoted(f"Dear Ana, {public}", [internal], known=[f"Our rule: {public}"]) is None
    assert quoted("Beyond that ask the supervisor for an exception first", [internal], known=[public]) is not None


def test_a_short_passage_is_noticed_whole_and_a_long_text_is_read_in_time() -> None:
    assert quoted("The code is VIP-2000-X.", ["VIP code: VIP-2000-X"]) is None
    assert quoted("Use the VIP code VIP-2000-X please", ["VIP code: VIP-2000-X"]) == "vip code vip 2000 x"
    assert quoted("ab " * 20_000, ["ab " * 20_000]) is not None


@pytest.fixture
async def asked(database: Database, ledger: Ledger) -> tuple[UUID, UUID, str]:
    """A conversation for which an internal passage was suggested and shown; who saw it, and their token."""
    conversation_id = await say(database, ledger, "when comes my refund?")
    await hand_off(database, ledger, conversation_id)
    source = FixedDrafts({"refund": [Draft("knowledge", SECRET, (), 0.8, origin="goodwill", internal=True)]})
    await Suggester(database, ledger, source).suggest(conversation_id)
    async with database.transaction() as session:
        ana = await create_staff(session, email="ana@example.com", name="Ana", role=Role.AGENT, password="long enough")
        await record_shown(session, ledger, [(await list_suggestions(session, conversation_id))[0].id], staff_id=ana.id)
        token = await create_api_token(session, ana, label="own front end")
    return conversation_id, ana.id, token


@pytest.mark.integration
async def test_it_is_noticed_here_by_anybody_and_elsewhere_by_who_saw_it(
    database: Database, ledger: Ledger, asked: tuple[UUID, UUID, str]
) -> None:
    conversation_id, ana, _ = asked
    async with database.transaction() as session:
        for where, who in ((conversation_id, uuid4()), (uuid4(), ana)):
            with pytest.raises(InternalQuoteError, match="agents may accept a return"):
                await check_words(session, ledger, where, staff_id=who, text=SECRET)
        await check_words(session, ledger, uuid4(), staff_id=uuid4(), text=SECRET)
        await check_words(session, ledger, conversation_id, staff_id=ana, text="We make an exception for you.")


@pytest.mark.integration
async def test_an_agents_own_front_end_is_asked_too(database: Database, ledger: Ledger, asked: tuple[UUID, UUID, str]) -> None:
    conversation_id, _, token = asked

    async def check(conversation: UUID, staff: UUID, text: str) -> None:
        async with database.transaction() as session:
            await check_words(session, ledger, conversation, staff_id=staff, text=text)

    app = FastAPI()
    install_error_handlers(app)
    app.include_router(desk_router(Desk(database, ledger), check=check))
    head = {"Authorization": f"Bearer {token}"}
    base = f"http://test/v1/conversations/{conversation_id}"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=base, headers=head) as http:
        await http.post("/take")
        refused = await http.post("/messages", json={"text": SECRET})
        noted = await http.post("/messages", json={"text": SECRET, "note": True})
        sent = await http.post("/messages", json={"text": SECRET, "confirmed": True})
    assert (refused.status_code, refused.json()["error"]) == (409, "internal_quote")
    assert (noted.status_code, sent.status_code) == (201, 201)
