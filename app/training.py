"""One training from its sentences to the stored model: train, pack, store, compare with the live one, make it live."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy.ext.asyncio import AsyncSession

from app.describing import describe
from app.dialogue import FOLDER, train_dialogue
from app.entity_settings import read_entity_settings
from app.models import LocalModels, blob_key, blob_store, pack
from app.plan import training_plan
from app.project import copy_project, held_out_sources, nlu_sources, open_project
from app.settings import Settings
from app.wiring import Base, build_base
from insights import retraining
from insights.learned import read_known, write_learned
from insights.registry import Doer, ModelFacts, find_active, prune, record_model, record_scores
from kit.db import dsn_of
from kit.errors import BatonError
from kit.log import get_logger
from nlu.data import TrainingData
from nlu.intents import OUT_OF_SCOPE_NAMES
from nlu.rasa_yaml import read_training_data
from nlu.train import TrainReport
from nlu.train import train as train_nlu
from nlu.understander import Understander

T = TypeVar("T")
log = get_logger("train")
Progress = Callable[[str, float], None]
MOST_HELD_OUT = 1200
BEAT_SECONDS = 1.0
_BEAT = "UPDATE training_run SET step = %s, progress = %s, seen_at = clock_timestamp() WHERE id = %s AND state = 'running'"
TRAINING_SHARE = 0.9  # of the progress bar; storing and comparing take the rest


@dataclass(frozen=True)
class Order:
    """What is wanted: `activate` None means unless the scores fall, which somebody then has to confirm."""

    fine_tune: bool = False
    activate: bool | None = True


@dataclass(frozen=True)
class Trained:
    """What came of it: `state` is done, or held when somebody must confirm."""

    model: ModelFacts
    report: TrainReport
    comparison: Mapping[str, Any]
    state: str


class Training:
    """Trains on one database and data folder."""

    def __init__(self, settings: Settings, url: str) -> None:
        self.settings, self.url = settings, url
        self.models = LocalModels(settings.models_dir, blob_store(settings, url))

    def transact(self, action: Callable[[Base, AsyncSession], Awaitable[T]]) -> T:
        """Runs `action` in one transaction of its own."""

        async def body() -> T:
            base = build_base(self.url, pool_size=1)
            try:
                async with base.database.transaction() as session:
                    return await action(base, session)
            finally:
                await base.database.close()

        return asyncio.run(body())

    def take(self, run_id: UUID) -> Order | None:
        """Begins a training that somebody asked for; None when it has been begun already."""
        run = self.transact(lambda base, session: retraining.take_run(session, base.ledger, run_id))
        return Order(fine_tune=run.fine_tune, activate=None) if run is not None else None

    def open(self, *, by: Doer, order: Order) -> UUID:
        """Notes that a training runs, so that a second one is told. Raises TrainingRunningError."""
        state, fine_tune = retraining.RUNNING, order.fine_tune
        run = self.transact(lambda base, session: retraining.open_run(session, base.ledger, by=by, state=state, fine_tune=fine_tune))
        return run.id

    def run(self, run_id: UUID, *, order: Order, progress: Progress) -> Trained:
        """Trains, stores and makes live. On any error the old model keeps serving and the training is noted as failed."""
        dsn = dsn_of(self.url)
        with SignOfLife(dsn, run_id) as life:

            def both(step: str, share: float) -> None:
                life.note(step, share)
                progress(step, share)

            return self._run(run_id, order=order, progress=both)

    def _run(self, run_id: UUID, *, order: Order, progress: Progress) -> Trained:
        try:
            run = self.transact(lambda _base, session: retraining.get_run(session, run_id))
            model, report = self._train(order, lambda what, share: progress(what, TRAINING_SHARE * share))
            progress("storing", TRAINING_SHARE)
            self._store(model, by=Doer(run.by_id, run.by))
            comparison = self._compare(model, lambda share: progress("comparing", TRAINING_SHARE + (1 - TRAINING_SHARE) * share))
            found = {"model_id": model.id, "comparison": comparison}
            state = self.transact(
                lambda base, session: retraining.end_run(session, base.ledger, run_id, activate_model=order.activate, found=found)
            )
        except BaseException as error:
            self._note_failure(run_id, error)
            raise
        if order.activate is not False and state == retraining.DONE:
            self.models.note_current(model.id)
        self.tidy()
        return Trained(model, report, comparison, state)

    def _note_failure(self, run_id: UUID, error: BaseException) -> None:
        said = error.message if isinstance(error, BatonError) else f"{type(error).__name__}: {error}"
        said = "It was stopped" if isinstance(error, KeyboardInterrupt) else said[:1000]
        self.transact(lambda base, session: retraining.fail_run(session, base.ledger, run_id, error=said))

    def _data(self) -> TrainingData:
        """The project's sentences, and those that editors assigned, which are written out for this node first."""
        found, sources = self.settings, nlu_sources(self.settings.project_dir)
        known = read_known(sources)
        self.transact(lambda _base, session: write_learned(session, found.learned_dir, known=known))
        return read_training_data([*sources, found.learned_dir] if found.learned_dir.is_dir() else sources)

    def _train(self, order: Order, progress: Progress) -> tuple[ModelFacts, TrainReport]:
        found = self.settings
        project = open_project(found.project_dir)
        data = self._data()
        for folder in (found.models_dir, found.encoder_dir):
            folder.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".training-", dir=found.models_dir))
        try:
            plan = training_plan(found, fine_tune=order.fine_tune)
            with ThreadPoolExecutor(1) as beside:
                dialogue = beside.submit(
                    train_dialogue, project, kept=found.encoder_dir / "policies"
                )  # most of its work is done by another process
                report = train_nlu(data, out=work / "nlu", encoder_cache=found.encoder_dir, progress=progress, plan=plan)
                progress("learning stories", 1.0)
                learned = dialogue.result()
            if learned is not None:
                learned.save(work / FOLDER)
            copy_project(found.project_dir, work / "project")
            model = describe(work, intents=data.intents)
            work.chmod(0o755)
            work.rename(self.models.path(model.id))
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise
        return model, report

    def _store(self, model: ModelFacts, *, by: Doer) -> None:
        self.models.blobs.put(blob_key(model.digest), pack(self.models.path(model.id)))
        self.transact(lambda _base, session: record_model(session, model, by=by))

    def _compare(self, model: ModelFacts, progress: Callable[[float], None]) -> dict[str, Any]:
        """The scores beside those of the live model; on held-out sentences when the project has any."""
        live = self.transact(lambda _base, session: find_active(session))
        if live is None:
            return retraining.compare(None, model.scores)
        rows = held_out(self.settings.project_dir)
        if not rows:
            return retraining.compare(live.model.scores, model.scores)
        new = self._score(model, rows, lambda share: progress(share / 2))
        old = live.model.scores
        if old.get("held_out", {}).get("set") != new["held_out"]["set"]:
            old = self._score_old(live.model, rows, lambda share: progress(0.5 + share / 2))
        return retraining.compare(old, {**model.scores, **new})

    def _score(self, model: ModelFacts, rows: list[tuple[str, str, str]], progress: Callable[[float], None]) -> dict[str, Any]:
        folder = self.models.ensure(model)
        found = {"held_out": score_held_out(folder, rows, encoder_cache=self.settings.encoder_dir, progress=progress)}
        self.transact(lambda _base, session: record_scores(session, model.id, found))
        return found

    def _score_old(self, model: ModelFacts, rows: list[tuple[str, str, str]], progress: Callable[[float], None]) -> Mapping[str, Any]:
        try:
            return {**model.scores, **self._score(model, rows, progress)}
        except BatonError:  # a live model that cannot be loaded here cannot be compared with either
            return model.scores

    def tidy(self) -> None:
        """Removes archives and folders of models that are neither new nor live."""
        for model in self.transact(lambda _base, session: prune(session)):
            self.models.blobs.delete(blob_key(model.digest))
        self.models.tidy()


