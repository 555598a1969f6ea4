"""What memoization, augmented memoization and the learned policy know of held-out talks, alone and together."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.dialogue_policy.bike_hire import TALKS, as_stories, domain, held_out
from bot.dialogue_events import ActionRan
from bot.policies.learnt import Talk, story_pairs, story_talks
from bot.policies.memoization import MemoizationPolicy
from bot.policies.prediction import Prediction
from bot.policies.transformer.policy import TransformerPolicy
from bot.policies.transformer.training import Learning, train_policy
from bot.project import Project, load_project
from bot.project.loader import load_stories
from bot.project.types import LISTEN
from bot.states import RuleOnly
from bot.tracker import Tracker

CONFIG = "recipe: default.v1\nlanguage: en\npipeline: []\npolicies:\n- name: {}\n"
Ask = Callable[[Tracker], Prediction | None]


@dataclass(frozen=True)
class Told:
    """One decision of a held-out talk: what was right, what was said and with which confidence, and in how many seconds."""

    talk: int
    after_message: bool
    right: bool
    confidence: float
    seconds: float


def write_project(folder: Path, *, memory: str) -> Project:
    """The bicycle hire's project under `folder`, with this memoization policy."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "domain.yml").write_text(domain(), encoding="utf-8")
    (folder / "data" / "stories.yml").write_text(as_stories(TALKS, name="learned"), encoding="utf-8")
    (folder / "config.yml").write_text(CONFIG.format(memory), encoding="utf-8")
    return load_project(folder)


def measure(folder: Path, *, talks: int, max_history: int | None) -> dict[str, Any]:
    """All figures; `folder` is written to."""
    exact = write_project(folder / "exact", memory="MemoizationPolicy")
    loose = write_project(folder / "loose", memory="AugmentedMemoizationPolicy")
    (folder / "held_out.yml").write_text(as_stories(held_out(talks), name="held out"), encoding="utf-8")
    unseen = story_talks(load_stories(folder / "held_out.yml"), exact.domain)
    pairs = story_pairs(exact.stories, exact.domain)
    began = time.perf_counter()
    model = train_policy(pairs, actions=sorted(exact.responses["en"]), learning=Learning(max_history))
    seconds = time.perf_counter() - began
    learned: Ask = TransformerPolicy(model, exact.config).predict
    memory: Ask = MemoizationPolicy(exact, RuleOnly()).predict
    loosely: Ask = MemoizationPolicy(loose, RuleOnly()).predict

    def together(tracker: Tracker) -> Prediction | None:
        return loosely(tracker) or learned(tracker)

    policies = {"memoization": memory, "augmented memoization": loosely, "learned": learned, "both": together}
    return {
        "stories": len(exact.stories),
        "moments_learned": len(pairs),
        "held_out_talks": len(unseen),
        "max_history": max_history,
        "training_seconds": round(seconds, 1),
        "policies": {name: figures(play(unseen, exact, ask)) for name, ask in policies.items()},
    }


def play(talks: Sequence[Talk], project: Project, ask: Ask) -> list[Told]:
    """Walks through the talks and asks before each action; then the right one happens."""
    told: list[Told] = []
    for number, talk in enumerate(talks):
        tracker = Tracker(project.domain)
        for index, event in enumerate(talk.events):
            if isinstance(event, ActionRan) and index not in talk.unpredictable and tracker.latest_user:
                began = time.perf_counter()
                said = ask(tracker)
                seconds = time.perf_counter() - began
                right = said is not None and said.action == event.name
                told.append(Told(number, tracker.latest_action == LISTEN, right, said.confidence if said else 0.0, seconds))
            tracker.apply(event)
    return told


def figures(told: Sequence[Told]) -> dict[str, Any]:
    """Shares of right actions: of all, of those that answer a message, of whole talks; how sure it was; milliseconds."""
    wrong = {t.talk for t in told if not t.right}
    sure = {side: [t.confidence for t in told if t.right == side and t.confidence > 0] for side in (True, False)}
    return {
        "actions": len(told),
        "right": _share([t.right for t in told]),
        "right_after_message": _share([t.right for t in told if t.after_message]),
        "whole_talks_right": round(1 - len(wrong) / len({t.talk for t in told}), 3),
        "confidence_when_right": _share(sure[True]),
        "confidence_when_wrong": _share(sure[False]),
        "calibration_error": _calibration_error(told),
        "p50_ms": round(float(np.percentile([t.seconds for t in told], 50)) * 1000, 2),
    }


def _share(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 3) if values else None


def _calibration_error(told: Sequence[Told], bins: int = 10) -> float:
    """How far confidence is from the share that is right, over ten equal bins weighted by size (Guo et al. 2017)."""
    right, sure = np.array([t.right for t in told]), np.array([t.confidence for t in told])
    place = np.minimum((sure * bins).astype(int), bins - 1)
    inside = [place == i for i in range(bins) if (place == i).any()]
    return round(float(sum(abs(right[i].mean() - sure[i].mean()) * i.mean() for i in inside)), 3)
