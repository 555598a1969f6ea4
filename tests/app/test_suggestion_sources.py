"""What suggestions were made from, on the real database; and that workers do the background work of insights."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from pathlib import Path

import pytest

from app.readers import StoredSuggestions
from app.settings import read_settings
from assist.models import SuggestionRow
from console.services import ConsoleServices
from context.conversations import list_messages
from context.ledger import Ledger
from context.types import Citation
from kit.db import Database
from tests.console.desk import customer_writes, make_services

pytestmark = pytest.mark.integration


@pytest.fixture
def services(database: Database, ledger: Ledger, tmp_path: Path) -> ConsoleServices:
    return make_services(database, ledger, tmp_path)


async def test_the_articles_of_suggestions_are_known_and_those_without_are_left_out(services: ConsoleServices) -> None:
    conversation_id = await customer_writes(services)
    async with services.database.transaction() as session:
        message = (await list_messages(session, [conversation_id]))[0]
        cited = asdict(Citation("store-hours", "Hours", "/help/en/store-hours", "store-hours/en/1/0", 0.8))
        rows = [
            SuggestionRow(
                conversation_id=conversation_id, message_id=message.id, rank=rank, source="knowledge", text="t", citations=citations,
                confidence=0.8,
            )
            for rank, citations in enumerate(([cited], []), 1)
        ]  # fmt: skip
        session.add_all(rows)
    async with services.database.transaction() as session:
        found = await StoredSuggestions().passages(session, [rows[0].id, rows[1].id, uuid.uuid4()])
    assert found == {rows[0].id: (("store-hours", "store-hours/en/1/0"),)}


@pytest.mark.parametrize(("value", "asks"), [("1", True), ("yes", True), ("off", False), ("0", False), ("False", False)])
def test_links_are_not_asked_when_switched_off(value: str, asks: bool) -> None:
    assert read_settings({"BATON_CHECK_LINKS": value}).check_links is asks