def held_out(project_dir: Path) -> list[tuple[str, str, str]]:
    """The project's held-out sentences as (language, text, intent), at most MOST_HELD_OUT, evenly taken."""
    data = read_training_data(held_out_sources(project_dir))
    rows = sorted({(e.language, e.text, e.intent) for e in data.examples})
    return rows[:: -(-len(rows) // MOST_HELD_OUT)] if rows else []


def score_held_out(
    folder: Path, rows: list[tuple[str, str, str]], *, encoder_cache: Path, progress: Callable[[float], None]
) -> dict[str, Any]:
    """Accuracies of a model, rejections included: whoever rightly says out of scope is right. `set` tells which sentences they were."""
    understander = Understander.load(folder / "nlu", encoder_cache=encoder_cache, settings=read_entity_settings())
    right: dict[str, list[bool]] = {}
    for number, (language, text, intent) in enumerate(rows):
        if number % 20 == 0:
            progress(number / len(rows))
        said = understander.understand(text).intent
        right.setdefault(language, []).append(said == intent or (said is None and intent in OUT_OF_SCOPE_NAMES))
    everything = [hit for hits in right.values() for hit in hits]
    return {
        "set": hashlib.sha256(repr(rows).encode()).hexdigest()[:16],
        "sentences": len(rows),
        "overall": round(sum(everything) / len(everything), 4),
        "languages": {language: round(sum(hits) / len(hits), 4) for language, hits in right.items()},
    }


class SignOfLife:
    """Tells the database every second how far a training is, from a thread of its own, until the block ends."""

    def __init__(self, dsn: str, run_id: UUID) -> None:
        self.dsn, self.run_id = dsn, run_id
        self._now = ("", 0.0)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def note(self, step: str, share: float) -> None:
        """What is done now, and the share done."""
        self._now = (step, share)

    def __enter__(self) -> SignOfLife:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            try:
                with psycopg.connect(self.dsn, autocommit=True) as connection:
                    connection.execute(_BEAT, (*self._now, self.run_id))
            except psycopg.Error as error:
                log.warning("no sign of life of the training could be stored", reason=type(error).__name__)
