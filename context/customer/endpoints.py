"""The customer routes of /v1: contacts, what is known of them, what the shop tells, segments."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from context import schemas as base
from context.contacts import get_contact
from context.customer import keeping, schemas
from context.customer.api import check_match, cursor_of, etag_of, once, read_cursor, read_id_cursor, tagged
from context.customer.keeping import Call, Told, check_attributes
from context.customer.models import RuleRow
from context.customer.rules import list_rules, parse_rule
from context.customer.searching import Looked, find_contacts
from context.customer.showing import show_contact, show_happening, show_view
from context.customer.view import read_profile, read_timeline, read_view
from context.identity.identifiers import Method, parse_identifier
from context.identity.linking import claim
from context.models import ContactRow
from context.services import ApiServices, Token, access
from context.staff.rights import check_may
from kit.errors import InvalidInputError, NotFoundError

Key = Annotated[str | None, Header(alias="Idempotency-Key")]
IfMatch = Annotated[str | None, Header(alias="If-Match")]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match")]
Limit = Annotated[int, Query(ge=1, le=200)]
KINDS = "phone, email, member or device"


def customer_router(services: ApiServices) -> APIRouter:
    """The routes."""
    problems: dict[int | str, dict[str, Any]] = {code: {"model": base.Problem} for code in (401, 403, 404, 409, 412, 422, 429)}
    router = APIRouter(prefix="/v1", responses=problems)
    _contact_routes(router, services)
    _view_routes(router, services)
    _word_routes(router, services)
    _shop_routes(router, services)
    _rule_routes(router, services)
    return router


async def shown(session: AsyncSession, services: ApiServices, contact_id: UUID) -> base.ContactOut:
    """The contact as /v1 shows it. Raises NotFoundError."""
    return show_contact(await read_profile(session, contact_id, now=services.ledger.now))


def _looked(
    q: Annotated[str | None, Query(max_length=200)] = None,
    identifier: Annotated[str | None, Query(max_length=300, description=f"`kind:value`; kind is {KINDS}")] = None,
    label: Annotated[str | None, Query(max_length=60)] = None,
    segment: Annotated[str | None, Query(max_length=100)] = None,
) -> Looked:
    kind, _, value = (identifier or "").partition(":")
    return Looked(q, (kind, value) if identifier else None, label, segment)


def _contact_routes(router: APIRouter, services: ApiServices) -> None:
    @router.get("/contacts", tags=["contacts"], response_model=schemas.Page)
    async def search_contacts(
        token: Token, sought: Annotated[Looked, Depends(_looked)], cursor: str | None = None, limit: Limit = 50
    ) -> schemas.Page:
        """Contacts, newest first: by words of name, address or number, by identifier, label or segment. `next` leads to the next page."""
        async with services.database.transaction() as session:
            await access(session, token)
            rows = await find_contacts(session, sought, now=services.ledger.now, limit=limit + 1, after=read_id_cursor(cursor))
            items = [await shown(session, services, row.id) for row in rows[:limit]]
        last = rows[limit - 1] if len(rows) > limit else None
        return schemas.Page(items=items, next=cursor_of(last.created_at, last.id) if last else None)

    @router.post("/contacts", status_code=201, tags=["contacts"], response_model=base.ContactOut)
    async def create_contact(body: schemas.NewContact, token: Token, key: Key = None) -> Response:
        """A new contact, as a CRM brings it; what it is known by is claimed, and may be suggested as somebody known."""
        async with services.database.transaction() as session:
            staff = await access(session, token)

            async def do() -> tuple[int, Any]:
                row = await _create(session, services, body)
                return 201, await shown(session, services, row.id)

            return await once(session, staff, key, request=["contact", body.model_dump()], now=services.ledger.now, do=do)

    @router.get("/contacts/{contact_id}", tags=["contacts"], response_model=base.ContactOut)
    async def read_contact(contact_id: UUID, token: Token, if_none_match: IfNoneMatch = None) -> Response:
        """A contact with its identities, labels, segments and consent. The id of one that was merged leads to the one it became."""
        async with services.database.transaction() as session:
            await access(session, token)
            return tagged(await shown(session, services, contact_id), if_none_match=if_none_match)

    @router.patch("/contacts/{contact_id}", tags=["contacts"], response_model=base.ContactOut)
    async def change_contact(contact_id: UUID, change: base.ContactChange, token: Token, if_match: IfMatch = None) -> Response:
        """Changes fields of a contact; with `If-Match`, only when nobody else has since. Attributes that are null are removed."""
        async with services.database.transaction() as session:
            await access(session, token)
            row = await get_contact(session, contact_id)
            await session.refresh(row, with_for_update={"key_share": True})
            check_match(if_match, etag_of(await shown(session, services, row.id)))
            await _change(session, services, row, change.model_dump(exclude_unset=True))
            return tagged(await shown(session, services, row.id))


async def _create(session: AsyncSession, services: ApiServices, body: schemas.NewContact) -> ContactRow:
    row = ContactRow(name=body.name, language=body.language, attributes=check_attributes(body.attributes))
    session.add(row)
    await session.flush()
    await _claim(session, services, row, {"email": body.email, "phone": body.phone}, region=body.region or "MO")
    await session.flush()
    return row


async def _change(session: AsyncSession, services: ApiServices, row: ContactRow, fields: dict[str, Any]) -> None:
    if (given := fields.pop("attributes", None)) is not None:
        merged = {key: value for key, value in (dict(row.attributes) | given).items() if value is not None}
        row.attributes = check_attributes(merged)
    await _claim(session, services, row, {kind: fields.pop(kind) for kind in ("email", "phone") if kind in fields})
    for field, value in fields.items():
        setattr(row, field, value)
    await session.flush()


async def _claim(session: AsyncSession, services: ApiServices, row: ContactRow, said: dict[str, str | None], *, region: str = "MO") -> None:
    """What is typed into a contact is shown there in its one form, and claimed."""
    for kind, value in said.items():
        identifier = parse_identifier(kind, value, region=region) if value else None
        setattr(row, kind, identifier.value if identifier else None)
        if identifier is not None:
            await session.flush()
            await claim(session, row.id, identifier, method=Method.API, at=services.ledger.now)


def _view_routes(router: APIRouter, services: ApiServices) -> None:
    @router.get("/contacts/{contact_id}/view", tags=["contacts"], response_model=schemas.ViewOut)
    async def read_customer(contact_id: UUID, token: Token, if_none_match: IfNoneMatch = None) -> Response:
        """The single customer view: profile, orders, what is open, sentiment by weeks, the newest of all channels."""
        async with services.database.transaction() as session:
            await access(session, token)
            return tagged(show_view(await read_view(session, contact_id, now=services.ledger.now)), if_none_match=if_none_match)

    @router.get("/contacts/{contact_id}/timeline", tags=["contacts"])
    async def read_history(contact_id: UUID, token: Token, cursor: str | None = None, limit: Limit = 50) -> schemas.Timeline:
        """All that happened on all channels, newest first: messages, orders, calls, notes, ratings, events of the shop."""
        async with services.database.transaction() as session:
            await access(session, token)
            contact = await get_contact(session, contact_id)
            found = await read_timeline(session, contact.id, limit=limit + 1, before=read_cursor(cursor))
        last = found[limit - 1] if len(found) > limit else None
        following = cursor_of(last.at, f"{last.kind}:{last.id}") if last else None
        return schemas.Timeline(items=[show_happening(one) for one in found[:limit]], next=following)


def _word_routes(router: APIRouter, services: ApiServices) -> None:
    @router.put("/contacts/{contact_id}/labels/{label}", status_code=204, tags=["contacts"])
    async def put_label(contact_id: UUID, label: str, token: Token) -> None:
        """Puts a label on a contact."""
        async with services.database.transaction() as session:
            staff = await access(session, token)
            await keeping.put_label(session, (await get_contact(session, contact_id)).id, label, source="api", by=str(staff.id))

    @router.delete("/contacts/{contact_id}/labels/{label}", status_code=204, tags=["contacts"])
    async def take_label(contact_id: UUID, label: str, token: Token) -> None:
        """Takes a label off; one by rule stays while its rule holds."""
        async with services.database.transaction() as session:
            await access(session, token)
            await keeping.take_label(session, (await get_contact(session, contact_id)).id, label)

    @router.get("/contacts/{contact_id}/notes", tags=["contacts"])
    async def read_notes(contact_id: UUID, token: Token) -> list[schemas.NoteOut]:
        """Notes of colleagues, newest first."""
        async with services.database.transaction() as session:
            await access(session, token)
            rows = await keeping.notes_of(session, (await get_contact(session, contact_id)).id)
            return [schemas.NoteOut.model_validate(row, from_attributes=True) for row in rows]

    @router.post("/contacts/{contact_id}/notes", status_code=201, tags=["contacts"], response_model=schemas.NoteOut)
    async def write_note(contact_id: UUID, body: schemas.NoteIn, token: Token, key: Key = None) -> Response:
        """Writes a note."""
        async with services.database.transaction() as session:
            staff = await access(session, token)
            contact = await get_contact(session, contact_id)

            async def do() -> tuple[int, Any]:
                row = await keeping.add_note(session, contact.id, staff_id=staff.id, text=body.text, at=services.ledger.now)
                return 201, schemas.NoteOut.model_validate(row, from_attributes=True)

            return await once(session, staff, key, request=["note", str(contact.id), body.text], now=services.ledger.now, do=do)

    @router.put("/contacts/{contact_id}/consent/{purpose}", status_code=204, tags=["contacts"])
    async def put_consent(contact_id: UUID, purpose: str, body: schemas.ConsentGiven, token: Token) -> None:
        """Notes what the customer allowed or took back; taking `tracking` back removes what the shop told."""
        async with services.database.transaction() as session:
            await access(session, token)
            contact = await get_contact(session, contact_id)
            said = keeping.Consent(purpose, body.granted, body.source, body.version)
            await keeping.set_consent(session, contact.id, said, at=services.ledger.now)


def _shop_routes(router: APIRouter, services: ApiServices) -> None:
    @router.post("/contacts/{contact_id}/events", tags=["contacts"])
    async def tell_events(contact_id: UUID, body: schemas.EventsIn, token: Token) -> dict[str, int]:
        """What the customer did in the shop or on its site, with consent to `tracking`; each event counts once. `new`: how many were."""
        told = [Told(one.kind, one.id, one.at, one.data, body.source) for one in body.events]
        async with services.database.transaction() as session:
            await access(session, token)
            contact = await get_contact(session, contact_id)
            return {"new": await keeping.record_told(session, services.ledger, contact.id, told)}

    @router.post("/contacts/{contact_id}/calls", tags=["contacts"])
    async def tell_call(contact_id: UUID, body: schemas.CallTold, token: Token, response: Response) -> dict[str, str]:
        """A telephone call or its transcript, for the timeline; 201 when it is new, 200 when it was told before."""
        lines = tuple(line.model_dump() for line in body.transcript)
        call = Call(external_id=body.id, transcript=lines, **body.model_dump(exclude={"id", "transcript"}))
        async with services.database.transaction() as session:
            await access(session, token)
            contact = await get_contact(session, contact_id)
            row, new = await keeping.record_call(session, services.ledger, contact.id, call)
        response.status_code = 201 if new else 200
        return {"id": str(row.id)}


def _rule_routes(router: APIRouter, services: ApiServices) -> None:
    @router.get("/segments", tags=["segments"])
    async def read_rules(token: Token) -> list[schemas.RuleOut]:
        """Segments and labels by rule. `GET /v1/contacts?segment=<name>` lists whom one holds now."""
        async with services.database.transaction() as session:
            await access(session, token)
            return [schemas.RuleOut(name=r.name, kind=r.kind, rule=r.rule, built_in=r.built_in) for r in await list_rules(session)]

    @router.put("/segments/{name}", status_code=204, tags=["segments"])
    async def put_rule(name: str, body: schemas.RuleIn, token: Token) -> None:
        """Makes or changes a rule; 422 says what in it cannot be read."""
        parse_rule(body.rule)
        if not 0 < len(name.strip()) <= 100:
            raise InvalidInputError("A rule has a name of 1 to 100 characters")
        async with services.database.transaction() as session:
            check_may(await access(session, token), "manage_integrations")
            await session.execute(delete(RuleRow).where(RuleRow.name == name.strip()))
            session.add(RuleRow(name=name.strip(), kind=body.kind, rule=body.rule, active=body.active))

    @router.delete("/segments/{name}", status_code=204, tags=["segments"])
    async def delete_rule(name: str, token: Token) -> None:
        """Removes a rule of this installation; a built-in one of the same name counts again."""
        async with services.database.transaction() as session:
            check_may(await access(session, token), "manage_integrations")
            gone = delete(RuleRow).where(RuleRow.name == name).returning(RuleRow.id)
            if (await session.execute(gone)).first() is None:
                raise NotFoundError("There is no such rule of this installation")
