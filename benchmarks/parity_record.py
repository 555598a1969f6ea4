"""Records what Rasa 3.6.21 does in the parity projects. Runs in Rasa's environment: `.rasa-venv/bin/python -m benchmarks.parity_record`."""

# mypy: disable-error-code="import-not-found,misc"

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("RASA_CACHE_DIRECTORY", tempfile.mkdtemp(prefix="rasa-cache-"))
os.environ.setdefault("PYTHONWARNINGS", "ignore")
warnings.simplefilter("ignore")

from tests.parity.action_server import serving  # noqa: E402
from tests.parity.conversations import PROJECTS, RECORDINGS, START, Conversation, Step, load_conversations, project_hash, project_names  # noqa: E402
from tests.parity.events import normal_event  # noqa: E402


class Clock:
    """A clock that stands still until it is moved; every reading is a microsecond later, so that events keep their order."""

    def __init__(self) -> None:
        self.real = time.time
        self.at: float | None = None

    def time(self) -> float:
        """Seconds since the epoch: the conversation's while one is played, else the real ones."""
        if self.at is None:
            return self.real()
        self.at += 1e-6
        return self.at


class Reminders:
    """Stands in for Rasa's scheduler, so that reminders fall due by the conversation's clock."""

    def __init__(self) -> None:
        self.jobs: dict[str, SimpleNamespace] = {}

    def add_job(self, job: Callable[..., Any], _trigger: str, *, run_date: Any, args: list[Any], id: str, name: str, **_: Any) -> None:
        """What Rasa calls to schedule a reminder."""
        self.jobs[id] = SimpleNamespace(job=job, due=run_date.timestamp(), args=args, id=id, name=name)

    def get_jobs(self) -> list[SimpleNamespace]:
        """What Rasa looks through to cancel."""
        return list(self.jobs.values())

    def remove_job(self, id: str) -> None:
        """What Rasa calls to cancel."""
        del self.jobs[id]


class Player:
    """Plays the conversations of one trained project."""

    def __init__(self, project: str, model: str, actions_url: str, clock: Clock) -> None:
        from rasa.core.agent import Agent
        from rasa.core.tracker_store import InMemoryTrackerStore
        from rasa.shared.core.domain import Domain
        from rasa.utils.endpoints import EndpointConfig

        self.clock, self.reminders = clock, Reminders()
        self.events: list[dict[str, Any]] = []
        seen: dict[str, int] = {}
        player = self

        class Store(InMemoryTrackerStore):
            """Keeps trackers in memory and notes each new event when it is saved."""

            async def retrieve(self, sender_id: str) -> Any:
                tracker = await super().retrieve(sender_id)
                seen[sender_id] = len(tracker.events) if tracker else 0
                return tracker

            async def save(self, tracker: Any) -> None:
                new = list(tracker.events)[seen.get(tracker.sender_id, 0) :]
                player.events += [e.as_dict() for e in new]
                seen[tracker.sender_id] = len(tracker.events)
                await super().save(tracker)

        store = Store(Domain.empty())
        self.agent = Agent.load(model, tracker_store=store, action_endpoint=EndpointConfig(actions_url))
        self.fallback = _fallback_classifier(PROJECTS / project / "config.yml")

    async def play(self, conversation: Conversation) -> list[dict[str, Any]]:
        """The events of each turn, in normal form."""
        self.clock.at, self.reminders.jobs = START, {}
        turns = []
        for number, step in enumerate(conversation.steps, 1):
            self.events = []
            await self._pass_time(step.wait)
            await self._take(conversation.name, step)
            normal = [normal_event(e) for e in self.events]
            turns.append({"turn": number, "said": step.said, "events": [e for e in normal if e]})
        self.clock.at = None
        return turns

    async def _pass_time(self, seconds: float) -> None:
        assert self.clock.at
        end = self.clock.at + seconds
        while True:
            due = sorted((j for j in self.reminders.get_jobs() if j.due <= end), key=lambda j: j.due)
            if not due:
                break
            self.clock.at = max(self.clock.at, due[0].due)
            self.reminders.remove_job(due[0].id)
            await due[0].job(*due[0].args)
        self.clock.at = max(end, self.clock.at)

    async def _take(self, sender: str, step: Step) -> None:
        from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

        class Channel(CollectingOutputChannel):
            """A channel by the step's name."""

            @classmethod
            def name(cls) -> str:
                return step.channel

        channel = Channel()
        processor = self.agent.processor
        if step.trigger:
            tracker = await processor.fetch_tracker_and_update_session(sender, channel)
            await processor.trigger_external_user_uttered(step.trigger, list(step.entities), tracker, channel)
        elif step.text is not None:
            parse = self._parse(step) if step.parse is not None else None
            message = UserMessage(step.text, channel, sender, parse, step.channel, metadata=step.metadata or None)
            await self.agent.handle_message(message)

    def _parse(self, step: Step) -> dict[str, Any]:
        """Rasa's parse data, with what its FallbackClassifier and its response selection make of it."""
        from rasa.shared.nlu.training_data.message import Message

        given, text = step.parse or {}, step.text or ""
        name, confidence = given["intent"], given["confidence"]
        ranking = given["ranking"] or [[name, confidence]]
        parse: dict[str, Any] = {
            "text": text,
            "intent": {"name": name, "confidence": confidence},
            "intent_ranking": [{"name": n, "confidence": c} for n, c in ranking],
            "entities": [_entity(e, text) for e in given["entities"]],
        }
        if self.fallback:
            message = Message(data=parse)
            self.fallback.process([message])
            parse = message.data
        if given["selected"]:
            key, utter = given["selected"], f"utter_{given['selected']}"
            picked = {"response": {"intent_response_key": key, "utter_action": utter, "confidence": 0.9, "responses": []}, "ranking": []}
            parse["response_selector"] = {"all_retrieval_intents": [name], name: picked}
            self.agent.processor._update_full_retrieval_intent(parse)
        return parse


