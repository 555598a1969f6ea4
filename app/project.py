"""Where a bot's project lies: Baton's own layout (bot/domain, bot/config.yml, training_data/) or that of any Rasa 3 project."""

from __future__ import annotations

from pathlib import Path

from bot.project.loader import load_project
from bot.project.types import Project


def open_project(root: Path) -> Project:
    """The project under `root`, in either layout. Raises ProjectError with file, line and remedy."""
    if (root / "bot" / "domain").is_dir():
        return load_project(root / "bot", domain=root / "bot" / "domain", data=root / "training_data")
    return load_project(root)


def nlu_sources(root: Path) -> list[Path]:
    """The files and folders with sentences to train from."""
    own = root / "training_data" / "nlu"
    return [own] if own.is_dir() else list(open_project(root).nlu_paths)
