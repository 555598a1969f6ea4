"""Articles over /v1, as in the console: for a content system outside. A token acts as one staff member, who must be allowed to edit."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from context import publishing
from context.editorial import schemas, shapes
from context.editorial.acting import acting
from context.editorial.file_endpoints import add_file_routes
from context.editorial.services import ArticleServices
from context.endpoints import Token
from context.schemas import Problem
from knowledge import articles
from knowledge.articles import ArticleFilter
from knowledge.checking import check_language
from knowledge.types import ArticleDraft, Version

PAGE = 50


def article_router(services: ArticleServices) -> APIRouter:
    """The routes under /v1/articles."""
    problems: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (401, 403, 404, 409, 413, 422)}
    router = APIRouter(prefix="/v1/articles", tags=["articles"], responses=problems)
    add_file_routes(router, services)
    _article_routes(router, services)
    _draft_routes(router, services)
    _review_routes(router, services)
    _version_routes(router, services)
    return router


class Wanted(BaseModel):
    """Which articles are listed; empty means all."""

    status: str = ""
    language: str = ""
    audience: str = ""
    category: str = ""
    tag: str = ""
    owner: str = ""
    care: str = ""
    text: str = ""


def _article_routes(router: APIRouter, services: ArticleServices) -> None:
    clock = services.ledger.clock

    @router.get("")
    async def list_articles(
        token: Token,
        wanted: Annotated[Wanted, Depends()],
        cursor: str = "",
        limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
    ) -> schemas.ArticlePage:
        """Articles by id. `care`: stale, expired or outdated; `text` is looked for in ids, titles and texts."""
        async with acting(services, token) as (session, _staff):
            found = await articles.list_articles(session, ArticleFilter(**wanted.model_dump()), limit=limit + 1, after=cursor, clock=clock)
        lines = [shapes.article_line(article, clock()) for article in found[:limit]]
        return schemas.ArticlePage(items=lines, next=lines[-1].id if len(found) > limit else None)

    @router.post("", status_code=201)
    async def create_article(body: schemas.ArticleIn, token: Token) -> schemas.VersionOut:
        """A new article with its first draft, whose language the others are translated from; you own it."""
        draft = ArticleDraft(
            body.id, body.language, body.title, body.body, body.category, tuple(body.tags), body.audience, tuple(body.questions)
        )
        async with acting(services, token) as (session, staff):
            made = await articles.create_article(session, draft, editor=str(staff.id), owner=str(staff.id), clock=clock)
        return shapes.version_out(made)

    @router.get("/{article_id}")
    async def read_article(article_id: str, token: Token) -> schemas.ArticleOut:
        """An article with its published texts and those that are worked on."""
        async with acting(services, token) as (session, _staff):
            return shapes.article_out(await articles.get_article(session, article_id), clock())

    @router.patch("/{article_id}")
    async def change_article(article_id: str, change: schemas.DetailsChange, token: Token) -> schemas.ArticleOut:
        """Changes what holds for all languages: category, tags, audience, owner, source, review_by, expires_at."""
        async with acting(services, token) as (session, staff):
            await publishing.change_details(session, services.ledger, staff=staff, article_id=article_id, changes=change.given())
            return shapes.article_out(await articles.get_article(session, article_id), clock())

    @router.post("/{article_id}/archive")
    async def archive_article(article_id: str, token: Token) -> schemas.ArticleOut:
        """Takes the article back in all its languages."""
        async with acting(services, token) as (session, staff):
            await publishing.archive_article(session, services.ledger, staff=staff, article_id=article_id)
            return shapes.article_out(await articles.get_article(session, article_id), clock())


def _draft_routes(router: APIRouter, services: ArticleServices) -> None:
    @router.put("/{article_id}/{language}/draft")
    async def save_draft(article_id: str, language: str, body: schemas.DraftIn, token: Token) -> schemas.VersionOut:
        """Saves a draft as a new version; 409 when somebody saved one that you have not seen."""
        questions = None if body.questions is None else tuple(body.questions)
        draft = ArticleDraft(article_id, language, body.title, body.body, questions=questions)
        async with acting(services, token) as (session, staff):
            saved = await articles.save_draft(
                session, draft, editor=str(staff.id), expected_version=body.expected_version, clock=services.ledger.clock
            )
        return shapes.version_out(saved)

    @router.post("/{article_id}/{language}/still-right")
    async def call_translated(article_id: str, language: str, token: Token) -> schemas.VersionOut:
        """Says that a translation is still right although its source has changed."""
        async with acting(services, token) as (session, _staff):
            return shapes.version_out(await articles.call_translated(session, article_id, language))

    @router.post("/{article_id}/{language}/try")
    async def try_question(article_id: str, language: str, body: schemas.TryQuestion, token: Token) -> schemas.TrialOut:
        """What search finds and what would be said, now and as if the draft were published. Nothing is published."""
        async with acting(services, token) as (session, _staff):
            article = await articles.get_article(session, article_id)
            working = await articles.find_working(session, article_id, check_language(language))
        draft = None if working is None else _as_draft(working, category=article.category, tags=article.tags, audience=article.audience)
        trial = await services.tryer.try_question(body.question, language=language, audience=body.audience, draft=draft)
        return shapes.trial_out(trial)


def _as_draft(version: Version, *, category: str, tags: tuple[str, ...], audience: str) -> ArticleDraft:
    return ArticleDraft(version.article_id, version.language, version.title, version.body, category, tags, audience, version.questions)


def _review_routes(router: APIRouter, services: ArticleServices) -> None:
    ledger = services.ledger

    @router.post("/{article_id}/{language}/submit")
    async def submit(article_id: str, language: str, token: Token) -> schemas.VersionOut:
        """Puts the draft before a reviewer."""
        async with acting(services, token) as (session, staff):
            return shapes.version_out(
                await publishing.submit_article(session, ledger, staff=staff, article_id=article_id, language=language)
            )

    @router.post("/{article_id}/{language}/send-back")
    async def send_back(article_id: str, language: str, body: schemas.NoteIn, token: Token) -> schemas.VersionOut:
        """Makes what waits for a reviewer a draft again, with a note for its author; 409 when nothing waits."""
        async with acting(services, token) as (session, staff):
            return shapes.version_out(
                await publishing.send_back_article(session, ledger, staff=staff, article_id=article_id, language=language, note=body.note)
            )

    @router.post("/{article_id}/{language}/publish")
    async def publish(article_id: str, language: str, token: Token) -> schemas.VersionOut:
        """Publishes what is worked on. Where reviews are required: 409 before it was submitted, 403 for who wrote it."""
        async with acting(services, token) as (session, staff):
            return shapes.version_out(
                await publishing.publish_article(
                    session, ledger, staff=staff, article_id=article_id, language=language, second_person=services.second_person
                )
            )


def _version_routes(router: APIRouter, services: ArticleServices) -> None:
    @router.get("/{article_id}/{language}/versions")
    async def list_versions(article_id: str, language: str, token: Token) -> list[schemas.VersionLine]:
        """Every version of a language, newest first."""
        async with acting(services, token) as (session, _staff):
            await articles.get_article(session, article_id)
            found = await articles.versions(session, article_id, check_language(language))
        return [schemas.VersionLine.model_validate(version, from_attributes=True) for version in found]

    @router.get("/{article_id}/{language}/versions/{version}")
    async def read_version(article_id: str, language: str, version: int, token: Token) -> schemas.VersionOut:
        """One version with its text."""
        async with acting(services, token) as (session, _staff):
            return shapes.version_out(await articles.get_version(session, article_id, language, version))

    @router.get("/{article_id}/{language}/difference")
    async def difference(article_id: str, language: str, before: int, after: int, token: Token) -> schemas.DifferenceOut:
        """What changed from version `before` to version `after`, line by line and word by word."""
        async with acting(services, token) as (session, _staff):
            old = await articles.get_version(session, article_id, language, before)
            new = await articles.get_version(session, article_id, language, after)
        return await asyncio.to_thread(shapes.difference_out, old, new)

    @router.post("/{article_id}/{language}/versions/{version}/restore")
    async def restore(article_id: str, language: str, version: int, body: schemas.RestoreIn, token: Token) -> schemas.VersionOut:
        """Saves an earlier version again, as a new draft."""
        async with acting(services, token) as (session, staff):
            old = await articles.get_version(session, article_id, language, version)
            made = await articles.restore(
                session, old, editor=str(staff.id), expected_version=body.expected_version, clock=services.ledger.clock
            )
        return shapes.version_out(made)
