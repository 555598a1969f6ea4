"""Puts teaching together: the project's sentences, the redactor made from them, and the subprocess that trains when somebody asked."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from app.brain import Brain
from app.project import RASA_PARTS, nlu_sources
from app.readers import StoredSuggestions
from app.settings import Settings
from app.supervise import die_with_parent
from app.wiring import Base
from assist.history.gathering import Learner
from assist.learning.retraining import Retrainer
from bot.actions.answer_from_knowledge import AnswerFromKnowledge
from bot.project.leading import intents_leading_to
from context.redaction.redactor import Redactor, usual_words
from insights.background import Step
from insights.health.asking import LinkAsker
from insights.health.checking import LinkChecker
from insights.health.scanning import Scanner
from insights.keeping import Keeper
from insights.learned import Known, TrainingSentences, yaml_files
from insights.retraining import fail_run, get_run
from insights.teaching import Teaching
from insights.unanswered.gathering import Gatherer
from insights.usage.counting import UseCounter
from insights.usage.real import real_questions
from kit.errors import BatonError
from kit.log import get_logger
from knowledge.answer import answer
from knowledge.recalibrating import Recalibrating
from nlu.encoders import get_encoder

UNSURE_BELOW = 0.3
JUDGE = "use-multilingual"
"""The encoder whose cosines say what belongs together: thresholds were chosen with it, whatever reads for search."""
NICENESS = 10

log = get_logger("learning")


def training_sentences(settings: Settings) -> TrainingSentences:
    """The sentences of the project, read again when its files change."""
    return TrainingSentences(_Sources(settings.project_dir))


class _Sources:
    """Where a project's sentences stand. Of a Rasa project all of its files say so: they are read again only when one has changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._found: tuple[object, list[Path]] = (None, [])

    def __call__(self) -> list[Path]:
        files = [f for part in RASA_PARTS for f in yaml_files(self.root / part)]
        stamp = [(str(f), f.stat().st_mtime_ns, f.stat().st_size) for f in files]
        if self._found[0] != stamp:
            self._found = (stamp, nlu_sources(self.root))
        return self._found[1]


def redactor_of(settings: Settings, sentences: TrainingSentences) -> Callable[[], Redactor]:
    """A redactor that knows the words of the project; made again when its sentences change."""
    made: tuple[Known | None, Redactor] = (None, Redactor())

    def redactor() -> Redactor:
        nonlocal made
        try:
            known = sentences.known()
        except BatonError:  # a mistake in a file under work must not stop the keeping
            return made[1]
        if made[0] is not known:
            shop = settings.title.split() * 3
            made = (known, Redactor(known_words=usual_words([*(e.text for e in known.examples), *shop])))
        return made[1]

    return redactor


def build_teaching(settings: Settings, base: Base) -> Teaching:
    """What editors use, in console and API."""
    sentences = training_sentences(settings)
    return Teaching(base.database, base.ledger, sentences, redactor_of(settings, sentences), settings.learned_dir)


def build_keeper(settings: Settings, base: Base, brain: Brain) -> Keeper:
    """What workers use to fill the queue."""
    sentences = training_sentences(settings)

    def unsure_below() -> float:
        return brain.engine.project.config.nlu_threshold if brain.engine is not None else UNSURE_BELOW

    async def unanswered(text: str, understanding: Mapping[str, Any]) -> bool:
        index, engine = brain.index, brain.engine
        intent = str(understanding.get("intent") or "").split("/")[0]
        if index is None or engine is None or intent not in intents_leading_to(engine.project, AnswerFromKnowledge.name):
            return False
        said = await asyncio.to_thread(answer, index, text, language=str(understanding.get("language") or "en"))
        return said.text is None

    return Keeper(base.database, redactor_of(settings, sentences), unsure_below, unanswered)


def build_reply_learner(settings: Settings, base: Base, brain: Brain) -> Learner:
    """What workers use to learn from what agents wrote."""
    return Learner(base.database, lambda: brain.reader, redactor_of(settings, training_sentences(settings)))


def insight_steps(settings: Settings, base: Base, brain: Brain) -> dict[str, Step]:
    """What workers do in the background for those who write articles."""
    redactor = redactor_of(settings, training_sentences(settings))
    reader = get_encoder(JUDGE, settings.encoder_dir)
    gatherer = Gatherer(base.database, reader, lambda: brain.index, redactor)
    counter = UseCounter(base.database, reader, StoredSuggestions(), redactor)
    steps: dict[str, Step] = {"unanswered": gatherer.step, "usage": counter.step, "health": Scanner(base.database, reader).step}
    steps["ranker"] = Retrainer(base.database).step
    steps["calibration"] = Recalibrating(base.database, lambda: brain.index, real_questions).step
    if settings.check_links:
        steps["links"] = LinkChecker(base.database, LinkAsker()).step
    return steps


class TrainingStarter:
    """Starts `baton train` for a training that somebody asked for: a process of its own, with low priority, that ends with this one."""

    def __init__(self, settings: Settings, base: Base, database_url: str) -> None:
        self.settings, self.base, self.database_url = settings, base, database_url
        self._watching: set[asyncio.Task[None]] = set()

    async def start(self, run_id: UUID) -> None:
        """Starts the process, unless the training was taken already (the job may run twice); does not wait for its end."""
        async with self.base.database.transaction() as session:
            if (await get_run(session, run_id)).state != "asked":
                return
        environment = os.environ | {"DATABASE_URL": self.database_url, "BATON_DATA_DIR": str(self.settings.data_dir)}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app.cli", "train", "--run", str(run_id)), env=environment, preexec_fn=_modest,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        log.info("training started", run=str(run_id), process=process.pid)
        task = asyncio.create_task(self._watch(process, run_id))
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)

    async def _watch(self, process: asyncio.subprocess.Process, run_id: UUID) -> None:
        _, said = await process.communicate()
        if process.returncode:
            last = said.decode(errors="replace").strip().splitlines()[-1:] or [f"exit code {process.returncode}"]
            log.error("training failed", run=str(run_id), code=process.returncode, last=last[0][:300])
            async with self.base.database.transaction() as session:
                await fail_run(session, self.base.ledger, run_id, error=last[0][:1000])


def _modest() -> Any:
    die_with_parent()
    os.nice(NICENESS)
