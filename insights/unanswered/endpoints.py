"""Unanswered questions over /v1, as on the console's page. A token acts as one staff member, who must be allowed to edit articles."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from context.endpoints import staff_token
from context.redaction.redactor import Redactor
from context.schemas import Problem
from context.staff.accounts import access_token_staff, check_may
from context.staff.models import StaffRow
from insights.unanswered import schemas
from insights.unanswered.deciding import Added, Deciding, Faq
from insights.unanswered.reading import OPEN, PAGE, RIGHT, VOLUME, Wanted, access_question, access_questions
from kit.clock import Clock, utc_now
from kit.db import Database

Token = Annotated[str | None, Depends(staff_token)]


@dataclass(frozen=True)
class QuestionServices:
    """What the routes need. `redactor` may take a moment the first time."""

    database: Database
    redactor: Callable[[], Redactor]
    clock: Clock = utc_now

    @asynccontextmanager
    async def acting(self, token: str | None) -> AsyncIterator[tuple[AsyncSession, StaffRow, Deciding]]:
        """A transaction with who acts and what they can do."""
        redactor = await asyncio.to_thread(self.redactor)
        async with self.database.transaction() as session:
            staff = await access_token_staff(session, token)
            check_may(staff, RIGHT)
            yield session, staff, Deciding(redactor, self.clock)

    async def detail(self, session: AsyncSession, staff: StaffRow, question_id: UUID) -> schemas.QuestionDetailOut:
        """A question as it is answered with."""
        found = await access_question(session, staff, question_id)
        return schemas.QuestionDetailOut(**asdict(found))


def questions_router(services: QuestionServices) -> APIRouter:
    """The routes under /v1/unanswered."""
    problems: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (401, 403, 404, 409, 422)}
    router = APIRouter(prefix="/v1/unanswered", responses=problems, tags=["unanswered questions"])
    _reading_routes(router, services)
    _article_routes(router, services)
    _other_routes(router, services)
    return router


def _wanted(view: str = OPEN, language: str = "", text: str = "", order: str = VOLUME) -> Wanted:
    return Wanted(view, language, text, order)


def _reading_routes(router: APIRouter, services: QuestionServices) -> None:
    @router.get("")
    async def list_questions(
        token: Token, wanted: Annotated[Wanted, Depends(_wanted)], limit: Annotated[int, Query(ge=1, le=500)] = PAGE
    ) -> list[schemas.QuestionOut]:
        """Questions that nothing answered. View: open, answered, drafted, closed, dismissed; order: volume, cost, newest."""
        async with services.acting(token) as (session, staff, _):
            return [schemas.QuestionOut(**asdict(one)) for one in await access_questions(session, staff, wanted, limit=limit)]

    @router.get("/{question_id}")
    async def read_question(question_id: UUID, token: Token) -> schemas.QuestionDetailOut:
        """One question with its wordings and draft answers."""
        async with services.acting(token) as (session, staff, _):
            return await services.detail(session, staff, question_id)


def _article_routes(router: APIRouter, services: QuestionServices) -> None:
    @router.post("/{question_id}/approve")
    async def approve(question_id: UUID, body: schemas.FaqIn, token: Token) -> schemas.QuestionDetailOut:
        """Makes a draft article of the question; when it is published, the question is closed."""
        async with services.acting(token) as (session, staff, deciding):
            faq = Faq(**body.model_dump(exclude={"questions"}), questions=tuple(body.questions))
            await deciding.approve(session, staff, question_id, faq)
            return await services.detail(session, staff, question_id)

    @router.post("/{question_id}/add")
    async def add(question_id: UUID, body: schemas.AddedIn, token: Token) -> schemas.QuestionDetailOut:
        """Adds wordings to an article, as a new draft of it."""
        async with services.acting(token) as (session, staff, deciding):
            chosen = tuple((one.language, one.text) for one in body.questions)
            await deciding.add_to(session, staff, question_id, Added(body.article_id, chosen))
            return await services.detail(session, staff, question_id)

    @router.post("/{question_id}/accept")
    async def accept(question_id: UUID, body: schemas.AcceptedIn, token: Token) -> schemas.QuestionDetailOut:
        """Closes the question: a published article answers it."""
        async with services.acting(token) as (session, staff, deciding):
            await deciding.accept(session, staff, question_id, body.article_id)
            return await services.detail(session, staff, question_id)


def _other_routes(router: APIRouter, services: QuestionServices) -> None:
    @router.post("/{question_id}/dismiss")
    async def dismiss(question_id: UUID, body: schemas.DismissedIn, token: Token) -> schemas.QuestionDetailOut:
        """Puts the question away, with a reason."""
        async with services.acting(token) as (session, staff, deciding):
            await deciding.dismiss(session, staff, question_id, body.reason)
            return await services.detail(session, staff, question_id)

    @router.post("/{question_id}/reopen")
    async def reopen(question_id: UUID, token: Token) -> schemas.QuestionDetailOut:
        """Takes a decision back."""
        async with services.acting(token) as (session, staff, deciding):
            await deciding.open_again(session, staff, question_id)
            return await services.detail(session, staff, question_id)

    @router.post("/{question_id}/merge")
    async def merge(question_id: UUID, body: schemas.MergedIn, token: Token) -> schemas.QuestionDetailOut:
        """Makes two questions one; the older stays."""
        async with services.acting(token) as (session, staff, deciding):
            row = await deciding.merge(session, staff, question_id, body.question_id)
            return await services.detail(session, staff, row.id)
