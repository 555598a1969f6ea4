"""The process that carries to providers runs where there is a provider, and only there."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from uuid import uuid4

from app.settings import read_settings
from app.supervise import Child, has_outside_channels
from channels.accounts import add_account
from channels.base import Account
from channels.rasa.types import DoorSettings
from kit.db import Database
from tests.simulators.whatsapp_house import SEALER


async def test_there_is_something_to_carry_with_the_first_account(database: Database) -> None:
    settings = replace(read_settings({}), doors=None)
    assert not has_outside_channels(settings, database.url)
    async with database.transaction() as session:
        await add_account(session, SEALER, Account(uuid4(), "telegram", "shop", "Telegram", settings={}, secrets={"token": "1:a"}))
    assert has_outside_channels(settings, database.url)


async def test_a_bot_that_is_called_back_is_carried_to(database: Database) -> None:
    settings = replace(read_settings({}), doors=DoorSettings(token="t"))
    assert not has_outside_channels(settings, database.url)
    called = replace(settings, doors=DoorSettings(token="t", callback_url="http://127.0.0.1:9/hear"))
    assert has_outside_channels(called, database.url)


def test_a_database_that_is_away_is_asked_again_later() -> None:
    assert not has_outside_channels(replace(read_settings({}), doors=None), "postgresql://nobody@127.0.0.1:9/none")


def test_a_process_starts_when_it_is_needed_and_stays() -> None:
    answers = [False, True, False]
    child = Child("sleep", [sys.executable, "-c", "import time; time.sleep(60)"], {}, needed=lambda: answers.pop(0))
    child.keep_alive()
    assert child.process is None
    child.keep_alive()
    assert len(answers) == 2  # not asked again at once
    child.next_start = 0.0
    child.keep_alive()
    assert child.process is not None
    child.keep_alive()
    assert answers == [False]
    child.stop()
    child.wait(time.monotonic() + 10)
