"""How articles are used and how healthy they are, over /v1. A token acts as one staff member, who must be allowed to edit articles."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from context.endpoints import staff_token
from context.schemas import Problem
from context.staff.accounts import access_token_staff
from context.staff.models import StaffRow
from insights import knowledge_schemas as schemas
from insights.health import reading as health
from insights.usage.reading import LONGEST_DAYS, Period, access_usage, access_who_asks
from kit.db import Database

Token = Annotated[str | None, Depends(staff_token)]
Days = Annotated[int, Query(ge=1, le=LONGEST_DAYS)]
Limit = Annotated[int, Query(ge=1, le=1000)]


def knowledge_router(database: Database) -> APIRouter:
    """The routes under /v1/knowledge."""
    problems: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (401, 403, 404, 422)}
    router = APIRouter(prefix="/v1/knowledge", responses=problems, tags=["knowledge"])
    _usage_routes(router, database)
    _finding_routes(router, database)
    _list_routes(router, database)
    return router


@asynccontextmanager
async def _acting(database: Database, token: str | None) -> AsyncIterator[tuple[AsyncSession, StaffRow]]:
    async with database.transaction() as session:
        yield session, await access_token_staff(session, token)


def _period(days: Days = 30, order: str = "cited", ascending: bool = False, language: str = "", text: str = "") -> Period:
    return Period(days, order, ascending, language, text)


def _usage_routes(router: APIRouter, database: Database) -> None:
    @router.get("/usage")
    async def usage(token: Token, period: Annotated[Period, Depends(_period)], limit: Limit = 100) -> list[schemas.UsageOut]:
        """How each article was used in each language over some days."""
        async with _acting(database, token) as (session, staff):
            return [schemas.UsageOut(**asdict(one)) for one in await access_usage(session, staff, period, limit=limit)]

    @router.get("/articles/{article_id}/asked")
    async def asked(article_id: str, token: Token, days: Days = LONGEST_DAYS) -> schemas.WhoAsksOut:
        """Who asks for an article: the real questions, redacted."""
        async with _acting(database, token) as (session, staff):
            return schemas.WhoAsksOut(**asdict(await access_who_asks(session, staff, article_id, days=days)))


def _finding_routes(router: APIRouter, database: Database) -> None:
    @router.get("/findings")
    async def findings(token: Token, kind: str = health.CONTRADICTION, dismissed: bool = False) -> list[schemas.FindingOut]:
        """Candidates: articles that say the same (duplicate), sentences that differ in numbers or in yes and no (contradiction)."""
        async with _acting(database, token) as (session, staff):
            found = await health.access_findings(session, staff, kind, dismissed=dismissed)
            return [schemas.FindingOut(**asdict(one)) for one in found]

    @router.post("/findings/{finding_id}/judge")
    async def judge(finding_id: UUID, body: schemas.JudgementIn, token: Token) -> schemas.FindingOut:
        """Puts a finding away as no problem, or takes that back."""
        async with _acting(database, token) as (session, staff):
            found = await health.judge_finding(session, staff, finding_id, dismissed=body.dismissed)
            return schemas.FindingOut(**asdict(found))


def _list_routes(router: APIRouter, database: Database) -> None:
    @router.get("/stale")
    async def stale(token: Token) -> list[schemas.StaleOut]:
        """Articles that may be out of date."""
        async with _acting(database, token) as (session, staff):
            return [schemas.StaleOut(**asdict(one)) for one in await health.access_stale(session, staff)]

    @router.get("/broken-links")
    async def broken_links(token: Token) -> list[schemas.BrokenLinkOut]:
        """Links of published articles that lead nowhere."""
        async with _acting(database, token) as (session, staff):
            return [schemas.BrokenLinkOut(**asdict(one)) for one in await health.access_broken_links(session, staff)]
