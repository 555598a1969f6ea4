"""Trains the learned policy on stories: what it needs is gathered here, torch works in a process of its own."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.policies.learnt import Pair
from bot.policies.transformer.errors import PolicyModelError
from bot.policies.transformer.features import TEXT, Vocabulary, build_vocabulary, classes_of_actions, field_of, unknown_of
from bot.policies.transformer.model import PolicyModel
from bot.policies.transformer.network import Floats, Network
from bot.policies.transformer.novelty import learn_before
from bot.policies.transformer.sequences import LONGEST, Story, augmented, sequences_of
from bot.project.types import LISTEN
from bot.states import State

AUGMENTATION = 50
"""Rasa's default: ten times as many concatenations of stories are learned beside the stories."""
BATCH = 16
FEWEST_STEPS, MOST_STEPS, MOMENTS_A_STEP = 100, 1200, 3
OF_THE_MESSAGE = ("intent", "entities", TEXT)
Progress = Callable[[str, float], None]
FIT = "bot.policies.transformer.fit"
CODE = ("fit.py", "slopes.py", "network.py")
KEPT = 8
"""How many remembered weights stay; about 1 MB each."""


@dataclass(frozen=True)
class Learning:
    """How stories are learned. `max_history`: how many states count (None: all). `epochs` is a ceiling of passes over the stories and their
    concatenations, though never fewer than FEWEST_STEPS batches."""

    max_history: int | None = None
    epochs: int | None = None
    seed: int = 0


AS_USUAL = Learning()


def train_policy(
    pairs: Iterable[Pair],
    *,
    actions: Sequence[str],
    learning: Learning = AS_USUAL,
    progress: Progress | None = None,
    kept: Path | None = None,
) -> PolicyModel:
    """A model of what comes next, learned from the pairs of stories. Equal arguments give an equal model on one machine.

    `actions` are all that the project knows: what is said of an unknown path is spread over them. `progress` gets (what, share done from
    0 to 1). `kept`: a folder where weights are remembered by what they were learned from, so that a training after which the stories are
    the same does not learn them again. Without pairs the model knows nothing and predicts nothing. Raises PolicyModelError when the
    training process fails.
    """
    stories = sequences_of(pairs)
    classes = tuple(sorted({action for story in stories for action in story.actions if action}))
    every = tuple(sorted({*actions, *classes}))
    if not stories:
        return PolicyModel(Vocabulary(()), (), every, learning.max_history, None, {})
    talks = list(dict.fromkeys([*stories, *augmented(stories, factor=AUGMENTATION, seed=learning.seed)]))
    vocabulary = build_vocabulary(state for story in stories for state in story.states)
    steps = min(MOST_STEPS, FEWEST_STEPS + sum(map(len, stories)) // MOMENTS_A_STEP)
    if learning.epochs is not None:
        steps = max(FEWEST_STEPS, min(steps, learning.epochs * -(-len(talks) // BATCH)))
    settings = {
        "tokens": len(vocabulary.tokens),
        "classes": len(classes) + 1,
        "reach": learning.max_history or 0,
        "seed": learning.seed,
        "steps": steps,
        "batch": BATCH,
    }
    weights = _remembered(settings, _inputs(talks, vocabulary, classes), progress or _silent, kept=kept)
    return PolicyModel(vocabulary, classes, every, learning.max_history, Network(weights), learn_before(talks))


def _inputs(talks: Sequence[Story], vocabulary: Vocabulary, classes: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The talks as padded rows of numbers of states and classes (`labels`), what each state holds, and tokens for unknown ones."""
    cut = [part for talk in talks for part in _cut(talk)]
    states: dict[State, int] = {}
    rows = np.zeros((len(cut), max(len(talk) for talk in cut)), dtype=np.int64)
    labels = np.full_like(rows, -1)
    number = {action: place for place, action in enumerate(classes)}
    for row, talk in enumerate(cut):
        rows[row, : len(talk)] = [states.setdefault(state, len(states)) for state in talk.states]
        labels[row, : len(talk)] = [number.get(action or "", -1) for action in talk.actions]
    numbers, weights = vocabulary.encode(list(states))
    return {
        "states": rows,
        "labels": labels,
        "numbers": numbers,
        "weights": weights,
        "acted": classes_of_actions(list(states), classes),
        "heard": np.array([state.action == LISTEN for state in states], dtype=np.bool_),
        "strange": _strange(vocabulary),
    }


def _strange(vocabulary: Vocabulary) -> NDArray[np.int64]:
    """For each token what stands for it when the customer's message is of a kind that was never seen."""
    tokens = enumerate(vocabulary.tokens)
    return np.array([vocabulary.numbers[unknown_of(t)] if field_of(t) in OF_THE_MESSAGE else i for i, t in tokens], dtype=np.int64)


def _cut(talk: Story) -> list[Story]:
    """A long talk in overlapping pieces, in which each moment is learned once."""
    if len(talk) <= LONGEST:
        return [talk]
    half, pieces = LONGEST // 2, []
    for start in range(0, len(talk) - half, half):
        known = 0 if start == 0 else half
        actions = talk.actions[start : start + LONGEST]
        pieces.append(Story(talk.states[start : start + LONGEST], (*[None] * known, *actions[known:])))
    return pieces


def _remembered(settings: dict[str, int], inputs: dict[str, NDArray[Any]], progress: Progress, *, kept: Path | None) -> dict[str, Floats]:
    if kept is None:
        return _fit(settings, inputs, progress)
    from safetensors.numpy import load_file, save_file

    file = kept / f"{_key(settings, inputs)}.safetensors"
    try:
        weights: dict[str, Floats] = load_file(file)
        Network(weights)
    except Exception:  # none, or one that was damaged: learned anew
        weights = _fit(settings, inputs, progress)
        kept.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(f".{os.getpid()}")
        save_file(weights, new)
        new.replace(file)
        for old in sorted(kept.glob("*.safetensors"), key=lambda f: f.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)
    return weights


def _key(settings: dict[str, int], inputs: dict[str, NDArray[Any]]) -> str:
    """Names what weights are learned from: the settings, the lessons and the code that learns."""
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for name, values in sorted(inputs.items()):
        digest.update(f"{name}{values.dtype}{values.shape}".encode() + np.ascontiguousarray(values).tobytes())
    for name in CODE:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()[:32]


def _fit(settings: dict[str, int], inputs: dict[str, NDArray[Any]], progress: Progress) -> dict[str, Floats]:
    from safetensors.numpy import load_file, save_file

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
        save_file(inputs, folder / "inputs.safetensors")
        errors = folder / "errors.txt"
        calm = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        root = Path(__file__).resolve().parents[3]
        command = [sys.executable, "-m", FIT, str(folder)]
        with errors.open("w") as said, subprocess.Popen(command, cwd=root, env=calm, stdout=subprocess.PIPE, stderr=said, text=True) as run:
            for line in run.stdout or ():
                progress("learning stories", _share(line))
        if run.returncode:
            last = (errors.read_text(errors="replace").strip().splitlines() or ["no message"])[-1]
            raise PolicyModelError(f"The learned policy could not be trained: {last}", hint="Is torch installed, and memory free (1 GB)?")
        weights: dict[str, Floats] = load_file(folder / "weights.safetensors")
        return weights


def _share(line: str) -> float:
    """How far the process says to be; 0 for a line of another kind, as a library may print one."""
    try:
        return float(line)
    except ValueError:
        return 0.0


def _silent(what: str, share: float) -> None:
    """Progress that nobody watches."""
