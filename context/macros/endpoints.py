"""Macros over /v1. A token acts as one staff member, who sees what they may use and changes what they may change."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from context.endpoints import Token
from context.ledger import Ledger
from context.macros import schemas, storing
from context.macros.types import Macro, MacroAudience
from context.macros.using import render_macro
from context.macros.variables import VARIABLES
from context.schemas import Problem
from context.staff.accounts import access_token_staff
from context.staff.audit import Subject, record_change
from context.staff.models import StaffRow
from kit.db import Database


def macro_router(database: Database, ledger: Ledger) -> APIRouter:
    """The routes under /v1/macros."""
    problems: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (401, 403, 404, 409, 422)}
    router = APIRouter(prefix="/v1/macros", tags=["macros"], responses=problems)

    @router.get("")
    async def list_macros(token: Token, text: str = "") -> list[schemas.MacroOut]:
        """The macros that you may use, those used most first; `text` is looked for in titles and texts."""
        async with database.transaction() as session:
            staff = await access_token_staff(session, token)
            return [schemas.macro_out(one) for one in await storing.list_macros(session, staff, text=text)]

    @router.get("/variables")
    async def list_variables(token: Token) -> dict[str, str]:
        """Every variable with what it becomes."""
        async with database.transaction() as session:
            staff = await access_token_staff(session, token)
            storing.check_may_read(staff)
        return VARIABLES

    @router.post("", status_code=201)
    async def create_macro(body: schemas.MacroIn, token: Token) -> schemas.MacroOut:
        """A new macro; one for others needs the permission to manage macros. 422 names a variable that does not exist."""
        async with database.transaction() as session:
            staff = await access_token_staff(session, token)
            made = await storing.create_macro(session, staff, body.draft(), clock=ledger.clock)
            await _record(session, ledger, staff, action="macro.created", macro=made)
            return schemas.macro_out(made)

    @router.get("/{macro_id}")
    async def read_macro(macro_id: UUID, token: Token) -> schemas.MacroOut:
        """One macro."""
        async with database.transaction() as session:
            staff = await access_token_staff(session, token)
            return schemas.macro_out(await storing.access_macro(session, staff, macro_id))

    @router.put("/{macro_id}")
    async def change_macro(macro_id: UUID, body: schemas.MacroChange, token: Token) -> schemas.MacroOut:
        """Changes a macro; 409 when somebody changed it since the version that you read."""
        async with database.transaction() as session:
            staff = await access_token_staff(session, token)
            changed = await storing.change_macro(
                session, staff, macro_id, body.draft(), expected_version=body.expected_version, clock=ledger.clock
            )
            await _record(session, ledger, staff, action="macro.changed", macro=changed)
            return schemas.macro_out(changed)

    @router.delete("/{macro_id}", status_code=204)
    async def remove_macro(macro_id: UUID, token: Token) -> None:
        """Removes a macro."""
        async with database.transaction() as session:
            staff = await access_token_staff(session, token)
            macro = await storing.remove_macro(session, staff, macro_id)
            await _record(session, ledger, staff, action="macro.removed", macro=macro)

    @router.post("/{macro_id}/render")
    async def render(macro_id: UUID, body: schemas.RenderWhere, token: Token) -> schemas.RenderedOut:
        """The macro as it would be sent in a conversation. Nothing is sent; 422 where a variable has no value there."""
        async with database.transaction() as session:
            staff = await access_token_staff(session, token)
            rendered = await render_macro(session, staff, macro_id, conversation_id=body.conversation_id, order_number=body.order_number)
            return schemas.rendered_out(rendered)

    return router


async def _record(session: AsyncSession, ledger: Ledger, staff: StaffRow, *, action: str, macro: Macro) -> None:
    """In the record of changes; what somebody keeps for themselves alone is not in it."""
    if macro.draft.audience != MacroAudience.OWNER:
        await record_change(session, staff, action, Subject("macro", str(macro.id), macro.title), at=ledger.now)
