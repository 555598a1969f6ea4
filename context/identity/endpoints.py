"""The identity routes of /v1: what contacts are known by, merges and their undoing, suggestions, keys of signed identity."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context import schemas as base
from context.contacts import get_contact
from context.customer import schemas
from context.events import Actor
from context.identity.identifiers import Method, parse_identifier
from context.identity.linking import claim, list_identifiers, prove
from context.identity.merging import Why, list_merges, merge_contacts, unmerge
from context.identity.models import IdentifierRow, MergeRow
from context.identity.signed import create_key, list_keys, retire_key
from context.identity.suggesting import confirm, dismiss, list_suggestions
from context.services import ApiServices, Token, access
from context.staff.models import StaffRow
from context.staff.rights import check_may
from kit.errors import NotFoundError


def identity_router(services: ApiServices) -> APIRouter:
    """The routes."""
    problems: dict[int | str, dict[str, Any]] = {code: {"model": base.Problem} for code in (401, 403, 404, 409, 422, 429)}
    router = APIRouter(prefix="/v1", responses=problems)
    _identifier_routes(router, services)
    _merge_routes(router, services)
    _suggestion_routes(router, services)
    _key_routes(router, services)
    return router


def _actor(staff: StaffRow) -> Actor:
    return Actor("agent", str(staff.id))


def _merge(row: MergeRow) -> schemas.MergeOut:
    return schemas.MergeOut.model_validate(row, from_attributes=True)


def _identifier_routes(router: APIRouter, services: ApiServices) -> None:
    @router.get("/contacts/{contact_id}/identifiers", tags=["identity"])
    async def read_identifiers(contact_id: UUID, token: Token) -> list[schemas.IdentifierOut]:
        """What a contact is known by: claimed and proven."""
        async with services.database.transaction() as session:
            await access(session, token)
            rows = await list_identifiers(session, (await get_contact(session, contact_id)).id)
            return [schemas.IdentifierOut.model_validate(row, from_attributes=True) for row in rows]

    @router.post("/contacts/{contact_id}/identifiers", status_code=201, tags=["identity"])
    async def add_identifier(contact_id: UUID, body: schemas.IdentifierIn, token: Token) -> schemas.IdentifierOut:
        """A claim; or, by a supervisor, what they have checked themselves, which counts as proven and may link contacts."""
        identifier = parse_identifier(body.kind, body.value, region=body.region)
        async with services.database.transaction() as session:
            staff = await access(session, token)
            contact_id = (await get_contact(session, contact_id)).id
            if body.verified:
                check_may(staff, "supervise")
                contact_id = (await prove(session, services.ledger, contact_id, identifier, method=Method.AGENT)).contact_id
            else:
                await claim(session, contact_id, identifier, method=Method.API, at=services.ledger.now)
            query = select(IdentifierRow).filter_by(contact_id=contact_id, kind=identifier.kind, value=identifier.value)
            row = (await session.execute(query)).scalar_one()
            return schemas.IdentifierOut.model_validate(row, from_attributes=True)

    @router.patch("/identifiers/{identifier_id}", tags=["identity"])
    async def change_identifier(identifier_id: UUID, body: schemas.IdentifierChange, token: Token) -> schemas.IdentifierOut:
        """Marks a number or address as shared: it links nobody by itself any more."""
        async with services.database.transaction() as session:
            await access(session, token)
            row = await _identifier(session, identifier_id)
            row.shared = body.shared
            return schemas.IdentifierOut.model_validate(row, from_attributes=True)

    @router.delete("/identifiers/{identifier_id}", status_code=204, tags=["identity"])
    async def delete_identifier(identifier_id: UUID, token: Token) -> None:
        """Removes what a contact is known by; what is proven, a supervisor only."""
        async with services.database.transaction() as session:
            staff = await access(session, token)
            row = await _identifier(session, identifier_id)
            if row.verified:
                check_may(staff, "supervise")
            await session.delete(row)


async def _identifier(session: AsyncSession, identifier_id: UUID) -> IdentifierRow:
    row = await session.get(IdentifierRow, identifier_id)
    if row is None:
        raise NotFoundError("There is no such identifier")
    return row


def _merge_routes(router: APIRouter, services: ApiServices) -> None:
    @router.post("/contacts/{contact_id}/merge", status_code=201, tags=["identity"])
    async def merge(contact_id: UUID, body: schemas.MergeIn, token: Token) -> schemas.MergeOut:
        """The named contact becomes part of this one; 409 when both are members of the shop."""
        async with services.database.transaction() as session:
            why = Why("agent", _actor(await access(session, token)))
            return _merge(await merge_contacts(session, services.ledger, body.contact_id, contact_id, why=why))

    @router.get("/contacts/{contact_id}/merges", tags=["identity"])
    async def read_merges(contact_id: UUID, token: Token) -> list[schemas.MergeOut]:
        """Every merge in which the contact took part, those undone too."""
        async with services.database.transaction() as session:
            await access(session, token)
            return [_merge(row) for row in await list_merges(session, contact_id)]

    @router.post("/merges/{merge_id}/undo", tags=["identity"])
    async def undo_merge(merge_id: UUID, token: Token) -> schemas.MergeOut:
        """Gives the merged contact back what moved."""
        async with services.database.transaction() as session:
            staff = await access(session, token)
            return _merge(await unmerge(session, services.ledger, merge_id, actor=_actor(staff)))


def _suggestion_routes(router: APIRouter, services: ApiServices) -> None:
    @router.get("/link-suggestions", tags=["identity"])
    async def read_suggestions(token: Token, contact_id: UUID | None = None) -> list[schemas.SuggestionOut]:
        """Contacts who may be one person, for somebody to decide; `doubts` says what speaks against it."""
        async with services.database.transaction() as session:
            await access(session, token)
            found = await list_suggestions(session, contact_id=contact_id)
        return [
            schemas.SuggestionOut(
                id=one.id, contacts=[{"id": c, "name": name} for c, name in one.contacts], kind=one.kind, value=one.value,
                doubts=list(one.doubts), at=one.at,
            )
            for one in found
        ]  # fmt: skip

    @router.post("/link-suggestions/{suggestion_id}", tags=["identity"])
    async def decide(suggestion_id: UUID, body: schemas.Decision, token: Token) -> dict[str, UUID | None]:
        """They are one person, or two."""
        async with services.database.transaction() as session:
            actor = _actor(await access(session, token))
            if body.decision == "confirm":
                return {"contact_id": (await confirm(session, services.ledger, suggestion_id, actor=actor)).into_id}
            await dismiss(session, services.ledger, suggestion_id, actor=actor, shared=body.shared)
            return {"contact_id": None}


def _key_routes(router: APIRouter, services: ApiServices) -> None:
    async def may_manage(session: AsyncSession, token: str | None) -> None:
        check_may(await access(session, token, "manage_integrations"), "manage_integrations")

    @router.get("/identity/keys", tags=["identity"])
    async def read_keys(token: Token) -> list[schemas.KeyOut]:
        """The keys with which the shop's site signs, without their secrets."""
        async with services.database.transaction() as session:
            await may_manage(session, token)
            return [_key(row.id, row) for row in await list_keys(session)]

    @router.post("/identity/keys", status_code=201, tags=["identity"])
    async def make_key(body: schemas.KeyIn, token: Token) -> schemas.KeyOut:
        """A new key; the secret of HS256 stands in this answer and nowhere else."""
        async with services.database.transaction() as session:
            await may_manage(session, token)
            secret = await create_key(session, body.id, algorithm=body.algorithm, public_key=body.public_key)
            row = next(row for row in await list_keys(session) if row.id == body.id)
            return _key(row.id, row, secret=secret if body.algorithm == "HS256" else None)

    @router.delete("/identity/keys/{key_id}", status_code=204, tags=["identity"])
    async def end_key(key_id: str, token: Token) -> None:
        """The key is refused from now on. Make the new one first: until then both count."""
        async with services.database.transaction() as session:
            await may_manage(session, token)
            await retire_key(session, key_id, at=services.ledger.now)


def _key(key_id: str, row: Any, *, secret: str | None = None) -> schemas.KeyOut:
    return schemas.KeyOut(id=key_id, algorithm=row.algorithm, created_at=row.created_at, retires_at=row.retires_at, secret=secret)
