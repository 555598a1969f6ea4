"""People, roles, tokens and the record of changes over /v1, for operators who automate them. Rights are those of the console's pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from context.endpoints import staff_token
from context.ledger import Ledger
from context.schemas import Problem
from context.staff import people, roles, tokens
from context.staff.accounts import access_token_staff, check_may
from context.staff.audit import PAGE, AuditFilter, access_changes
from context.staff.models import StaffRow
from context.staff.permissions import PERMISSIONS
from kit.db import Database

Token = Annotated[str | None, Depends(staff_token)]


class PersonOut(BaseModel):
    """A person; `role` is agent, editor, supervisor, admin or the name of a custom role."""

    id: UUID
    email: str
    name: str
    role: str
    active: bool
    temporary: bool
    created_at: datetime
    seen_at: datetime | None
    sessions: int
    tokens: int
    holds: int


class OpenedOut(BaseModel):
    """A person with what opens their account, told once: the path of a link, or a temporary password."""

    person: PersonOut
    link: str | None
    password: str | None


class InviteIn(BaseModel):
    """A new account."""

    model_config = ConfigDict(extra="forbid")
    email: str
    name: str
    role: str = "agent"
    temporary: bool = False


class PersonIn(BaseModel):
    """What is to be changed; what is left out stays."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = None
    role: str | None = None
    active: bool | None = None


class RoleOut(BaseModel):
    """A role with its permissions."""

    name: str
    description: str
    permissions: list[str]
    custom: bool
    people: int


class RoleIn(BaseModel):
    """What a custom role allows."""

    model_config = ConfigDict(extra="forbid")
    permissions: list[str]
    description: str = ""


class TokenOut(BaseModel):
    """A token, without itself; `permissions` null: all that its person may do."""

    id: UUID
    label: str
    person_id: UUID
    person: str
    permissions: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


class TokenIn(BaseModel):
    """A new token; `days` null: it does not end by itself."""

    model_config = ConfigDict(extra="forbid")
    label: str
    person_id: UUID
    permissions: list[str] | None = None
    days: int | None = 90


class MadeOut(BaseModel):
    """A new token, told once."""

    token: str


class ChangeOut(BaseModel):
    """A line of the record of changes."""

    id: int
    at: datetime
    actor_id: str
    actor_name: str
    action: str
    kind: str
    subject_id: str
    subject: str
    details: dict[str, Any]


@dataclass(frozen=True)
class StaffApi:
    """What the endpoints need."""

    database: Database
    ledger: Ledger

    @asynccontextmanager
    async def acting(self, token: str | None, right: str) -> AsyncIterator[tuple[AsyncSession, StaffRow]]:
        """A transaction of somebody who has the right. Raises NotAuthenticatedError, NotAllowedError."""
        async with self.database.transaction() as session:
            staff = await access_token_staff(session, token)
            check_may(staff, right)
            yield session, staff


def staff_router(api: StaffApi) -> APIRouter:
    """The routes /v1/people, /v1/roles, /v1/tokens, /v1/permissions and /v1/changes."""
    problems: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (401, 403, 404, 409, 422)}
    router = APIRouter(prefix="/v1", responses=problems)
    _people_routes(router, api)
    _access_routes(router, api)
    _role_routes(router, api)
    _token_routes(router, api)
    return router


def _people_routes(router: APIRouter, api: StaffApi) -> None:
    ledger = api.ledger

    @router.get("/people", tags=["people"])
    async def list_people(token: Token) -> list[PersonOut]:
        """Everybody with an account."""
        async with api.acting(token, people.RIGHT) as (session, staff):
            return [_person(one) for one in await people.access_people(session, staff, now=ledger.now)]

    @router.post("/people", tags=["people"], status_code=201)
    async def invite(body: InviteIn, token: Token) -> OpenedOut:
        """A new account, opened with a one-time link (default) or a temporary password."""
        async with api.acting(token, people.RIGHT) as (session, staff):
            return _opened(await people.invite(session, ledger, staff, people.Invitation(**body.model_dump())))

    @router.patch("/people/{person_id}", tags=["people"])
    async def change_person(person_id: UUID, body: PersonIn, token: Token) -> PersonOut:
        """Another name or role; `active` false disables: sessions and tokens end, what was held goes back to the queue."""
        async with api.acting(token, people.RIGHT) as (session, staff):
            found = None
            if body.active is not None:
                change = people.enable if body.active else people.disable
                found = await change(session, ledger, staff, person_id)
            if body.role is not None:
                found = await people.give_role(session, ledger, staff, person_id, body.role)
            if body.name is not None or found is None:
                found = await people.rename(session, ledger, staff, person_id, body.name or "")
        return _person(found)


