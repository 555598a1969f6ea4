"""Trains a project with Rasa and plays test stories with Rasa's own evaluation; runs in Rasa's environment.

Called as `python rasa_work.py REQUEST.json`; writes what came of it to the request's `result` file. The request is what
`bot/rasa/environment.py` writes: the folder of the project, the archive of the model, and `train` or `evaluate` or both. All that Rasa
prints goes to the error stream.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any


def train(order: dict[str, Any]) -> None:
    """Trains `project` (a folder with config.yml, domain and data) into the archive `model`."""
    from rasa import train as train_with_rasa  # type: ignore[import-not-found]
    from rasa.model_training import train_core  # type: ignore[import-not-found]

    model = Path(order["model"])
    out = {"output": str(model.parent), "fixed_model_name": model.name}
    if order["core_only"] and train_core(order["domain"], order["config"], order["data"], **out):
        return
    result = train_with_rasa(order["domain"], order["config"], order["data"], **out)
    if result.code or not model.exists():
        raise SystemExit("Rasa trained no model")


def evaluate(order: dict[str, Any]) -> dict[str, Any]:
    """Plays the stories of a file or folder on `model`; `e2e` says that what customers say is understood by Rasa first."""
    from rasa.core.agent import Agent  # type: ignore[import-not-found]
    from rasa.shared.core.generator import TrainingDataGenerator  # type: ignore[import-not-found]
    from rasa.shared.importers.rasa import RasaFileImporter  # type: ignore[import-not-found]

    agent = Agent.load(model_path=order["model"])
    importer = RasaFileImporter(domain_path=_domain_file(agent, order), training_data_paths=[order["stories"]])
    graph = importer.get_conversation_tests()
    trackers = []
    for alone in _separate(graph):
        generator = TrainingDataGenerator(alone, agent.domain, use_story_concatenation=False, augmentation_factor=0)
        trackers += generator.generate_story_trackers()
    return asyncio.run(_play(agent, trackers, e2e=order["e2e"]))


def _domain_file(agent: Any, order: dict[str, Any]) -> str:
    path = Path(order["result"]).with_name("domain_of_model.yml")
    agent.domain.persist(path)
    return str(path)


def _separate(graph: Any) -> list[Any]:
    """One graph for each story, or for stories that checkpoints join.

    Rasa plays only one of the stories that look alike to its policies; by itself each of them is played.
    """
    groups: list[tuple[set[str], list[Any]]] = []
    for step in graph.story_steps:
        names = {c.name for c in [*step.start_checkpoints, *step.end_checkpoints]} - {"STORY_START"}
        joined = [g for g in groups if g[0] & names]
        groups = [g for g in groups if not g[0] & names]
        steps = [s for g in joined for s in g[1]] + [step]
        groups.append((names.union(*(g[0] for g in joined)), steps))
    return [type(graph)(steps) for _, steps in groups]


async def _play(agent: Any, trackers: list[Any], *, e2e: bool) -> dict[str, Any]:
    # What `rasa test core` calls; its public function only writes a report without the place of each failure.
    from rasa.core.test import _collect_story_predictions  # type: ignore[import-not-found]

    found, _, _ = await _collect_story_predictions(trackers, agent, use_e2e=e2e)
    failed = {id(t) for t in found.failed_stories}
    played = [*found.successful_stories, *found.failed_stories]
    actions = [(a["action"], a["predicted"]) for a in found.action_list if a["action"] != "action_listen"]
    return {
        "stories": len(played),
        "passed": len(found.successful_stories),
        "actions": len(actions),
        "actions_correct": sum(wanted == got for wanted, got in actions),
        "failed": [{"story": t.sender_id, "file": t.sender_source, "turns": _turns(t)} for t in played if id(t) in failed],
    }


def _turns(tracker: Any) -> list[dict[str, Any]]:
    """What was expected and what was predicted after each customer message; the part before the first one is turn 0."""
    turns: list[dict[str, Any]] = [{"said": "", "expected": [], "actual": []}]
    for event in tracker.events:
        kind = type(event).__name__
        if kind in ("UserUttered", "EndToEndUserUtterance", "WronglyClassifiedUserUtterance"):
            turns.append({"said": event.text or (event.intent or {}).get("name"), "expected": [], "actual": []})
            if kind == "WronglyClassifiedUserUtterance":
                turns[-1]["expected"].append(_understood(event.intent.get("name"), event.target_entities))
                turns[-1]["actual"].append(_understood(event.predicted_intent, event.predicted_entities))
        elif kind == "WronglyPredictedAction":
            turns[-1]["expected"].append(event.action_name or f"bot: {event.action_text}")
            turns[-1]["actual"].append(event.action_name_prediction)
        elif kind == "ActionExecuted" and event.action_name not in (None, "action_listen"):
            turns[-1]["expected"].append(event.action_name)
            turns[-1]["actual"].append(event.action_name)
    return turns


def _understood(intent: str, entities: list[dict[str, Any]]) -> str:
    found = ", ".join(f"{e.get('entity')}={e.get('value')}" for e in entities)
    return f"intent: {intent}" + (f" ({found})" if found else "")


def _quiet() -> None:
    import logging

    from rasa.utils.common import configure_logging_and_warnings  # type: ignore[import-not-found]
    from rasa.utils.log_utils import configure_structlog  # type: ignore[import-not-found]

    configure_logging_and_warnings(logging.WARNING)
    configure_structlog(logging.WARNING)


def main() -> None:
    """Does what the request asks."""
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    os.chdir(order["project"])
    sys.path.insert(0, order["project"])  # components that the project brings
    with contextlib.redirect_stdout(sys.stderr):
        _quiet()
        if "train" in order:
            train(order | order["train"])
        found = evaluate(order | order["evaluate"]) if "evaluate" in order else {}
    Path(order["result"]).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
