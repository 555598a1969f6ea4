"""Test stories on Rasa itself: trains the project in Rasa's environment and lets Rasa's own evaluation judge."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.project.loader import load_stories
from bot.project.types import Flow, UserStep
from bot.rasa.copying import YAML, copy_for_tests, read_yaml_file
from bot.rasa.training import train_if_new
from kit.errors import BatonError, InvalidInputError, NotFoundError

Stories = dict[str, Path]
"""The names of the copies of story files, with the files that they are copies of."""


def run_with_rasa(
    project_dir: Path, stories: Path, *, nlu: str, environment: Path, work: Path, note: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Plays test stories on Rasa and returns what `bot/testing.py` returns: stories, passed, actions, actions_correct, failures.

    `nlu` annotated is `rasa test core`, predicted is `rasa test core --e2e`: there a story fails, too, when an intent or an entity is
    predicted otherwise than written. `actions` are all expected actions but `action_listen`. `environment` is Rasa's environment, `work`
    the folder in which trained models are kept. Raises NoRasaError, RasaFailedError, ProjectError, InvalidInputError.
    """
    with TemporaryDirectory(prefix="baton-rasa-test-") as folder:
        copy = copy_for_tests(project_dir.resolve(), Path(folder) / "project")
        if nlu == "predicted" and copy.core_only:
            raise InvalidInputError(
                "This project has no pipeline that Rasa could train, so Rasa cannot understand its test stories",
                hint="Use --nlu annotated, or --engine baton.",
            )
        named = copy_stories(stories, Path(folder) / "stories")
        then = {"evaluate": {"stories": str(Path(folder) / "stories"), "e2e": nlu == "predicted"}}
        found = train_if_new(copy, models=work / "models", environment=environment, note=note, then=then)
    return as_report(found, named)


def copy_stories(stories: Path, target: Path) -> Stories:
    """Copies story files under names that Rasa takes for test stories. Raises NotFoundError when there are none."""
    files = [stories] if stories.is_file() else sorted(p for p in stories.rglob("*") if p.suffix in YAML and p.is_file())
    named: Stories = {}
    target.mkdir()
    for number, path in enumerate(files):
        if "stories" in read_yaml_file(path):
            name = f"test_{number:04}_{path.name.removeprefix('test_')}"
            shutil.copy(path, target / name)
            named[name] = path
    if not named:
        raise NotFoundError(f"There are no test stories in {stories}", hint="Name a file or folder with `stories:` by --stories.")
    return named


def as_report(found: dict[str, Any], named: Stories) -> dict[str, Any]:
    """The driver's answer in the form of `bot/testing.py`, each failing turn with file and line where they can be told."""
    failures = []
    for story in found["failed"]:
        source = named.get(Path(story["file"] or "").name)
        steps = _user_steps(source, story["story"])
        for number, turn in enumerate(story["turns"]):
            if turn["expected"] == turn["actual"]:
                continue
            place = str(steps[number - 1].place) if 0 < number <= len(steps) else str(source or "")
            failures.append({"story": story["story"], "place": place, **turn, "messages": []})
    return {key: found[key] for key in ("stories", "passed", "actions", "actions_correct")} | {"failures": failures}


def _user_steps(source: Path | None, story: str) -> tuple[UserStep, ...]:
    """What the customer says in a story, step by step; nothing for stories that checkpoints join or that Baton cannot read."""
    if source is None:
        return ()
    try:
        flows: tuple[Flow, ...] = load_stories(source)
    except BatonError:
        return ()
    same = [f for f in flows if f.name == story]
    return tuple(s for s in same[0].steps if isinstance(s, UserStep)) if len(same) == 1 else ()