def _access_routes(router: APIRouter, api: StaffApi) -> None:
    @router.post("/people/{person_id}/reset-password", tags=["people"])
    async def reset(person_id: UUID, token: Token, temporary: bool = False) -> OpenedOut:
        """The old password no longer serves; a link or a temporary password opens the account."""
        async with api.acting(token, people.RIGHT) as (session, staff):
            return _opened(await people.reset_password(session, api.ledger, staff, person_id, temporary=temporary))

    @router.delete("/people/{person_id}/sessions", tags=["people"], status_code=204)
    async def end_sessions(person_id: UUID, token: Token) -> None:
        """Ends all logins of a person."""
        async with api.acting(token, people.RIGHT) as (session, staff):
            await people.end_session(session, api.ledger, staff, person_id)

    @router.get("/changes", tags=["people"])
    async def list_changes(
        token: Token, kind: str = "", before: int | None = None, limit: Annotated[int, Query(ge=1, le=500)] = PAGE
    ) -> list[ChangeOut]:
        """Who changed what and when, newest first."""
        async with api.acting(token, "view_audit") as (session, staff):
            found = await access_changes(session, staff, AuditFilter(kind=kind, before=before), limit=limit)
        return [
            ChangeOut(
                id=one.id, at=one.at, actor_id=one.actor_id, actor_name=one.actor_name, action=one.action, kind=one.subject.kind,
                subject_id=one.subject.id, subject=one.subject.name, details=dict(one.details),
            )
            for one in found
        ]  # fmt: skip


def _role_routes(router: APIRouter, api: StaffApi) -> None:
    @router.get("/permissions", tags=["roles"])
    async def list_permissions(token: Token) -> dict[str, str]:
        """All permissions, with what each allows."""
        async with api.acting(token, roles.RIGHT):
            return {name: described.en for name, described in PERMISSIONS.items()}

    @router.get("/roles", tags=["roles"])
    async def list_roles(token: Token) -> list[RoleOut]:
        """Built-in and custom roles."""
        async with api.acting(token, roles.RIGHT) as (session, _staff):
            return [RoleOut(**asdict(one)) for one in await roles.list_roles(session)]

    @router.put("/roles/{name}", tags=["roles"])
    async def save_role(name: str, body: RoleIn, token: Token) -> RoleOut:
        """Creates or changes a custom role; nobody gives more than they may do themselves."""
        async with api.acting(token, roles.RIGHT) as (session, staff):
            saved = await roles.save_role(
                session, staff, name, description=body.description, permissions=body.permissions, clock=api.ledger.clock
            )
        return RoleOut(**asdict(saved))

    @router.delete("/roles/{name}", tags=["roles"], status_code=204)
    async def remove_role(name: str, token: Token) -> None:
        """Removes a custom role; 409 while somebody has it."""
        async with api.acting(token, roles.RIGHT) as (session, staff):
            await roles.remove_role(session, staff, name, clock=api.ledger.clock)


def _token_routes(router: APIRouter, api: StaffApi) -> None:
    @router.get("/tokens", tags=["tokens"])
    async def list_tokens(token: Token) -> list[TokenOut]:
        """All tokens, the newest first."""
        async with api.acting(token, tokens.RIGHT) as (session, staff):
            return [TokenOut(**asdict(one)) for one in await tokens.access_tokens(session, staff)]

    @router.post("/tokens", tags=["tokens"], status_code=201)
    async def make_token(body: TokenIn, token: Token) -> MadeOut:
        """A token that acts as a person; its text is told only now."""
        async with api.acting(token, tokens.RIGHT) as (session, staff):
            return MadeOut(token=await tokens.make_token(session, api.ledger, staff, tokens.Wish(**body.model_dump())))

    @router.delete("/tokens/{token_id}", tags=["tokens"], status_code=204)
    async def revoke_token(token_id: UUID, token: Token) -> None:
        """Ends a token at once."""
        async with api.acting(token, tokens.RIGHT) as (session, staff):
            await tokens.revoke_token(session, api.ledger, staff, token_id)


def _person(found: people.PersonView) -> PersonOut:
    return PersonOut(**asdict(found))


def _opened(made: people.Invited) -> OpenedOut:
    link = f"/console/password/{made.link}" if made.link else None
    return OpenedOut(person=_person(made.person), link=link, password=made.password)
