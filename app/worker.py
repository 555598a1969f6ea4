"""`baton work`: understands, takes the bot's turns, suggests, indexes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import uvloop

from app.answering import Answering
from app.brain import Brain
from app.channels import all_channels
from app.door_questions import DoorQuestions
from app.dry_turn import DryTurns
from app.erasing import build_erasing
from app.following import Following
from app.generator import build_writer
from app.health import beat_forever
from app.help_search import search_questions
from app.importing import ImportWatch
from app.learning import TrainingStarter, build_keeper, build_reply_learner, insight_steps
from app.models import LocalModels, blob_store
from app.outside import OutsideWatch
from app.rasa import RasaHouse, rasa_house
from app.retention import EVERY_SECONDS, Retention
from app.settings import Settings
from app.trying import TRY, TryAnswers
from app.until_stopped import until_stopped
from app.wiring import LEARN, LEARN_REPLIES, REINDEX, RETRAIN, Base, build_base
from bot.sweeper import Sweeper
from channels.registry import account_channels
from context.crm.hubspot import HubSpot
from context.crm.linking import CrmSync
from context.disclosure import Disclosure, load_disclosure
from context.orders.telling import WriteBacks
from context.sequencer import sequence_forever
from context.webhooks.sending import WebhookSender
from desk.queue_watch import QueueWatch
from desk.watch import DeskWatch
from insights.background import work_on
from kit.asking import ASK, answering
from kit.db import wait_for_database
from kit.log import get_logger
from kit.outside import Outside
from knowledge.index import reindex

log = get_logger("work")

Handlers = dict[str, Callable[..., Awaitable[None]]]


def disclosure_of(settings: Settings) -> Disclosure:
    """What the machine says of itself; where Baton itself speaks first, as a conversation begins too."""
    shown = frozenset(all_channels(settings).keys() - account_channels().keys())
    return load_disclosure(settings.disclosure, shown=shown) if settings.disclosure else Disclosure(shown=shown)


def build_handlers(settings: Settings, base: Base, brain: Brain) -> Handlers:
    """The jobs of this process by name. Each is idempotent: it may run again from its beginning."""
    answering_customers = Answering(base, brain, all_channels(settings), disclosure=disclosure_of(settings))
    crm = HubSpot(settings.crm_token, settings.crm_url) if settings.crm_token else None
    following = Following(base, CrmSync(base.database, crm) if crm else None)

    async def index_article(*, event_data: dict[str, Any], **_: Any) -> None:
        async with base.database.transaction() as session:
            await reindex(session, brain.embedder, article_id=event_data["article_id"])

    questions = (
        DoorQuestions(base.database, base.ledger, brain).all()
        | search_questions(brain)
        | {TRY: TryAnswers(lambda: brain.index, DryTurns(brain).take).answer}
    )
    asked = answering(base.database, questions)
    return answering_customers.handlers() | following.handlers() | {REINDEX: index_article, ASK: asked}


def build_learning_handlers(settings: Settings, base: Base, brain: Brain, *, database_url: str) -> Handlers:
    """The jobs of teaching."""
    keeper = build_keeper(settings, base, brain)
    replies = build_reply_learner(settings, base, brain)
    trainings = TrainingStarter(settings, base, database_url)

    async def learn(*, conversation_id: str, event_data: dict[str, Any], **_: Any) -> None:
        await keeper.keep(UUID(conversation_id), event_data)

    async def learn_replies(*, conversation_id: str, **_: Any) -> None:
        await keeper.keep_held(UUID(conversation_id))
        await replies.learn(UUID(conversation_id))

    async def retrain(*, event_data: dict[str, Any], **_: Any) -> None:
        await trainings.start(UUID(event_data["run_id"]))

    return {LEARN: learn, LEARN_REPLIES: learn_replies, RETRAIN: retrain}


async def _work(settings: Settings, database_url: str) -> None:
    base = build_base(database_url)
    await wait_for_database(base.database)
    async with rasa_house(settings) as rasa:
        await _work_with(settings, database_url, base=base, rasa=rasa)


async def _work_with(settings: Settings, database_url: str, *, base: Base, rasa: RasaHouse | None) -> None:
    models = LocalModels(settings.models_dir, blob_store(settings, database_url))
    brain = Brain(settings, base.database, models=models, ledger=base.ledger, rasa=rasa, writer=build_writer(settings, base.database))
    await brain.refresh()
    base.jobs.register(build_handlers(settings, base, brain) | build_learning_handlers(settings, base, brain, database_url=database_url))
    tasks: list[asyncio.Task[Any]] = [
        asyncio.create_task(c)
        for c in (
            base.jobs.work(),
            Sweeper(base.database, base.ledger, base.jobs).run(),
            DeskWatch(base.database, base.ledger, settings.patience).run(),
            brain.watch(),
            work_on(insight_steps(settings, base, brain)),
            work_on(
                {"retention": Retention(base.database, erasing=build_erasing(settings, base), keep_days=settings.keep_days).step},
                every=EVERY_SECONDS,
            ),
            ImportWatch(settings, base, database_url).run(),
            brain.reembedding.run(),
            QueueWatch(base.database, base.ledger).run(),
            OutsideWatch(base.database, base.ledger).run(),
            sequence_forever(base.database.dsn),
            WebhookSender(base.database, Outside(settings.private_webhooks).post).run(),
            *([WriteBacks(base.database, brain.mirror.source).run()] if brain.mirror else []),
            beat_forever(base.database, kind="work", state=brain.state),
        )
    ]
    await until_stopped(tasks, base.database)


def work(settings: Settings, database_url: str) -> None:
    """Works until SIGTERM or SIGINT."""
    uvloop.run(_work(settings, database_url))
