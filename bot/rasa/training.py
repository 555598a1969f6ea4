"""Trains a project with Rasa once: models are kept by a digest of all that training reads."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.rasa.copying import RasaCopy
from bot.rasa.environment import work_in_rasa

KEPT = 6
Note = Callable[[str], None]


def model_path(copy: RasaCopy, models: Path) -> Path:
    """Where the trained model of this copy lies, or will."""
    return models / f"{copy.digest()[:32]}.tar.gz"


def train_order(copy: RasaCopy) -> dict[str, Any]:
    """What the driver needs to train a copy."""
    return {"config": str(copy.config), "domain": str(copy.domain), "data": str(copy.data), "core_only": copy.core_only}


def train_if_new(copy: RasaCopy, *, models: Path, environment: Path, note: Note, then: dict[str, Any] | None = None) -> dict[str, Any]:
    """Trains unless there is a model already, then does `then`, if given, in the same process; returns what that found.

    Raises NoRasaError and RasaFailedError. `note` hears what takes time.
    """
    models.mkdir(parents=True, exist_ok=True)
    kept = model_path(copy, models)
    order: dict[str, Any] = {"project": str(copy.root), "model": str(kept)} | (then or {})
    if kept.exists():
        kept.touch()
        return work_in_rasa(environment, order) if then else {}
    note("Training with Rasa 3.6.21 (some minutes, once for each state of the project) ...")
    began = time.monotonic()
    fresh = copy.root / ".trained" / kept.name
    fresh.parent.mkdir(exist_ok=True)
    found = work_in_rasa(environment, order | {"model": str(fresh), "train": train_order(copy)})
    shutil.copy(fresh, kept.with_suffix(".part"))
    kept.with_suffix(".part").replace(kept)
    note(f"Trained in {time.monotonic() - began:.0f} s.")
    _tidy(models)
    return found


def _tidy(models: Path) -> None:
    found = sorted(models.glob("*.tar.gz"), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in found[KEPT:]:
        old.unlink(missing_ok=True)
