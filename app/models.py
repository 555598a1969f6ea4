"""Trained models on disk: versioned folders, and the file `current` that names the live one, swapped atomically."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from kit.errors import NotFoundError

KEEP = 5
STALE_SECONDS = 86_400.0


class NoModelError(NotFoundError):
    """There is no trained model yet."""


def current_model(models_dir: Path) -> Path:
    """The folder of the live model. Raises NoModelError."""
    try:
        name = (models_dir / "current").read_text().strip()
    except FileNotFoundError:
        raise NoModelError(hint="Train one: `baton train`.") from None
    folder = models_dir / name
    if not name or not folder.is_dir():
        raise NoModelError(f"The live model {name!r} is missing", hint="Train again: `baton train`.")
    return folder


def set_current(models_dir: Path, name: str) -> None:
    """Makes the model named `name` the live one; running processes notice within a second."""
    if not (models_dir / name).is_dir():
        raise NotFoundError(f"There is no model {name!r} under {models_dir}")
    temporary = models_dir / f".current.{os.getpid()}"
    temporary.write_text(name + "\n")
    temporary.replace(models_dir / "current")


def list_models(models_dir: Path) -> list[str]:
    """The names of all models, newest first."""
    folders = [p for p in models_dir.iterdir() if p.is_dir() and not p.name.startswith(".")] if models_dir.exists() else []
    return [p.name for p in sorted(folders, key=lambda p: p.stat().st_mtime, reverse=True)]


def prune(models_dir: Path, *, keep: int = KEEP) -> None:
    """Deletes all but the newest models; the live one always stays."""
    try:
        live = current_model(models_dir).name
    except NoModelError:
        live = ""
    for left in models_dir.glob(".training-*"):  # of trainings that were killed
        if time.time() - left.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    for name in list_models(models_dir)[keep:]:
        if name != live:
            shutil.rmtree(models_dir / name, ignore_errors=True)
