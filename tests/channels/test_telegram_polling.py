"""Telegram without a webhook: updates are asked for, stored once, confirmed when stored; refusals stop the account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from channels.accounts import Accounts
from channels.models import ChannelIntakeRow
from channels.telegram.client import BotApi
from channels.telegram.poller import UpdatePoller
from kit.db import Database
from simulators.telegram.api import build
from simulators.telegram.world import World
from tests.channels.house import SEALER, House, account_of, house, serving

pytestmark = pytest.mark.integration
SECRETS = {"token": "700001:simulated-bot-token", "secret_token": "a-secret-of-the-tests"}
Bot = tuple[World, House, UpdatePoller]


@pytest.fixture
async def bot(database: Database, tmp_path: Path) -> AsyncIterator[Bot]:
    """A bot that is polled, its house and its poller."""
    app, world = build()
    async with serving(app) as url:
        account = account_of("telegram", "700001", secrets=SECRETS, base_url=url, polling="on")
        async with house(database, account, tmp_path) as known:
            poller = UpdatePoller(database, Accounts(database, SEALER, seconds=0.0))
            yield world, known, poller
            await poller.api.caller.close()


async def test_what_is_asked_for_is_answered_once_also_after_a_crash_before_it_was_confirmed(bot: Bot) -> None:
    world, known, poller = bot
    await world.write(text="hello")
    await world.write(text="menu")
    offset = await poller.poll(known.account, offset=0)
    await known.settle()
    await poller.poll(known.account, offset=0)  # as a process does that knows nothing of the one before
    await known.settle()
    assert world.said() == ["You said hello", "What may it be?"]
    assert len(await known.rows(ChannelIntakeRow)) == 2
    await world.press("Track my order")
    await poller.poll(known.account, offset=offset)
    await known.settle()
    assert world.said()[-1] == "chosen /track_order"
    assert [update["update_id"] for update in world.waiting] == [offset]


async def test_a_webhook_that_was_entered_before_is_taken_away_and_nothing_is_lost(bot: Bot) -> None:
    world, known, poller = bot
    world.config.hook_url = "http://127.0.0.1:9/before"
    following = asyncio.create_task(poller.follow(known.account))
    while world.config.hook_url:
        await asyncio.sleep(0.02)
    await world.write(text="hello")
    while not await known.rows(ChannelIntakeRow):
        await asyncio.sleep(0.02)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await known.settle()
    assert world.said() == ["You said hello"]


async def test_a_token_that_is_refused_stops_the_account_and_is_not_asked_again(bot: Bot) -> None:
    world, known, poller = bot
    world.config.token = "700001:another"
    await asyncio.wait_for(poller.follow(known.account), 20)
    state, reason = await known.state()
    assert (state, "Unauthorized" in str(reason)) == ("blocked", True)


async def test_only_bots_that_are_polled_are_asked_and_a_changed_one_is_begun_anew(bot: Bot) -> None:
    _world, known, poller = bot
    begun = list[str]()

    async def follow(account: object) -> None:
        begun.append(str(account))
        await asyncio.sleep(60)

    poller.following.follow = follow
    called = replace(known.account, settings={**known.account.settings, "polling": "off"})
    assert [poller.following.wanted(account) for account in (known.account, called)] == [True, False]
    for account in (known.account, known.account, replace(known.account, secrets={**SECRETS, "token": "700001:new"})):
        poller.following.mind({account.account: account})
        await asyncio.sleep(0)
    assert len(begun) == 2
    poller.following.mind({})
    assert poller.following._tasks == {}


async def test_connecting_a_polled_bot_enters_nothing(bot: Bot) -> None:
    world, known, _poller = bot
    api = BotApi()
    assert "polled" in await api.connect(known.account, known.hook)
    assert "polled" in await api.test(known.account)
    assert world.config.hook_url == ""
    await api.caller.close()
