"""Rasa as the engine (BATON_ENGINE=rasa): trains the project with Rasa, keeps the process, and serves what it calls back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from app.action_server import build_action_app, serving
from app.models import current_model
from app.project import open_project
from app.settings import Settings
from bot.actions.registry import ACTIONS, FORM_RULES
from bot.actions.remote_config import ActionEndpoint, find_action_endpoint
from bot.engine import KnowledgeReader, OrderReader
from bot.rasa.copying import copy_for_engine
from bot.rasa.engine import RasaEngine
from bot.rasa.environment import rasa_python
from bot.rasa.process import Callback, RasaServer
from bot.rasa.serving import ActionRefusedError, Forward, RunningTurns, UnknownActionError, run_action, say
from bot.rasa.training import Note, model_path, train_if_new
from bot.shop import ShopReader
from bot.testing import Understand, play_stories, readers_of
from kit.errors import UnavailableError
from kit.log import get_logger

READY_SECONDS = 45.0

log = get_logger("rasa")


@dataclass(frozen=True)
class TurnActions:
    """Baton's actions for the turns that run in this process."""

    running: RunningTurns

    def names(self) -> Iterable[str]:
        """Actions and forms' rules."""
        return [a.name for a in ACTIONS] + [r.name for r in FORM_RULES]

    async def run(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """See `bot.rasa.serving.run_action`."""
        return await run_action(self.running.of(call), call)

    async def say(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """See `bot.rasa.serving.say`."""
        return say(self.running.of(call), call)


def train_rasa(settings: Settings, project: Path, *, note: Note) -> Path:
    """Trains the dialogue of a project with Rasa, once for each state of it; the archive. Raises NoRasaError, RasaFailedError."""
    rasa_python(settings.rasa_env)
    models = settings.data_dir / "rasa" / "models"
    with TemporaryDirectory(prefix="baton-rasa-") as folder:
        copy = copy_for_engine(project, Path(folder) / "project")
        train_if_new(copy, models=models, environment=settings.rasa_env, note=note)
        return model_path(copy, models)


def check_rasa(settings: Settings) -> None:
    """Raises NoRasaError when Rasa is the engine and its environment is not there."""
    if settings.engine == "rasa":
        rasa_python(settings.rasa_env)


def prepare_rasa(settings: Settings, *, note: Note) -> None:
    """Trains the live model's dialogue with Rasa, when that is the engine, so that a worker need not do it when it starts."""
    if settings.engine == "rasa":
        train_rasa(settings, current_model(settings.models_dir) / "project", note=note)


class RasaHouse:
    """The Rasa process of this worker, and whom it calls. A changed dialogue gets a new process before the old one ends."""

    def __init__(self, settings: Settings, callback: Callback, running: RunningTurns) -> None:
        self.settings, self.callback, self.running = settings, callback, running
        self.server: RasaServer | None = None
        self._tasks: dict[Path, asyncio.Task[None]] = {}

    async def engine_for(
        self, project_dir: Path, *, orders: OrderReader, knowledge: KnowledgeReader, shop: ShopReader | None = None
    ) -> RasaEngine:
        """The engine for a project, once its Rasa answers, or has not for `READY_SECONDS`: then turns hand over until it does.

        Raises NoRasaError, RasaFailedError and ProjectError.
        """
        model = await asyncio.to_thread(train_rasa, self.settings, project_dir, note=lambda text: log.info(text))
        server = self.server
        if server is None or server.model != model:
            server = RasaServer(self.settings.rasa_env, model, self.callback, self.running, forward_to(project_dir))
            self._tasks[model] = asyncio.create_task(self._keep(server))
            await _until_ready(server)
        engine = RasaEngine(open_project(project_dir), server, orders=orders, knowledge=knowledge, shop=shop)
        await self._retire(server)
        return engine

    def state(self) -> dict[str, object]:
        """For the sign of life."""
        server = self.server
        return {"ready": server.ready, "starts": server.starts} if server else {"ready": False, "starts": 0}

    async def _keep(self, server: RasaServer) -> None:
        try:
            await server.keep()
        except Exception:
            log.exception("Rasa is given up")

    async def _retire(self, server: RasaServer) -> None:
        """Makes `server` the one in use; the others end when the turns that they work on are over."""
        self.server = server
        for model in [m for m in self._tasks if m != server.model]:
            task = self._tasks.pop(model)
            asyncio.get_running_loop().call_later(30.0, task.cancel)

    async def close(self) -> None:
        """Ends the processes."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def play_on_rasa(settings: Settings, project: Path, stories: Path, *, understand: Understand | None = None) -> dict[str, Any]:
    """Plays the test stories of a project with a `baton:` section on a Rasa that leads it; returns what `bot.testing` returns."""
    readers = readers_of(stories)
    async with rasa_house(replace(settings, engine="rasa")) as house:
        assert house is not None
        engine = await house.engine_for(project, orders=readers.orders, knowledge=readers.knowledge, shop=readers.shop)
        return await play_stories(engine, stories, readers=readers, understand=understand)


@contextlib.asynccontextmanager
async def rasa_house(settings: Settings) -> AsyncIterator[RasaHouse | None]:
    """The house while the block runs, when Rasa is the engine; else None. Raises NoRasaError."""
    if settings.engine != "rasa":
        yield None
        return
    rasa_python(settings.rasa_env)
    running, token = RunningTurns(), secrets.token_urlsafe(24)
    async with serving(build_action_app(TurnActions(running), token=token), host="127.0.0.1", port=0) as port:
        house = RasaHouse(settings, Callback(f"http://127.0.0.1:{port}", token), running)
        try:
            yield house
        finally:
            await house.close()


async def _until_ready(server: RasaServer) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READY_SECONDS):
            while not server.ready:
                await asyncio.sleep(0.1)


def forward_to(project: Path) -> Forward | None:
    """Passes calls on to the action server of the project's endpoints.yml; None when it names none. Raises ProjectError."""
    endpoint = find_action_endpoint(project, environment=os.environ)
    return None if endpoint is None else _forwarder(endpoint)


def _forwarder(endpoint: ActionEndpoint) -> Callable[[dict[str, Any]], Any]:
    async def forward(call: dict[str, Any]) -> dict[str, Any]:
        name = str(call.get("next_action"))
        auth = httpx.BasicAuth(*endpoint.basic_auth) if endpoint.basic_auth else None
        try:
            async with httpx.AsyncClient(timeout=endpoint.timeout, auth=auth, trust_env=False) as client:
                got = await client.post(endpoint.url, json=call, headers=dict(endpoint.headers), params=dict(endpoint.params) or None)
        except httpx.HTTPError as error:
            raise UnavailableError(f"{name} cannot run: the action server at {endpoint.url} broke off: {type(error).__name__}") from None
        answer = got.json() if got.status_code in (200, 400) else None
        if got.status_code == 400 and isinstance(answer, dict) and answer.get("action_name"):
            raise ActionRefusedError(str(answer["action_name"]), str(answer.get("error") or "refused"))
        if got.status_code == 404:
            raise UnknownActionError(name)
        if got.status_code != 200:
            raise UnavailableError(f"The action server answered {got.status_code} to {name}", hint="Its own log says why.")
        return answer if isinstance(answer, dict) else {}

    return forward
