"""`baton action-server`: Baton's actions for a Rasa that runs without Baton: knowledge answers and words, nothing that is stored here."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy.exc import SQLAlchemyError

from app.action_server import build_action_app, serving
from app.project import open_project
from app.readers import IndexKnowledge
from app.search_encoder import open_reranker, open_search_encoder
from app.settings import Settings
from bot.actions.port import ActionContext, ActionResult
from bot.actions.registry import ACTIONS
from bot.dialogue_events import DialogueEvent, UserSaid
from bot.engine import KnowledgeReader, OrderAccess, Turn, TurnMessage
from bot.project.types import Project
from bot.rasa.serving import Forward, Json, UnknownActionError, run_action, say
from bot.rasa_events import event_from_rasa_json
from bot.speaker import Speaker
from bot.tracker import Tracker
from context.types import Content, Order, Understanding
from kit.db import Database, wait_for_database
from kit.errors import BatonError, NotAllowedError
from kit.log import get_logger
from knowledge.keeping import LiveIndex
from knowledge.search import SearchIndex
from nlu.language import identify

REFRESH_SECONDS = 2.0

log = get_logger("actions")


class NeedsBatonError(NotAllowedError):
    """This is done only in Baton's own conversations."""


class NoOrders:
    """Orders are shown where wrong tries are counted, and that is in Baton's own conversations."""

    async def access(self, number: str, *, proof: str | None, turn: Turn) -> OrderAccess:  # noqa: ARG002 - the port's shape
        """Raises NeedsBatonError."""
        raise NeedsBatonError("Orders are shown only in Baton's own conversations", hint="Use BATON_ENGINE=rasa.")

    async def own(self, turn: Turn) -> tuple[Order, ...]:  # noqa: ARG002 - the port's shape
        """Nobody is verified here."""
        return ()


class AloneRun:
    """One call of a Rasa that Baton knows nothing of."""

    key = ""
    forward: Forward | None = None

    def __init__(self, server: AloneActions, call: Mapping[str, Any]) -> None:
        self.server, data = server, call.get("tracker") or {}
        self.sender = str(call.get("sender_id") or data.get("sender_id") or "")
        self.tracker = Tracker(server.project.domain)
        self.user: UserSaid | None = None
        self.held: list[tuple[str, DialogueEvent]] = []
        self.extracted: dict[str, Json] = {}
        self.called: set[str] = set()
        self.error: Exception | None = None
        self.kept = 0
        users = [e for e in map(event_from_rasa_json, data.get("events") or []) if isinstance(e, UserSaid)]
        self.message = users[-1] if users else UserSaid("", "", "", 0.0)
        self.language = _language(users, slots=data.get("slots") or {}, default=server.project.config.language)

    def context_of_call(self, tracker: Tracker) -> ActionContext:
        """What an action may see: public articles, and no orders."""
        said, server = self.message, self.server
        at = datetime.fromtimestamp(said.at, UTC) if said.at else datetime.now(UTC)
        this = uuid5(NAMESPACE_URL, f"rasa:{self.sender}:{at.isoformat()}:{said.text}")
        who = uuid5(NAMESPACE_URL, f"rasa:{self.sender}")
        message = TurnMessage(this, said.text, None, Understanding(self.language, said.full_intent or None, said.confidence), at)
        return ActionContext(
            project=server.project,
            tracker=tracker,
            turn=Turn(this, who, (message,), {}, {}, self.language, "rasa", who, False, None, None, at),
            message=message,
            language=self.language,
            speaker=server.speaker,
            orders=NoOrders(),
            knowledge=server.knowledge,
            actions=server.actions,
            forms={},
        )

    def take_result(self, result: ActionResult) -> list[int]:
        """Raises NeedsBatonError for what has to be stored in a conversation that Baton does not have."""
        if result.handoff is not None:
            hint = "Use BATON_ENGINE=rasa, where the desk gets the conversation with its transcript."
            raise NeedsBatonError("A person can take over only in Baton's own conversations", hint=hint)
        if result.effects:
            names = ", ".join(effect.name for effect in result.effects)
            raise NeedsBatonError(f"{names} is done only in Baton's own conversations", hint="Use BATON_ENGINE=rasa.")
        return [self.keep(content) for content in result.messages]

    def keep(self, content: Content) -> int:  # noqa: ARG002 - nobody asks for it again
        """Numbers the message."""
        self.kept += 1
        return self.kept


def _language(users: Sequence[UserSaid], *, slots: Mapping[str, Any], default: str) -> str:
    """The slot `language` where the project has one, else what the customer writes; a message that does not tell keeps what was before."""
    language = default
    for user in users:
        language = identify(user.text, previous=language).language
    return str(slots.get("language") or language)


class AloneActions:
    """Answers calls from the project's responses and the published articles."""

    def __init__(self, project: Project, knowledge: KnowledgeReader) -> None:
        self.project, self.knowledge, self.speaker = project, knowledge, Speaker(project)
        self.actions = {action.name: action for action in ACTIONS}

    def names(self) -> Iterable[str]:
        """Every action; those that need a conversation of Baton's say so when they are called."""
        return self.actions

    async def run(self, call: Mapping[str, Any]) -> Json:
        """See `bot.rasa.serving.run_action`. Raises UnknownActionError and NeedsBatonError."""
        if str(call.get("next_action")) not in self.actions:
            raise UnknownActionError(str(call.get("next_action")))
        return _plain(await run_action(AloneRun(self, call), call))

    async def say(self, call: Mapping[str, Any]) -> Json:
        """See `bot.rasa.serving.say`."""
        return {k: v for k, v in say(AloneRun(self, call), call).items() if k != "baton"}


def _plain(answer: Json) -> Json:
    return answer | {"responses": [{k: v for k, v in r.items() if k != "baton"} for r in answer["responses"]]}


class FreshIndex:
    """The search index, read again when articles change."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.live = LiveIndex(database, lambda name: open_search_encoder(name, settings.encoder_dir), wanted=settings.encoder_search)
        self.live.reranker = open_reranker(settings)

    @property
    def index(self) -> SearchIndex | None:
        """The index in use."""
        return self.live.index

    async def refresh(self) -> None:
        """Reads a newer index, if there is one."""
        await self.live.refresh()

    async def watch(self) -> None:
        """Refreshes until cancelled; the old index serves while the database is away."""
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await self.refresh()
            except (BatonError, SQLAlchemyError, OSError) as error:
                log.error("the index could not be looked for; the old one serves", error=str(error)[:300])


async def serve_alone(settings: Settings, database_url: str, *, host: str, port: int) -> None:
    """Serves until SIGTERM or SIGINT."""
    database = Database(database_url, pool_size=2)
    await wait_for_database(database)
    fresh = FreshIndex(settings, database)
    await fresh.refresh()
    actions = AloneActions(open_project(settings.project_dir), IndexKnowledge(lambda: fresh.index))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    watching = asyncio.create_task(fresh.watch())
    try:
        async with serving(build_action_app(actions, token=settings.action_token), host=host, port=port) as found:
            log.info("action server is ready", url=f"http://{host}:{found}/webhook")
            await stop.wait()
    finally:
        watching.cancel()
        await database.close()
