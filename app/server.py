"""`baton serve`: the API, the widget's door, the console, public pages, health and metrics in one process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Coroutine
from typing import Any
from uuid import UUID

import uvicorn
from fastapi import FastAPI, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.api_limit import ApiLimit
from app.channels import channel_managing, provider_router
from app.doors import build_doors, open_doors
from app.erasing import build_erasing, build_exporting
from app.errors import BodyLimit, install_error_handlers
from app.health import beat_forever, check_health
from app.help import build_help
from app.learning import build_teaching
from app.models import article_blobs
from app.pages import pages_router
from app.ports import allow_many_connections, check_port
from app.secrets import load_secret
from app.settings import Settings
from app.trying import AskedTryer
from app.widget import widget_setup
from app.wiring import Base, build_base
from assist.endpoints import assist_router
from assist.internal_words import check_words
from channels.codes import AccountSender
from channels.web.endpoints import WidgetServices, widget_router
from channels.web.presence import Presence
from console.inbox.sending import HeldSender
from console.mount import ConsoleServices, mount_console
from context.customer.endpoints import customer_router
from context.disclosure import Disclosure, load_disclosure
from context.editorial.endpoints import article_router
from context.editorial.services import ArticleServices
from context.editorial.serving import public_files_router
from context.endpoints import api_router
from context.erasing.endpoints import ErasingServices, erasing_router
from context.identity.endpoints import identity_router
from context.macros.endpoints import macro_router
from context.sequencer import sequence_forever
from context.services import ApiServices
from context.staff.endpoints import StaffApi, staff_router
from context.stream import Hub
from context.webhooks.endpoints import webhook_router
from desk.endpoints import Check, desk_router
from desk.passing_endpoints import passing_router
from desk.queue_endpoints import queue_router
from desk.work import Desk
from insights.endpoints import learning_router
from insights.knowledge_endpoints import knowledge_router
from insights.unanswered.endpoints import QuestionServices, questions_router
from kit.asking import Asker
from kit.db import wait_for_database
from kit.limits import RateLimit
from kit.log import get_logger

log = get_logger("serve")

MESSAGES_PER_SECOND, MESSAGE_BURST = 2.0, 20


def build_app(settings: Settings, base: Base) -> FastAPI:
    """The application with all its routes."""
    hub = Hub(base.database)
    asker = Asker(base.database, base.jobs)
    doors = build_doors(settings, base, hub, asker)
    articles = ArticleServices(
        base.database, base.ledger, article_blobs(settings, base.database.dsn), AskedTryer(asker), second_person=settings.article_review
    )

    disclosure = load_disclosure(settings.disclosure) if settings.disclosure else Disclosure()

    presence, asks = Presence(base.database), widget_setup(settings)
    desk, teaching = Desk(base.database, base.ledger), build_teaching(settings, base)
    console = ConsoleServices(
        database=base.database, hub=hub, ledger=base.ledger, desk=desk, secure_cookies=settings.secure_cookies,
        generator=settings.generator.model if settings.generator else "",
        articles=articles, channels=channel_managing(settings, base.database), erasing=build_erasing(settings, base), teaching=teaching,
        storage_secret=load_secret(settings.data_dir, "console"),
        allowed_origins=(settings.public_url, f"http://127.0.0.1:{settings.port}"),
    )  # fmt: skip

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await wait_for_database(base.database)
        async with (
            base.jobs.app.open_async(),
            _background(
                hub.run(),
                sequence_forever(base.database.dsn),
                beat_forever(base.database, kind="serve", state=lambda: {"position": hub.position}),
                asker.run(),
                presence.run(),
                HeldSender(console).run(),
                *(doors.coroutines() if doors else ()),
            ),
        ):
            yield
        await base.database.close()

    app = FastAPI(title="Baton", version="0.1.0", description="Customer context, desk and widget API.", lifespan=lifespan, docs_url="/docs")
    install_error_handlers(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(ApiLimit)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=["Retry-After"],
        max_age=600,
    )
    app.include_router(
        widget_router(
            WidgetServices(
                base.database,
                base.ledger,
                hub,
                settings.title,
                RateLimit(per_second=MESSAGES_PER_SECOND, burst=MESSAGE_BURST),
                disclosure=lambda language: disclosure.words("web", language),
                blobs=articles.blobs,
                setup=asks,
                code_sender=AccountSender(lambda: asks().codes),
                presence=presence,
            )
        )
    )
    app.include_router(provider_router(settings, base))
    app.include_router(staff_router(StaffApi(base.database, base.ledger)))
    api = ApiServices(base.database, base.ledger, hub)
    app.include_router(api_router(api))
    app.include_router(customer_router(api))
    app.include_router(identity_router(api))
    app.include_router(erasing_router(ErasingServices(api, build_erasing(settings, base), build_exporting(settings, base))))
    app.include_router(webhook_router(api, private=settings.private_webhooks))
    app.include_router(article_router(articles))
    app.include_router(public_files_router(articles))
    app.include_router(desk_router(desk, check=_reply_check(base)))
    app.include_router(macro_router(base.database, base.ledger))
    app.include_router(assist_router(base.database, base.ledger))
    app.include_router(passing_router(desk))
    app.include_router(queue_router(base.database, base.ledger))
    app.include_router(learning_router(teaching))
    app.include_router(knowledge_router(base.database))
    app.include_router(questions_router(QuestionServices(base.database, teaching.redactor)))
    app.include_router(pages_router())
    app.include_router(build_help(settings, base, asker))
    _add_operations(app, base)
    open_doors(app, doors, settings)
    mount_console(app, console)
    return app


def _reply_check(base: Base) -> Check:
    async def check(conversation_id: UUID, staff_id: UUID, text: str) -> None:
        async with base.database.transaction() as session:
            await check_words(session, base.ledger, conversation_id, staff_id=staff_id, text=text)

    return check


def _add_operations(app: FastAPI, base: Base) -> None:
    @app.get("/healthz", tags=["operations"])
    async def healthz() -> JSONResponse:
        """200 when the whole can serve: database, a worker with model and index."""
        healthy, report = await check_health(base.database)
        return JSONResponse({"status": "ok" if healthy else "unavailable"} | report, status_code=200 if healthy else 503)

    @app.get("/metrics", tags=["operations"])
    async def metrics() -> Response:
        """Prometheus metrics of this process."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _end_when_broken(task: asyncio.Task[None]) -> None:
    """A part that ended by itself would leave a server that looks healthy and is not: end it, and let the supervisor start it again."""
    if not task.cancelled():
        log.error("a part of the server ended; stopping", error=str(task.exception()))
        os.kill(os.getpid(), signal.SIGTERM)


@contextlib.asynccontextmanager
async def _background(*coroutines: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(c) for c in coroutines]
    for task in tasks:
        task.add_done_callback(_end_when_broken)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def serve(settings: Settings, database_url: str) -> None:
    """Serves until stopped. Raises PortTakenError."""
    check_port(settings.host, settings.port)
    allow_many_connections()
    app = build_app(settings, build_base(database_url, pool_size=20))
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, log_level="warning", access_log=False, timeout_graceful_shutdown=3, proxy_headers=True
    )
    uvicorn.Server(config).run()
