"""Accounts: several for a channel, secrets sealed, never in a log or an error."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from channels.accounts import Accounts, add_account, find_account_row, list_account_rows, open_account
from channels.base import Account, AccountIncompleteError
from channels.managing import COMMAND_LINE, Entered, Managing
from channels.models import ChannelAccountRow
from channels.registry import ACCOUNTS
from kit.db import Database
from kit.errors import ConflictError
from kit.sealing import SealedError, Sealer

SEALER = Sealer("one key")
ACCOUNT = Account(uuid4(), "whatsapp", "1", "One", settings={"waba_id": "7"}, secrets={"token": "very-secret", "app_secret": "s"})


def test_what_is_sealed_opens_only_with_its_key_and_in_its_place() -> None:
    sealed = SEALER.seal(b"very-secret", about="whatsapp/1")
    assert "very-secret" not in sealed
    assert SEALER.open(sealed, about="whatsapp/1") == b"very-secret"
    for sealer, about, text in ((Sealer("two"), "whatsapp/1", sealed), (SEALER, "whatsapp/2", sealed), (SEALER, "whatsapp/1", sealed[:-4])):
        with pytest.raises(SealedError):
            sealer.open(text, about=about)


def test_an_account_shows_no_secret_and_lacks_none() -> None:
    assert "very-secret" not in repr(ACCOUNT)
    with pytest.raises(AccountIncompleteError):
        ACCOUNT.secret("verify_token")
    assert ACCOUNTS["whatsapp"].missing(ACCOUNT.settings, ACCOUNT.secrets) == ["verify_token"]


@pytest.mark.integration
async def test_several_accounts_of_a_channel_stand_side_by_side_and_change(database: Database) -> None:
    async with database.transaction() as session:
        await add_account(session, SEALER, ACCOUNT)
        await add_account(session, SEALER, Account(uuid4(), "whatsapp", "2", "Two"))
    async with database.transaction() as session:
        with pytest.raises(ConflictError):
            await add_account(session, SEALER, ACCOUNT)
    accounts = Accounts(database, SEALER, seconds=0.0)
    assert [a.name for a in await accounts.of_channel("whatsapp")] == ["One", "Two"]
    async with database.transaction() as session:
        row = await find_account_row(session, "whatsapp", "1")
        assert row is not None
        row.state = "blocked"
        entered = Entered("One", {"waba_id": "7", "version": "v27.0"}, {"token": "new", "verify_token": "v"})
        await Managing(SEALER, lambda channel, account: f"/hooks/{channel}/{account}").change(session, COMMAND_LINE, row.id, entered)
    found = await accounts.find("whatsapp", "1")
    assert found is not None
    assert (found.secrets, found.settings, found.state) == (
        {"token": "new", "app_secret": "s", "verify_token": "v"}, {"waba_id": "7", "version": "v27.0"}, "active",
    )  # fmt: skip
    async with database.transaction() as session:
        rows = await list_account_rows(session)
        assert not any("secret" in row.sealed or "new" in row.sealed for row in rows)
        with pytest.raises(SealedError):
            open_account(rows[0], Sealer("another"))


async def test_accounts_are_read_by_one_while_the_others_go_on(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    async def reading(session: AsyncSession) -> list[ChannelAccountRow]:
        read.append(1)
        await asyncio.sleep(0)
        return await list_account_rows(session)

    monkeypatch.setattr("channels.accounts.list_account_rows", reading)
    accounts = Accounts(database, SEALER, seconds=60.0)
    await asyncio.gather(*(accounts.find("whatsapp", "1") for _ in range(20)))
    assert len(read) == 1
    accounts.forget()
    await asyncio.gather(*(accounts.find("whatsapp", "1") for _ in range(20)))
    assert len(read) == 2


async def test_what_is_forgotten_while_it_is_read_is_read_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = Accounts(database, SEALER, seconds=60.0)
    read: list[int] = []

    async def reading(session: AsyncSession) -> list[ChannelAccountRow]:
        read.append(1)
        if len(read) == 1:
            accounts.forget()
        return await list_account_rows(session)

    monkeypatch.setattr("channels.accounts.list_account_rows", reading)
    await accounts.find("whatsapp", "1")
    await accounts.find("whatsapp", "1")
    assert len(read) == 2
