"""The desk over /v1: passing a conversation on, letting it sleep, the packet as a card, call-backs, the queue, presence."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from context.callbacks import Outcome
from context.endpoints import access, staff_token
from context.handoffs import find_latest_handoff
from desk.callbacks import access_callback, list_callbacks
from desk.card import make_card
from desk.line import read_places
from desk.presence import PresenceState, record_presence
from desk.work import Desk
from kit.errors import NotFoundError

Token = Annotated[str | None, Depends(staff_token)]
LONGEST_NOTE = 4000


class TransferIn(BaseModel):
    """To whom: a person or a team, one of them."""

    model_config = ConfigDict(extra="forbid")
    staff_id: UUID | None = None
    team_id: UUID | None = None
    note: str | None = Field(default=None, max_length=LONGEST_NOTE)

    @model_validator(mode="after")
    def one_of_both(self) -> TransferIn:
        """Raises ValueError unless exactly one is named."""
        if (self.staff_id is None) == (self.team_id is None):
            raise ValueError("Name a person or a team, not both")
        return self


class SnoozeIn(BaseModel):
    """Until when, with a time zone."""

    model_config = ConfigDict(extra="forbid")
    until: AwareDatetime


class CallbackDoneIn(BaseModel):
    """What became of a call-back."""

    model_config = ConfigDict(extra="forbid")
    outcome: Outcome


class PresenceIn(BaseModel):
    """What the token's owner wants to be seen as."""

    model_config = ConfigDict(extra="forbid")
    state: Literal["online", "busy", "away"]


class CardOut(BaseModel):
    """The handoff in a few words."""

    title: str
    why: str
    done: list[str]
    next: str
    note: str | None


class CallbackOut(BaseModel):
    """A customer who wants to be reached; kind is email or phone."""

    id: UUID
    conversation_id: UUID
    kind: str
    address: str
    language: str | None
    contact_name: str | None
    asked_at: datetime


class PlaceOut(BaseModel):
    """A waiting conversation and its place, from 1, in the line of its team."""

    conversation_id: UUID
    place: int


def passing_router(desk: Desk) -> APIRouter:
    """The routes. Each needs a token whose owner may converse; the desk checks who holds what."""
    router = APIRouter(prefix="/v1", tags=["desk"])
    _conversation_routes(router, desk)
    _house_routes(router, desk)
    return router


async def _staff_of(desk: Desk, token: str | None) -> UUID:
    async with desk.database.transaction() as session:
        return (await access(session, token)).id


def _conversation_routes(router: APIRouter, desk: Desk) -> None:
    @router.post("/conversations/{conversation_id}/transfer", status_code=204)
    async def transfer(conversation_id: UUID, body: TransferIn, token: Token) -> None:
        """Gives the conversation to a colleague who is here (409 when not) or to the queue of a team, with a note."""
        staff = await _staff_of(desk, token)
        if body.staff_id is not None:
            await desk.transfer(staff, conversation_id, to=body.staff_id, note=body.note)
        elif body.team_id is not None:
            await desk.transfer_to_team(staff, conversation_id, team=body.team_id, note=body.note)

    @router.post("/conversations/{conversation_id}/snooze", status_code=204)
    async def snooze(conversation_id: UUID, body: SnoozeIn, token: Token) -> None:
        """Lets it sleep until a time, or until the customer writes."""
        await desk.snooze(await _staff_of(desk, token), conversation_id, until=body.until)

    @router.post("/conversations/{conversation_id}/wake", status_code=204)
    async def wake(conversation_id: UUID, token: Token) -> None:
        """Ends a snooze; 409 when it does not sleep."""
        await desk.wake(await _staff_of(desk, token), conversation_id)

    @router.post("/conversations/{conversation_id}/callback", status_code=204)
    async def called_back(conversation_id: UUID, body: CallbackDoneIn, token: Token) -> None:
        """The customer who left an address was reached, or not; 404 when none is open."""
        await desk.called_back(await _staff_of(desk, token), conversation_id, outcome=body.outcome)

    @router.get("/conversations/{conversation_id}/card")
    async def card(conversation_id: UUID, token: Token, language: Annotated[str, Query(max_length=20)] = "en") -> CardOut:
        """The newest handoff in a few words, in English or Traditional Chinese; 404 when there was none."""
        async with desk.database.transaction() as session:
            staff = await access(session, token)
            handoff = await find_latest_handoff(session, conversation_id)
            if handoff is None:
                raise NotFoundError("This conversation was never handed over")
            callback = await access_callback(session, staff, conversation_id)
        return CardOut(**asdict(make_card(handoff.packet, language=language, callback=callback)))


def _house_routes(router: APIRouter, desk: Desk) -> None:
    @router.get("/callbacks")
    async def callbacks(token: Token) -> list[CallbackOut]:
        """Customers who left an address and were not reached yet, the oldest first."""
        async with desk.database.transaction() as session:
            found = await list_callbacks(session, await access(session, token))
        return [CallbackOut(**asdict(one)) for one in found]

    @router.get("/queue")
    async def queue(token: Token) -> list[PlaceOut]:
        """Who waits, and where."""
        async with desk.database.transaction() as session:
            await access(session, token)
            places = await read_places(session)
        return [PlaceOut(conversation_id=one, place=place) for one, place in sorted(places.items(), key=lambda pair: pair[1])]

    @router.put("/presence", status_code=204)
    async def presence(body: PresenceIn, token: Token) -> None:
        """A sign of life of a desk without the console, to be repeated every 30 seconds: who is silent is offline after 45."""
        async with desk.database.transaction() as session:
            staff = await access(session, token)
            await record_presence(session, staff.id, PresenceState(body.state), clock=desk.ledger.clock)
