"""Contrastive fine-tuning of an encoder, asked for and collected here; torch works in a process of its own.

It starts from MiniLM, or from any sentence-transformers model or transformers checkpoint by name ("st:owner/model@revision", "st:/path").
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kit.errors import InvalidInputError
from nlu.encoders.exports import run_apart
from nlu.encoders.minilm import TUNED, MiniLMEncoder
from nlu.encoders.port import Encoder, Vectors
from nlu.encoders.tuned import base_of, open_tuned, tuned_name
from nlu.intent_training import ENGLISH, HELD_FOLD, HeldOut, Sentence, folds_of, name_text
from nlu.intents import OUT_OF_SCOPE_NAMES

SECONDS_AT_MOST = 4 * 3600


@dataclass(frozen=True)
class Tuned:
    """The tuned encoder with the content of its network, and what a twin that has not seen the held-out fold makes of the sentences."""

    encoder: Encoder
    network: bytes
    held: HeldOut


def fine_tune(
    sentences: Sequence[Sentence], classes: Sequence[str], *, base: str = MiniLMEncoder.name, cache: Path | None = None
) -> Tuned:  # fmt: skip
    """`base` tuned on the sentences (not on those out of scope) and on the names of their intents. Deterministic on one machine.

    MiniLM learns from the English sentences, another base from all. Another base is exported to `cache` first, and stays needed there.
    Raises InvalidInputError without two intents of two sentences, EncoderError when the process fails or `base` cannot be tuned.
    """
    name = tuned_name(base)
    place = [i for i, s in enumerate(sentences) if s.language == ENGLISH or name != TUNED]
    rows = [sentences[i] for i in place]
    outside = {k for k, one in enumerate(classes) if one in OUT_OF_SCOPE_NAMES}
    folds = folds_of(rows) if rows else np.zeros(0, dtype=np.intp)
    labels = [-1 if s.label in outside else s.label for s in rows]
    kept = {label for label, fold in zip(labels, folds, strict=True) if label >= 0 and fold != HELD_FOLD}
    if len(kept) < 2:
        which = " English" if name == TUNED else ""
        raise InvalidInputError(f"Fine-tuning needs two intents with two{which} sentences each.", hint="Train without --fine-tune.")
    job: dict[str, Any] = {
        "texts": [s.text for s in rows] + [name_text(one) for one in classes],
        "labels": labels + [k if k in kept else -1 for k in range(len(classes))],
        "held": np.flatnonzero(folds == HELD_FOLD).tolist(),
        "base": base_of(base, cache),
    }
    network, vectors = _run(job)
    everywhere: Vectors = np.zeros((len(sentences), vectors.shape[1]), dtype=np.float32)
    everywhere[place] = vectors[: len(rows)]
    return Tuned(open_tuned(name, network, cache), network, HeldOut(everywhere, vectors[len(rows) :]))


def _run(job: dict[str, Any]) -> tuple[bytes, Vectors]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        run_apart("nlu.encoders.tune_minilm", str(folder), seconds=SECONDS_AT_MOST)
        return (folder / "model.onnx").read_bytes(), np.load(folder / "held.npy")
