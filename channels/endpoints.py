"""Channels over /v1: what is offered in a conversation, templates, the switch of each account, dead letters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

import httpx
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from channels.accounts import get_account_row, list_account_rows, open_account
from channels.base import Account
from channels.letters import list_letters, put_away, replay
from channels.managing import Managing
from channels.managing_endpoints import managing_router
from channels.models import ChannelAccountRow
from channels.offering import read_offer, send_template
from channels.whatsapp.client import GraphClient
from channels.whatsapp.templates import sync_templates
from context.endpoints import access, staff_token
from context.ledger import Ledger
from context.staff.accounts import access_token_staff
from context.staff.audit import Subject, record_change
from context.staff.models import StaffRow
from context.staff.rights import check_may
from kit.db import Database
from kit.errors import UnavailableError
from kit.sealing import Sealer

Token = Annotated[str | None, Depends(staff_token)]


class OfferOut(BaseModel):
    """What may be done on a conversation's channel now."""

    channel: str
    account_state: str | None
    window: dict[str, Any]
    text_max: int
    text_unit: str
    files: bool
    templates: list[dict[str, Any]]


class TemplateIn(BaseModel):
    """A template to send: `values` fills the places of its body."""

    model_config = ConfigDict(extra="forbid")
    name: str
    language: str
    values: dict[str, str] = {}


class AccountOut(BaseModel):
    """An account, without its secrets."""

    channel: str
    account: str
    name: str
    state: str
    reason: str | None
    settings: dict[str, str] = {}


class LetterOut(BaseModel):
    """What could not be sent; `sure` false: it may have arrived all the same."""

    id: UUID
    message_id: UUID
    conversation_id: UUID
    channel: str
    state: str
    sure: bool
    text: str
    problem: str | None
    code: str | None
    reason: str | None
    attempts: int


class Switched(BaseModel):
    """Whether an account sends."""

    state: Literal["active", "paused"]


@dataclass(frozen=True)
class ChannelServices:
    """What the routes need."""

    database: Database
    ledger: Ledger
    sealer: Sealer
    client: GraphClient
    tests: Mapping[str, Callable[[Account], Awaitable[str]]]
    managing: Managing


async def access_channels(session: AsyncSession, token: str | None) -> StaffRow:
    """The token's owner, who must be allowed to manage channels. Raises NotAuthenticatedError and NotAllowedError."""
    staff = await access_token_staff(session, token)
    check_may(staff, "manage_channels")
    return staff


def channels_router(services: ChannelServices) -> APIRouter:
    """The routes under /v1/channels, and those of a conversation's channel."""
    router = APIRouter(prefix="/v1", tags=["channels"])
    _of_conversations(router, services)
    _of_accounts(router, services)
    _of_letters(router, services)
    router.include_router(managing_router(services.database, services.managing, access_channels))
    return router


def _of_conversations(router: APIRouter, services: ChannelServices) -> None:
    database, ledger = services.database, services.ledger

    @router.get("/conversations/{conversation_id}/channel")
    async def read_channel(conversation_id: UUID, token: Token) -> OfferOut:
        """The message window with the time at which it closes, how long a text may be, and the templates that may be sent."""
        async with database.transaction() as session:
            await access(session, token)
            return OfferOut(**asdict(await read_offer(session, ledger, conversation_id)))

    @router.post("/conversations/{conversation_id}/template", status_code=201)
    async def write_template(conversation_id: UUID, body: TemplateIn, token: Token) -> dict[str, str]:
        """Sends a template, also where the window is closed; the conversation must be held."""
        async with database.transaction() as session:
            staff = await access(session, token)
            chosen = (body.name, body.language)
            view = await send_template(session, ledger, conversation_id, staff=staff, template=chosen, values=body.values)
        return {"id": str(view.id)}


def _of_accounts(router: APIRouter, services: ChannelServices) -> None:
    @router.get("/channels")
    async def list_accounts(token: Token) -> list[AccountOut]:
        """All accounts."""
        async with services.database.transaction() as session:
            await access_channels(session, token)
            rows = await list_account_rows(session)
            return [account_out(services.managing, row) for row in rows]

    @router.put("/channels/{channel}/{account}/state")
    async def switch(channel: str, account: str, body: Switched, token: Token) -> Switched:
        """Pauses an account, or lets it send again."""
        async with services.database.transaction() as session:
            staff = await access_channels(session, token)
            row = await get_account_row(session, channel, account)
            await services.managing.switch(session, (str(staff.id), staff.name), row, paused=body.state == "paused")
        return body

    @router.post("/channels/{channel}/{account}/test")
    async def test(channel: str, account: str, token: Token) -> dict[str, str]:
        """Asks the provider whether the account works."""
        tester = services.tests.get(channel)
        known = await _opened(services, token, channel, account)
        return {"answer": await tester(known) if tester else "There is nothing to ask on this channel."}

    @router.post("/channels/{channel}/{account}/templates/sync")
    async def sync(channel: str, account: str, token: Token) -> dict[str, int]:
        """Reads the templates and their approval from the provider."""
        known = await _opened(services, token, channel, account)
        try:
            async with services.database.transaction() as session:
                found, gone = await sync_templates(session, services.client, known)
        except httpx.HTTPError as error:
            raise UnavailableError(f"The provider does not answer: {type(error).__name__}") from None
        return {"templates": found, "gone": gone}


async def _opened(services: ChannelServices, token: str | None, channel: str, account: str) -> Account:
    async with services.database.transaction() as session:
        await access_channels(session, token)
        return open_account(await get_account_row(session, channel, account), services.sealer)


def _of_letters(router: APIRouter, services: ChannelServices) -> None:
    @router.get("/channels/letters")
    async def letters(token: Token, channel: str | None = None) -> list[LetterOut]:
        """Dead letters, newest first."""
        async with services.database.transaction() as session:
            await access_channels(session, token)
            found = await list_letters(session, channel=channel)
        return [LetterOut(sure=letter.sure, **{n: getattr(letter, n) for n in LetterOut.model_fields if n != "sure"}) for letter in found]

    @router.post("/channels/letters/{letter_id}/replay", status_code=204)
    async def send_again(letter_id: UUID, token: Token) -> None:
        """Sends a dead letter again."""
        async with services.database.transaction() as session:
            staff = await access_channels(session, token)
            await replay(session, services.ledger, letter_id)
            await _record(session, services, staff, "channel.sent_again", letter_id)

    @router.post("/channels/letters/{letter_id}/close", status_code=204)
    async def close(letter_id: UUID, token: Token) -> None:
        """Puts a dead letter away."""
        async with services.database.transaction() as session:
            staff = await access_channels(session, token)
            await put_away(session, services.ledger, letter_id)
            await _record(session, services, staff, "channel.put_away", letter_id)


async def _record(session: AsyncSession, services: ChannelServices, staff: StaffRow, action: str, letter_id: UUID) -> None:
    subject = Subject("channel", str(letter_id), str(letter_id)[:8])
    await record_change(session, staff, action, subject, at=services.ledger.now)


def account_out(managing: Managing, row: ChannelAccountRow) -> AccountOut:
    """An account as it is told: its settings, and never a secret."""
    form = managing.forms.get(row.channel)
    settings = {name: str(value) for name, value in row.settings.items() if form is not None and name in form.settings}
    return AccountOut(channel=row.channel, account=row.account, name=row.name, state=row.state, reason=row.reason, settings=settings)
