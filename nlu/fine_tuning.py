"""Contrastive fine-tuning of the English encoder, asked for and collected here; torch works in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kit.errors import InvalidInputError
from nlu.encoders.minilm import TunedMiniLM
from nlu.encoders.port import Vectors
from nlu.errors import EncoderError
from nlu.intent_training import ENGLISH, HELD_FOLD, HeldOut, Sentence, folds_of, name_text
from nlu.intents import OUT_OF_SCOPE_NAMES

SECONDS_AT_MOST = 4 * 3600


@dataclass(frozen=True)
class Tuned:
    """The tuned encoder with the content of its network, and what a twin that has not seen the held-out fold makes of the sentences."""

    encoder: TunedMiniLM
    network: bytes
    held: HeldOut


def fine_tune(sentences: Sequence[Sentence], classes: Sequence[str]) -> Tuned:
    """MiniLM tuned on the English sentences (not on those out of scope) and on the names of their intents. Deterministic on one machine.

    Raises InvalidInputError without two intents of two English sentences, EncoderError when the process fails.
    """
    place = [i for i, s in enumerate(sentences) if s.language == ENGLISH]
    rows = [sentences[i] for i in place]
    outside = {k for k, name in enumerate(classes) if name in OUT_OF_SCOPE_NAMES}
    folds = folds_of(rows) if rows else np.zeros(0, dtype=np.intp)
    labels = [-1 if s.label in outside else s.label for s in rows]
    kept = {label for label, fold in zip(labels, folds, strict=True) if label >= 0 and fold != HELD_FOLD}
    if len(kept) < 2:
        raise InvalidInputError("Fine-tuning needs two intents with two English sentences each.", hint="Train without --fine-tune.")
    job: dict[str, list[str] | list[int]] = {
        "texts": [s.text for s in rows] + [name_text(name) for name in classes],
        "labels": labels + [k if k in kept else -1 for k in range(len(classes))],
        "held": np.flatnonzero(folds == HELD_FOLD).tolist(),
    }
    network, vectors = _run(job)
    everywhere: Vectors = np.zeros((len(sentences), vectors.shape[1]), dtype=np.float32)
    everywhere[place] = vectors[: len(rows)]
    return Tuned(TunedMiniLM(network), network, HeldOut(everywhere, vectors[len(rows) :]))


def _run(job: dict[str, list[str] | list[int]]) -> tuple[bytes, Vectors]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        command = [sys.executable, "-m", "nlu.encoders.tune_minilm", str(folder)]
        root = Path(__file__).resolve().parents[1]
        calm = {**os.environ, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
        done = subprocess.run(command, cwd=root, env=calm, capture_output=True, text=True, timeout=SECONDS_AT_MOST, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise EncoderError(f"MiniLM could not be fine-tuned: {last}", hint="Is torch installed, and memory free (1 GB)?")
        return (folder / "model.onnx").read_bytes(), np.load(folder / "held.npy")