def _entity(given: dict[str, Any], text: str) -> dict[str, Any]:
    start = max(text.find(str(given["value"])), 0)
    return {"start": start, "end": start + len(str(given["value"])), "confidence_entity": 0.99, "extractor": "given", **given}


def _fallback_classifier(config: Path) -> Any:
    import yaml
    from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier

    for component in yaml.safe_load(config.read_text())["pipeline"]:
        if component["name"] == "FallbackClassifier":
            return FallbackClassifier({**FallbackClassifier.get_default_config(), **component})
    return None


def train(project: str, output: str, *, quiet: bool) -> str:
    """Trains the project with Rasa and returns the model's path. Raises what Rasa raises of a project that it refuses."""
    from rasa.model_training import train as rasa_train

    folder = PROJECTS / project
    config, data = str(folder / "config.yml"), [str(folder / "data")]
    with Path(os.devnull).open("w") as nowhere, ExitStack() as stack:
        if quiet:  # a dozen progress bars for every project
            stack.enter_context(redirect_stdout(nowhere))
            stack.enter_context(redirect_stderr(nowhere))
        domain = _domain(folder, Path(output))
        result = rasa_train(str(domain), config, data, output, fixed_model_name=project)
    if result.model is None:
        raise RuntimeError(f"Rasa made no model of {project}")
    return str(result.model)


def _domain(folder: Path, work: Path) -> Path:
    """The project's domain; one of version 2.0 as Rasa's own `rasa data migrate` writes it."""
    from rasa.core.migrate import migrate_domain_format

    domain = folder / "domain.yml" if (folder / "domain.yml").exists() else folder / "domain"
    if domain.is_dir() or 'version: "2' not in domain.read_text(encoding="utf-8"):
        return domain
    (work / folder.name).mkdir()
    old, new = work / folder.name / "domain.yml", work / folder.name / "new.yml"
    shutil.copy(domain, old)
    migrate_domain_format(old, new)
    return new


async def record(project: str, model: str, clock: Clock) -> dict[str, Any]:
    """All conversations of the project as Rasa plays them."""
    import rasa
    from rasa.core import jobs

    with serving(project) as url:
        player = Player(project, model, url, clock)

        async def scheduler() -> Reminders:
            return player.reminders

        jobs.scheduler = scheduler
        played = {c.name: await player.play(c) for c in load_conversations(project)}
    return {"rasa": rasa.__version__, "project": project_hash(project), "conversations": played}


def write(recording: dict[str, Any], path: Path) -> None:
    """The recording as JSON with one event a line."""
    lines = ["{", f' "rasa": "{recording["rasa"]}",', f' "project": "{recording["project"]}",', ' "conversations": {']
    names = list(recording["conversations"])
    for name in names:
        lines.append(f"  {json.dumps(name)}: [")
        turns = recording["conversations"][name]
        for turn in turns:
            lines.append(f'   {{"turn": {turn["turn"]}, "said": {json.dumps(turn["said"], ensure_ascii=False)}, "events": [')
            events = [f"    {json.dumps(e, ensure_ascii=False)}" for e in turn["events"]]
            lines += [e + "," for e in events[:-1]] + events[-1:]
            lines.append("   ]}" + ("," if turn is not turns[-1] else ""))
        lines.append("  ]" + ("," if name != names[-1] else ""))
    path.write_text("\n".join([*lines, " }", "}"]) + "\n", encoding="utf-8")


def _hush() -> None:
    import structlog

    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def main() -> None:
    """Records the named projects, or all."""
    parser = argparse.ArgumentParser(description="Play the parity projects with Rasa and write recordings.")
    parser.add_argument("projects", nargs="*", help="names; all when none is given")
    parser.add_argument("--output", type=Path, default=RECORDINGS)
    parser.add_argument("--verbose", action="store_true", help="show Rasa's own log")
    options = parser.parse_args()
    args_output: Path = options.output
    args_output.mkdir(parents=True, exist_ok=True)
    clock, started = Clock(), time.perf_counter()
    time.time = clock.time  # Rasa stamps its events and expires its sessions by this
    if not options.verbose:
        _hush()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    names = options.projects or project_names()
    with tempfile.TemporaryDirectory() as models:
        for number, name in enumerate(names, 1):
            print(f"[{number}/{len(names)}] {name}: training ...", flush=True)
            model = train(name, models, quiet=not options.verbose)
            recording = loop.run_until_complete(record(name, model, clock))
            write(recording, args_output / f"{name}.json")
            turns = sum(len(t) for t in recording["conversations"].values())
            print(f"[{number}/{len(names)}] {name}: {turns} turns ({time.perf_counter() - started:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
