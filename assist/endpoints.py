"""Assistance over /v1: what the console shows beside a conversation, actions in two steps, how suggestions do, and what was learned."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from assist import schemas
from assist.history.listing import hide_reply, list_replies
from assist.learning.figures import By, suggestion_use
from assist.learning.storing import activate_ranker, list_rankers
from assist.steps.doing import Doing
from assist.steps.helping import access_help
from assist.suggestions import check_of, list_suggestions, record_dismissed, record_shown, record_taken
from context.endpoints import Token, access
from context.ledger import Ledger
from context.schemas import Problem
from context.staff.accounts import access_token_staff
from context.staff.rights import check_may
from kit.db import Database

SPAN = timedelta(days=30)


def assist_router(database: Database, ledger: Ledger) -> APIRouter:
    """The routes of assistance."""
    problems: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (401, 403, 404, 409, 422)}
    router = APIRouter(prefix="/v1", tags=["assist"], responses=problems)
    _conversation_routes(router, database, ledger)
    _use_routes(router, database, ledger)
    _figure_routes(router, database, ledger)
    _learning_routes(router, database)
    return router


def _conversation_routes(router: APIRouter, database: Database, ledger: Ledger) -> None:
    doing = Doing(database, ledger)

    @router.get("/conversations/{conversation_id}/assist")
    async def read_help(conversation_id: UUID, token: Token) -> schemas.HelpOut:
        """Summary, the order that is meant, likely next actions, questions to ask, and drafts for the newest message."""
        async with database.transaction() as session:
            staff = await access(session, token)
            found = await access_help(session, staff, conversation_id, now=ledger.now)
            return schemas.help_out(found, await list_suggestions(session, conversation_id))

    @router.post("/conversations/{conversation_id}/actions/prepare")
    async def prepare(conversation_id: UUID, body: schemas.WantedIn, token: Token) -> schemas.PreparedOut:
        """Tries an action and takes it back; you must hold the conversation. 409 with the reason where the rules forbid it."""
        async with database.transaction() as session:
            staff = await access(session, token)
        prepared = await doing.prepare(staff, conversation_id, body.wanted())
        return schemas.PreparedOut(key=prepared.key, result=prepared.result)

    @router.post("/conversations/{conversation_id}/actions/confirm")
    async def confirm(conversation_id: UUID, body: schemas.ConfirmWanted, token: Token) -> dict[str, Any]:
        """Carries out what was prepared, once a key."""
        async with database.transaction() as session:
            staff = await access(session, token)
        return await doing.confirm(staff, conversation_id, body.wanted(), key=body.key)


def _use_routes(router: APIRouter, database: Database, ledger: Ledger) -> None:
    @router.post("/conversations/{conversation_id}/suggestions/shown", status_code=204)
    async def show(conversation_id: UUID, body: schemas.ShownIn, token: Token) -> None:
        """These drafts stood before you; each is counted once."""
        async with database.transaction() as session:
            staff = await access(session, token)
            check_may(staff, "converse")
            await check_of(session, conversation_id, body.ids)
            await record_shown(session, ledger, body.ids, staff_id=staff.id)

    @router.post("/conversations/{conversation_id}/suggestions/{suggestion_id}", status_code=204)
    async def settle(conversation_id: UUID, suggestion_id: UUID, body: schemas.BecameIn, token: Token) -> None:
        """`dismissed`: you wave the draft away. `taken`: you send it elsewhere; at an outside desk what you send settles how much you used.

        409 for a draft that is for colleagues only.
        """
        async with database.transaction() as session:
            staff = await access(session, token)
            check_may(staff, "converse")
            await check_of(session, conversation_id, [suggestion_id])
            record = record_taken if body.became == "taken" else record_dismissed
            await record(session, ledger, suggestion_id, staff_id=staff.id)


def _figure_routes(router: APIRouter, database: Database, ledger: Ledger) -> None:
    @router.get("/suggestions/use")
    async def read_use(
        token: Token, by: By = By.SOURCE, since: datetime | None = None, until: datetime | None = None
    ) -> list[schemas.UseOut]:
        """What became of suggestions, by source, origin (article, macro, reply) or agent; the last 30 days unless said otherwise."""
        async with database.transaction() as session:
            check_may(await access_token_staff(session, token), "view_reports")
            end = until or ledger.now
            found = await suggestion_use(session, by=by, since=since or end - SPAN, until=end)
        return [schemas.use_out(one) for one in found]

    @router.get("/suggestions/rankers")
    async def read_rankers(token: Token) -> list[schemas.RankerOut]:
        """The versions of what orders suggestions, the newest first."""
        async with database.transaction() as session:
            check_may(await access_token_staff(session, token), "view_reports")
            return [schemas.ranker_out(one) for one in await list_rankers(session)]

    @router.put("/suggestions/rankers/live", status_code=204)
    async def set_ranker(body: schemas.LiveRanker, token: Token) -> None:
        """Makes a version live; 0 goes back to the one that ships."""
        async with database.transaction() as session:
            staff = await access_token_staff(session, token)
            check_may(staff, "manage_bot")
            await activate_ranker(session, body.version, at=ledger.now, staff_id=staff.id)


def _learning_routes(router: APIRouter, database: Database) -> None:
    @router.get("/suggestions/replies")
    async def read_replies(token: Token, language: str = "") -> list[schemas.ReplyOut]:
        """Replies learned from conversations, those given most first."""
        async with database.transaction() as session:
            check_may(await access_token_staff(session, token), "manage_macros")
            found = await list_replies(session, language=language)
        return [schemas.ReplyOut(**one) for one in found]

    @router.patch("/suggestions/replies/{reply_id}", status_code=204)
    async def change_reply(reply_id: UUID, body: schemas.ReplyChange, token: Token) -> None:
        """Hides a learned reply, so that it is offered no more, or lets it be offered again."""
        async with database.transaction() as session:
            check_may(await access_token_staff(session, token), "manage_macros")
            await hide_reply(session, reply_id, hidden=body.hidden)
