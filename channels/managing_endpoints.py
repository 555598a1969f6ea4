"""Accounts of channels over /v1: added, changed and removed, each in the record of changes. Secrets that were entered are never told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from channels.accounts import get_account_row
from channels.managing import Entered, Managing
from channels.models import ChannelAccountRow
from context.services import staff_token
from context.staff.models import StaffRow
from kit.db import Database

Token = Annotated[str | None, Depends(staff_token)]
Access = Callable[[AsyncSession, str | None], Awaitable[StaffRow]]
Named = Annotated[dict[str, str], Field(max_length=60)]


class NewAccount(BaseModel):
    """A new account: `account` is the provider's name of it; what settings and secrets there are, `baton channel add` asks for by name."""

    model_config = ConfigDict(extra="forbid")
    account: str = Field(max_length=200)
    name: str = Field(default="", max_length=100)
    settings: Named = {}
    secrets: Named = Field(default={}, repr=False)


class AccountChange(BaseModel):
    """What changes; an empty setting is removed. Secrets that are not named stay; `cleared` removes optional ones."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = Field(default=None, max_length=100)
    settings: Named = {}
    secrets: Named = Field(default={}, repr=False)
    cleared: list[str] = Field(default=[], max_length=60)


class AccountMade(BaseModel):
    """A new account. `hook`: where its webhooks go, empty without one; `made`: secrets that Baton chose, told this once."""

    channel: str
    account: str
    name: str
    hook: str
    made: dict[str, str]


class AccountChanged(BaseModel):
    """An account as it is now, without its secrets."""

    channel: str
    account: str
    name: str
    state: str
    settings: dict[str, str]


def managing_router(database: Database, managing: Managing, access_channels: Access) -> APIRouter:
    """The routes; `access_channels` says who may."""
    router = APIRouter(tags=["channels"])

    @router.post("/channels/{channel}", status_code=201)
    async def add_account(channel: str, body: NewAccount, token: Token) -> AccountMade:
        """Connects an account; its secrets are sealed before they are stored."""
        async with database.transaction() as session:
            staff = await access_channels(session, token)
            entered = Entered(body.name, body.settings, body.secrets)
            made, fresh = await managing.add(session, _by(staff), channel=channel, account=body.account, entered=entered)
        hook = managing.hook(channel, made.account) if managing.form_of(channel).hook else ""
        return AccountMade(channel=channel, account=made.account, name=made.name, hook=hook, made=fresh)

    @router.patch("/channels/{channel}/{account}")
    async def change_account(channel: str, account: str, body: AccountChange, token: Token) -> AccountChanged:
        """Changes name, settings or secrets; a blocked account goes on."""
        async with database.transaction() as session:
            staff = await access_channels(session, token)
            row = await get_account_row(session, channel, account)
            name = row.name if body.name is None else body.name
            wanted = Entered(name, {**_settings(managing, row), **body.settings}, body.secrets, frozenset(body.cleared))
            await managing.change(session, _by(staff), row.id, wanted)
            changed = await managing.locked(session, row.id)
            settings = _settings(managing, changed)
            return AccountChanged(channel=channel, account=account, name=changed.name, state=changed.state, settings=settings)

    @router.delete("/channels/{channel}/{account}", status_code=204)
    async def remove_account(channel: str, account: str, token: Token) -> None:
        """Forgets an account with its secrets. Conversations stay; what waits to be sent on it is told as not sent."""
        async with database.transaction() as session:
            staff = await access_channels(session, token)
            await managing.remove(session, _by(staff), (await get_account_row(session, channel, account)).id)

    return router


def _by(staff: StaffRow) -> tuple[str, str]:
    return str(staff.id), staff.name


def _settings(managing: Managing, row: ChannelAccountRow) -> dict[str, str]:
    form = managing.form_of(row.channel)
    return {name: str(value) for name, value in row.settings.items() if name in form.settings}
