"""Access tokens of mailboxes, with a real token endpoint, IMAP and SMTP: renewed in time, once, kept; a refusal stops the account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from channels.accounts import open_account
from channels.base import Account, AccountForm
from channels.email.capabilities import FORM
from channels.email.logins import AccessLaterError, AccessRefusedError, KeptLogins, endpoint_of, scope_of
from channels.email.poller import lasting
from channels.email.send import try_mailbox
from channels.managing import Managing
from channels.models import ChannelAccountRow
from console.admin.channels import account_json
from context.types import Content
from kit.db import Database
from kit.errors import InvalidInputError
from tests.channels.house import SEALER
from tests.channels.mail_corpus import mail
from tests.channels.mail_house import MailHouse, Provider, mail_house

pytestmark = pytest.mark.integration
SECRETS = {"refresh_token": "simulated-refresh-0", "client_secret": "simulated-client-secret"}


@pytest.fixture
async def mails(database: Database, provider: Provider, tmp_path: Path) -> AsyncIterator[MailHouse]:
    """The house of a mailbox that has a refresh token and no password."""
    settings = {"auth": "xoauth2", "token_url": f"{provider.url}/token", "client_id": "simulated-client"}
    async with mail_house(database, provider, tmp_path, SECRETS, **settings) as known:
        yield known


def asked(mails: MailHouse) -> list[dict[str, str]]:
    """What the token endpoint was asked."""
    return list(mails.provider.state()["tokens"])


async def stored(mails: MailHouse) -> Account:
    """The account as it is stored now."""
    (row,) = await mails.house.rows(ChannelAccountRow)
    return open_account(row, SEALER)


async def test_a_mail_is_read_and_answered_with_one_access_token(mails: MailHouse) -> None:
    (answer,) = await mails.receive(mail())
    assert answer["text"].strip().startswith("You said")
    (request,) = asked(mails)
    assert request == {
        "grant_type": "refresh_token", "refresh_token": "simulated-refresh-0", "client_id": "simulated-client",
        "client_secret": "simulated-client-secret",
    }  # fmt: skip
    assert (await stored(mails)).secrets["refresh_token"] == "simulated-refresh-0"


async def test_a_token_that_ends_is_renewed_in_time_and_our_own_mail_is_still_known(mails: MailHouse) -> None:
    mails.provider.act("tokens", seconds=60.0)  # less than the time before its end at which it is replaced
    (answer,) = await mails.receive(mail())
    before = len(asked(mails))
    assert len(await mails.receive(answer["raw"].encode("latin-1"))) == 1
    assert len(asked(mails)) > before
    assert len(await mails.house.heard()) == 1


async def test_a_token_that_is_revoked_before_its_time_is_renewed_once(mails: MailHouse) -> None:
    await mails.receive(mail())
    mails.provider.act("tokens", held={})
    await mails.house.say(Content("and one thing more"))
    assert [m["text"].strip() for m in mails.provider.sent()][-1] == "and one thing more"
    assert len(asked(mails)) == 2
    await mails.receive(mail("Thanks", id="<2@c>"))
    assert len(asked(mails)) == 2


async def test_another_refresh_token_that_comes_along_is_kept_for_every_process(mails: MailHouse) -> None:
    mails.provider.act("tokens", shape="microsoft", seconds=60.0)
    await mails.receive(mail())
    new = mails.provider.state()["refresh_token"]
    assert new != "simulated-refresh-0"
    account = await stored(mails)
    assert account.secrets["refresh_token"] == new
    other = KeptLogins(mails.house.database, SEALER)
    assert (await other.ready(mails.account)).secret("password").startswith("simulated-access-")  # though it knows the old one only
    await other.caller.close()


async def test_however_many_want_a_token_at_once_one_is_asked_for(mails: MailHouse) -> None:
    other = KeptLogins(mails.house.database, SEALER)
    wanted = [logins.ready(mails.account) for logins in (mails.house.logins, other) for _ in range(5)]
    tokens = {account.secret("password") for account in await asyncio.gather(*wanted)}
    await other.caller.close()
    assert tokens == {"simulated-access-1"}
    assert len(asked(mails)) == 1


@pytest.mark.parametrize(("shape", "said"), [("google", "Token has been expired or revoked"), ("microsoft", "AADSTS70008")])
async def test_a_refused_renewal_stops_the_account_says_why_and_loses_nothing(mails: MailHouse, shape: str, said: str) -> None:
    await mails.receive(mail())
    mails.provider.act("tokens", shape=shape, held={}, refresh_token="another")
    await mails.house.say(Content("later"))
    state, reason = await mails.house.state()
    assert state == "blocked"
    assert said in str(reason)
    assert "enter the new refresh token" in str(reason)
    (row,) = await mails.house.rows(ChannelAccountRow)
    shown = account_json(row, Managing(SEALER, "{}/{}".format))
    assert (shown["state"], shown["reason"], shown["set"]) == ("blocked", reason, ["client_secret", "refresh_token"])
    asked_before = len(asked(mails))
    await mails.house.send()
    assert len(asked(mails)) == asked_before
    await mails.house.change(secrets={"refresh_token": "another"})
    await mails.house.send()
    assert await mails.house.state() == ("active", None)
    assert [m["text"].strip() for m in mails.provider.sent()][-1] == "later"


async def test_a_reader_whose_renewal_is_refused_stops_and_does_not_ask_again(mails: MailHouse) -> None:
    mails.provider.act("refuse_tokens", status=401, error="invalid_client", count=5)
    await mails.reader._follow(mails.account)
    assert "invalid_client" in str((await mails.house.state())[1])
    assert len(asked(mails)) == 1


@pytest.mark.parametrize(("status", "error"), [(503, "busy"), (429, "slow_down"), (400, "temporarily_unavailable")])
async def test_a_token_endpoint_that_is_busy_is_asked_again_later(mails: MailHouse, status: int, error: str) -> None:
    await mails.receive(mail())
    mails.provider.act("tokens", held={})
    mails.provider.act("refuse_tokens", status=status, error=error)
    await mails.house.say(Content("soon"))
    assert (await mails.house.state())[0] == "active"
    await mails.house.send()
    assert [m["text"].strip() for m in mails.provider.sent()][-1] == "soon"


async def test_a_token_endpoint_that_is_away_is_no_refusal(mails: MailHouse) -> None:
    away = replace(mails.account, settings={**mails.account.settings, "token_url": "http://127.0.0.1:9/token"})
    await mails.house.change(settings={"token_url": "http://127.0.0.1:9/token"})
    with pytest.raises(AccessLaterError):
        await mails.house.logins.ready(away)


async def test_trying_the_account_renews_its_access(mails: MailHouse) -> None:
    assert "works" in await try_mailbox(mails.account, mails.house.logins)
    mails.provider.act("tokens", refresh_token="another", held={})
    with pytest.raises(AccessRefusedError):
        await try_mailbox(mails.account, mails.house.logins)


async def test_the_connection_is_not_begun_anew_when_only_the_token_was_renewed(mails: MailHouse) -> None:
    await mails.house.logins.ready(mails.account)
    assert lasting(mails.account) == lasting(await stored(mails))
    assert lasting(mails.account) != lasting(replace(mails.account, secrets={**SECRETS, "client_secret": "new"}))


def test_a_refresh_token_stands_in_for_a_password_and_asks_for_its_endpoint() -> None:
    hosts = {"imap_host": "imap.example.com", "smtp_host": "smtp.example.com"}
    assert FORM.missing(hosts, {}) == ["password"]
    assert FORM.missing(hosts, {"refresh_token": "r"}) == ["token_url", "client_id"]
    assert FORM.missing(hosts | {"token_url": "google", "client_id": "c"}, {"refresh_token": "r"}) == []
    assert AccountForm("", secrets={"one": ""}).missing({}, {}) == ["one"]


def test_refresh_tokens_leave_this_machine_encrypted_only_and_known_providers_have_short_names() -> None:
    account = Account(uuid4(), "email", "a@shop.example", "Shop", settings={"token_url": "microsoft"})
    assert endpoint_of(account) == "https://login.microsoftonline.com/common/oauth2/v2.0/token"
    assert "IMAP.AccessAsUser.All" in scope_of(account)
    assert scope_of(replace(account, settings={"token_url": "google"})) == ""
    for wrong in ("http://elsewhere.example/token", "ftp://127.0.0.1/token", "gmail"):
        with pytest.raises(InvalidInputError):
            endpoint_of(replace(account, settings={"token_url": wrong}))
