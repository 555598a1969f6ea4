"""Rasa 3.6.21's TED on the very same stories and held-out talks, in Rasa's own environment."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

CONFIG = """recipe: default.v1
language: en
pipeline:
- name: KeywordIntentClassifier
policies:
- name: TEDPolicy
  max_history: {history}
  epochs: 100
  constrain_similarities: true
"""


def measure_rasa(python: Path, folder: Path, *, max_history: int | None) -> dict[str, Any]:
    """Trains with the settings that `rasa init` writes, then runs `rasa test core`. `folder` is what `measuring.measure` has written.

    Raises CalledProcessError when Rasa fails.
    """
    project = folder / "exact"
    (project / "rasa.yml").write_text(CONFIG.format(history=max_history or "null"), encoding="utf-8")
    began = time.perf_counter()
    _rasa(python, project, "train", "core", "--domain", "domain.yml", "-s", "data", "-c", "rasa.yml", "--out", "models")
    seconds = time.perf_counter() - began
    _rasa(python, project, "test", "core", "--stories", "../held_out.yml", "--model", "models", "--out", "results", "--no-plot")
    report = json.loads((project / "results" / "story_report.json").read_text(encoding="utf-8"))
    return {
        "max_history": max_history,
        "training_seconds": round(seconds, 1),
        "right": round(report["accuracy"], 3),
        "whole_talks_right": round(report["conversation_accuracy"]["accuracy"], 3),
    }


def _rasa(python: Path, folder: Path, *arguments: str) -> None:
    quiet = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run(
        [str(python), "-m", "rasa", *arguments], cwd=folder, env=quiet, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
