"""Macros are suggested by what customers ask, filled, in their language, and only where everything that they name is known."""

from __future__ import annotations

import pytest

from assist.joining import joined
from assist.macro_source import MacroDrafts
from assist.ports import Ask
from assist.ranking import SHIPPED
from context.ledger import Ledger
from context.macros.storing import change_macro, create_macro
from context.macros.types import MacroAudience, MacroDraft
from context.staff.accounts import create_staff
from context.types import Role
from kit.db import Database
from knowledge.dense import embed_question
from tests.knowledge.fakes import HashingEmbedder

pytestmark = pytest.mark.integration
EMBEDDER = HashingEmbedder()
WAY = MacroDraft(
    "On its way", {"en": "Order {{order.number}} is on its way.", "pt": "A {{order.number}} vai a caminho."}, ("has my parcel left yet",)
)
HOURS = MacroDraft("Sundays", {"en": "We open on Sundays.", "zh-Hant": "星期日照常營業。"}, ("are you open on sunday",))
KNOWN = {"order.number": "LC-7"}


async def offered(source: MacroDrafts, question: str, *, language: str = "en", values: dict[str, str] | None = None) -> list[str]:
    await source.refresh()
    ask = Ask(question, language, values=values or {}, vector=embed_question(question, EMBEDDER))
    return [draft.text for draft in joined(await source.drafts(ask, limit=3), ask, ranker=SHIPPED, limit=3)]


async def test_a_macro_is_suggested_filled_and_in_the_customers_language(database: Database, ledger: Ledger) -> None:
    source = MacroDrafts(database, lambda: EMBEDDER)
    async with database.transaction() as session:
        for draft in (WAY, HOURS):
            await create_macro(session, None, draft)
    assert await offered(source, "has my parcel left yet?", values=KNOWN) == ["Order LC-7 is on its way."]
    assert await offered(source, "has my parcel left yet?", values=KNOWN, language="pt") == ["A LC-7 vai a caminho."]
    assert await offered(source, "are you open on sunday", language="zh-Hans") == ["星期日照常营业。"]


async def test_what_is_not_known_or_not_asked_is_not_suggested(database: Database, ledger: Ledger) -> None:
    source = MacroDrafts(database, lambda: EMBEDDER)
    assert await offered(source, "has my parcel left yet") == []
    async with database.transaction() as session:
        await create_macro(session, None, WAY)
    assert await offered(source, "has my parcel left yet") == []
    assert await offered(source, "do you repair lamps", values=KNOWN) == []
    assert await offered(source, "has my parcel left yet", values=KNOWN, language="zh-Hant") == []


async def test_a_changed_macro_is_found_at_once_and_a_private_one_never(database: Database, ledger: Ledger) -> None:
    source = MacroDrafts(database, lambda: EMBEDDER)
    async with database.transaction() as session:
        sam = await create_staff(session, email="sam@shop.example", name="Sam", role=Role.SUPERVISOR, password="long enough to pass")
        made = await create_macro(session, sam, HOURS)
        await create_macro(session, sam, MacroDraft("Mine", {"en": "I will."}, ("will you do it",), audience=MacroAudience.OWNER))
    assert await offered(source, "are you open on sunday") == ["We open on Sundays."]
    assert await offered(source, "will you do it") == []
    async with database.transaction() as session:
        changed = MacroDraft("Sundays", {"en": "We rest on Sundays."}, HOURS.questions)
        await change_macro(session, sam, made.id, changed, expected_version=1)
    assert await offered(source, "are you open on sunday") == ["We rest on Sundays."]
