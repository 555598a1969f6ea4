"""Where a bot's project lies: Baton's own layout (bot/domain, bot/config.yml, training_data/) or that of any Rasa 3 project."""

from __future__ import annotations

import shutil
from pathlib import Path

from bot.project.loader import load_project
from bot.project.types import Project

OWN_PARTS = ("bot/domain", "bot/config.yml", "training_data/rules", "training_data/stories", "training_data/responses")
RASA_PARTS = (
    "config.yml",
    "config.yaml",
    "domain.yml",
    "domain.yaml",
    "domain",
    "data",
    "training_data",
    "endpoints.yml",
    "endpoints.yaml",
)


def open_project(root: Path) -> Project:
    """The project under `root`, in either layout. Raises ProjectError with file, line and remedy.

    Of a project that was not written for Baton (no `baton:` in config.yml), what Rasa would read on with stands in `problems`.
    """
    if (root / "bot" / "domain").is_dir():
        return load_project(root / "bot", domain=root / "bot" / "domain", data=root / "training_data")
    project = load_project(root, strict=False)
    if project.problems and not project.config.foreign:
        raise project.problems[0]
    return project


def nlu_sources(root: Path) -> list[Path]:
    """The files and folders with sentences to train from."""
    own = root / "training_data" / "nlu"
    return [own] if own.is_dir() else list(open_project(root).nlu_paths)


def held_out_sources(root: Path) -> list[Path]:
    """The files with sentences that are never trained on, to compare models with."""
    return sorted((root / "training_data" / "tests").glob("*/nlu.yml"))


def copy_project(source: Path, target: Path) -> None:
    """Copies what the bot needs of a project, in either layout, but no sentences to train from."""
    own = (source / "bot" / "domain").is_dir()
    parts = OWN_PARTS if own else RASA_PARTS
    for part in parts:
        origin = source / part
        if origin.is_dir():
            shutil.copytree(origin, target / part, ignore=None if own else shutil.ignore_patterns("nlu", "nlu.y*ml", "tests"))
        elif origin.is_file():
            (target / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(origin, target / part)
