"""Teaching and models over /v1, as on the console's page Learning. A token acts as one staff member, who must be allowed to teach."""

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
from context.staff.accounts import access_token_staff, check_may
from context.staff.models import StaffRow
from insights import registry, retraining, schemas
from insights.queue import OPEN, PAGE, RIGHT, Filter, access_sentences
from insights.retraining import BOT
from insights.teaching import Lesson, Teaching
from kit.errors import NotFoundError

Token = Annotated[str | None, Depends(staff_token)]


def learning_router(teaching: Teaching) -> APIRouter:
    """The routes under /v1/learning and /v1/models."""
    problems: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (401, 403, 404, 409, 422)}
    router = APIRouter(prefix="/v1", responses=problems)
    _sentence_routes(router, teaching)
    _decision_routes(router, teaching)
    _training_routes(router, teaching)
    _model_routes(router, teaching)
    return router


@asynccontextmanager
async def _acting(teaching: Teaching, token: str | None, right: str = RIGHT) -> AsyncIterator[tuple[AsyncSession, StaffRow]]:
    async with teaching.database.transaction() as session:
        staff = await access_token_staff(session, token)
        check_may(staff, right)
        yield session, staff


def _sentence_routes(router: APIRouter, teaching: Teaching) -> None:
    @router.get("/learning/sentences", tags=["learning"])
    async def list_sentences(
        token: Token,
        wanted: Annotated[Filter, Depends(_filter)],
        limit: Annotated[int, Query(ge=1, le=500)] = PAGE,
    ) -> list[schemas.SentenceOut]:
        """Sentences that the bot did not understand, redacted; those that most customers wrote first."""
        async with _acting(teaching, token) as (session, staff):
            return [schemas.SentenceOut(**asdict(one)) for one in await access_sentences(session, staff, wanted, limit=limit)]

    @router.get("/learning/intents", tags=["learning"])
    async def list_intents(token: Token) -> list[str]:
        """The intents that a sentence can be given."""
        async with _acting(teaching, token) as (session, _staff):
            return await teaching.intents(session)


def _filter(status: str = OPEN, language: str = "", reason: str = "", text: str = "") -> Filter:
    return Filter(status, language, reason, text)


def _decision_routes(router: APIRouter, teaching: Teaching) -> None:
    @router.post("/learning/sentences/{sentence_id}/check", tags=["learning"])
    async def check(sentence_id: UUID, body: schemas.LessonIn, token: Token) -> list[schemas.ClashOut]:
        """Sentences of other intents that are the same or nearly; changes nothing."""
        async with _acting(teaching, token) as (session, _staff):
            return [schemas.ClashOut(**asdict(clash)) for clash in await teaching.check(session, sentence_id, Lesson(**body.model_dump()))]

    @router.post("/learning/sentences/{sentence_id}/teach", tags=["learning"])
    async def teach(sentence_id: UUID, body: schemas.LessonIn, token: Token) -> schemas.SentenceOut:
        """Makes the sentence training data of an intent, an existing or a new one; 409 when the same words stand under another."""
        async with _acting(teaching, token) as (session, staff):
            return schemas.SentenceOut(**asdict(await teaching.teach(session, staff, sentence_id, Lesson(**body.model_dump()))))

    @router.post("/learning/sentences/{sentence_id}/dismiss", tags=["learning"])
    async def dismiss(sentence_id: UUID, token: Token) -> schemas.SentenceOut:
        """Puts the sentence away as of no use."""
        async with _acting(teaching, token) as (session, staff):
            return schemas.SentenceOut(**asdict(await teaching.dismiss(session, staff, sentence_id)))

    @router.post("/learning/sentences/{sentence_id}/undo", tags=["learning"])
    async def undo(sentence_id: UUID, token: Token) -> schemas.SentenceOut:
        """Takes back what was decided."""
        async with _acting(teaching, token) as (session, staff):
            return schemas.SentenceOut(**asdict(await teaching.undo(session, staff, sentence_id)))


def _training_routes(router: APIRouter, teaching: Teaching) -> None:
    @router.post("/learning/training", tags=["learning"], status_code=202)
    async def train(token: Token, body: schemas.TrainingIn | None = None) -> schemas.RunOut:
        """Asks for a training; a worker runs it. 409 while one is running."""
        async with _acting(teaching, token, BOT) as (session, staff):
            fine_tune = body is not None and body.fine_tune
            return _run(await retraining.ask_for_training(session, teaching.ledger, staff=staff, fine_tune=fine_tune))

    @router.get("/learning/training", tags=["learning"])
    async def latest(token: Token) -> schemas.RunOut:
        """The newest training with its progress and scores."""
        async with _acting(teaching, token) as (session, _staff):
            await retraining.close_silent(session, teaching.ledger)
            found = await retraining.find_latest_run(session)
        if found is None:
            raise NotFoundError("Nobody has asked for a training yet")
        return _run(found)

    @router.post("/learning/training/{run_id}/decide", tags=["learning"], status_code=204)
    async def decide(run_id: UUID, body: schemas.DecisionIn, token: Token) -> None:
        """Uses or leaves a model whose scores fell by more than a point."""
        async with _acting(teaching, token, BOT) as (session, staff):
            await retraining.confirm_run(session, teaching.ledger, run_id, staff=staff, use=body.use)


def _model_routes(router: APIRouter, teaching: Teaching) -> None:
    @router.get("/models", tags=["models"])
    async def list_models(token: Token) -> list[schemas.ModelOut]:
        """Trained models, newest first."""
        async with _acting(teaching, token, BOT) as (session, _staff):
            return [schemas.ModelOut(**asdict(model)) for model in await registry.list_models(session)]

    @router.post("/models/rollback", tags=["models"])
    async def roll_back(token: Token) -> schemas.ModelOut:
        """Makes the model live that was so before; every worker takes it over within seconds."""
        async with _acting(teaching, token, BOT) as (session, staff):
            model_id = await registry.roll_back(session, teaching.ledger, by=registry.doer_of(staff))
            return schemas.ModelOut(**asdict(await registry.get_model(session, model_id)))

    @router.post("/models/{model_id}/activate", tags=["models"])
    async def activate(model_id: str, token: Token) -> schemas.ModelOut:
        """Makes a model live."""
        async with _acting(teaching, token, BOT) as (session, staff):
            await registry.activate(session, teaching.ledger, model_id, by=registry.doer_of(staff))
            return schemas.ModelOut(**asdict(await registry.get_model(session, model_id)))


def _run(run: retraining.Run) -> schemas.RunOut:
    return schemas.RunOut(**{name: value for name, value in asdict(run).items() if name != "by_id"})
