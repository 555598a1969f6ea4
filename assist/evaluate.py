"""Replaying human dialogues: what would have been suggested, beside what people then used."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from assist.dialogues import AGENT, Dialogue, Turn, labelled_replies, looked_up
from assist.knowledge_needed import Advice, KnowledgeAdviser, learn_adviser
from assist.need import THRESHOLD
from assist.remembering import RememberingEncoder
from assist.replies import ReplyModel, learn_replies
from assist.snippets import DEPTH, Shelf, Snippet
from knowledge.ports import Embedder

HITS = 3
_LOOK_UP, _REPLY = "look up", "reply"
Figures = dict[str, float | int | None]


@dataclass(frozen=True)
class Material:
    """What a replay starts from. `train` may be empty, `snippets` None when there are no articles.

    `language` is that of the articles; None where each is to be known by its own words.
    """

    dialogues: Sequence[Dialogue]
    train: Sequence[Dialogue] = ()
    snippets: Sequence[Snippet] | None = None
    language: str | None = None


@dataclass(frozen=True)
class Reading:
    """Encoders: `learning` may have a cache; `replaying` should have none, so that the time of a decision has its newest turn in it."""

    learning: Embedder
    replaying: Embedder


@dataclass
class Replay:
    """What came out: figures, a prediction for each decision, and seconds."""

    predictions: list[dict[str, Any]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def evaluate_assist(material: Material, *, knowledge: Reading, replies: Reading) -> tuple[Figures, list[dict[str, Any]]]:
    """Learns from `train`, replays `dialogues` and returns the figures with a prediction for each decision.

    `knowledge` reads articles and questions, `replies` what replies are foreseen by. Articles are read where a dialogue has `needs_kb`.

    Figures: over dialogues with `needs_kb`, at the customer's last turn: `detection_f1` (the positive class needs knowledge),
    `silent_precision` and `silent_recall` (of those kept silent, the share that needs none; of those that need none, the share kept
    silent), `recall1`, `recall3`, `recall5` (the share of the relevant articles that is among the first), `hit1`, `hit3`, `hit5` (whether
    any is) and `mrr` (to a depth of 10), over turns that need knowledge, whether kept silent or not. Over agent turns with a label:
    `next_accuracy` and `next_hit3` of the label foreseen from the turns before. Over customer turns of dialogues with look-ups (action or
    kb turns): `lookup_f1`, `lookup_silent_precision`, `lookup_silent_recall` of whether one comes next. None is what the data cannot
    give. `train_s`, and `p50_ms`, `p95_ms` of one decision.
    """
    began = time.perf_counter()
    asked = any(one.needs_kb is not None for one in material.dialogues)
    shelf = Shelf(material.snippets, knowledge.learning, language=material.language) if asked and material.snippets else None
    adviser = learn_adviser(shelf, material.train, knowledge.learning) if asked else None
    model = _learn([(turns, label) for turns, label in labelled_replies(material.train)], replies.learning)
    lookups = _learn([(turns, _LOOK_UP if found else _REPLY) for turns, found in looked_up(material.train)], replies.learning)
    train_s = time.perf_counter() - began
    replay = Replay()
    advised = _replay_knowledge(material.dialogues, replace(adviser, encoder=_warm(knowledge)), replay) if adviser else []
    encoder = _warm(replies)
    foreseen = _replay_replies(material.dialogues, replace(model, encoder=encoder), replay) if model else []
    reckoned = _replay_lookups(material.dialogues, replace(lookups, encoder=encoder), replay) if lookups else []
    times = [1000 * one for one in replay.seconds]
    counts: Figures = {"dialogues": len(material.dialogues), "knowledge_turns": len(advised), "reply_turns": len(foreseen)}
    spent: Figures = {"train_s": train_s, "p50_ms": _percentile(times, 50), "p95_ms": _percentile(times, 95)}
    figures = knowledge_figures(advised, ranking=shelf is not None) | reply_figures(foreseen) | lookup_figures(reckoned)
    return figures | counts | spent, replay.predictions


def _warm(reading: Reading) -> RememberingEncoder:
    """Loaded: no decision is to be charged with that."""
    reading.replaying.encode(["warm"])
    return RememberingEncoder(reading.replaying)


def knowledge_figures(advised: Sequence[tuple[Dialogue, Advice]], *, ranking: bool = True) -> Figures:
    """See `evaluate_assist`; `ranking`: whether there was anything to rank."""
    found = _detection([(bool(one.needs_kb), advice.chance >= THRESHOLD) for one, advice in advised])
    asked = [(one.relevant, advice.ranked) for one, advice in advised if one.needs_kb and one.relevant] if ranking else []
    for depth in (1, 3, 5):
        found[f"recall{depth}"] = _mean([len(wanted & set(came[:depth])) / len(wanted) for wanted, came in asked])
        found[f"hit{depth}"] = _mean([float(bool(wanted & set(came[:depth]))) for wanted, came in asked])
    return found | {"mrr": _mean([reciprocal_rank(wanted, came[:DEPTH]) for wanted, came in asked])}


def reply_figures(foreseen: Sequence[tuple[str, Sequence[str]]]) -> Figures:
    """See `evaluate_assist`; each is the label that came with those foreseen, the likeliest first."""
    return {
        "next_accuracy": _mean([float(label in labels[:1]) for label, labels in foreseen]),
        "next_hit3": _mean([float(label in labels[:HITS]) for label, labels in foreseen]),
    }


def lookup_figures(reckoned: Sequence[tuple[bool, bool]]) -> Figures:
    """See `evaluate_assist`; each is whether something was looked up, and whether that was foreseen."""
    found = _detection(reckoned)
    return {f"lookup_{name.removeprefix('detection_')}": value for name, value in found.items()}


def _detection(needed: Sequence[tuple[bool, bool]]) -> Figures:
    both = sum(truth and said for truth, said in needed)
    silent, quiet = [truth for truth, said in needed if not said], [said for truth, said in needed if not truth]
    any_said = sum(truth for truth, _ in needed) + sum(said for _, said in needed)
    return {
        "detection_f1": 2 * both / any_said if any_said else None,
        "silent_precision": _mean([float(not truth) for truth in silent]),
        "silent_recall": _mean([float(not said) for said in quiet]),
    }


def reciprocal_rank(wanted: frozenset[str], came: Sequence[str]) -> float:
    """1 / the place of the first that is wanted; 0 when none is."""
    return next((1 / place for place, one in enumerate(came, 1) if one in wanted), 0.0)


def _learn(known: Sequence[tuple[Sequence[Turn], str]], encoder: Embedder) -> ReplyModel | None:
    several = len({label for _, label in known}) > 1
    return learn_replies([turns for turns, _ in known], [label for _, label in known], encoder) if several else None


def _replay_knowledge(dialogues: Sequence[Dialogue], adviser: KnowledgeAdviser, replay: Replay) -> list[tuple[Dialogue, Advice]]:
    advised = []
    for dialogue in dialogues:
        if dialogue.needs_kb is None:
            continue
        began = time.perf_counter()
        advice = adviser.advise(dialogue.before_reply())
        replay.seconds.append(time.perf_counter() - began)
        row = {"id": dialogue.id, "needs_kb": advice.chance >= THRESHOLD, "chance": round(advice.chance, 4), "ranked": list(advice.ranked)}
        replay.predictions.append(row)
        advised.append((dialogue, advice))
    return advised


def _replay_replies(dialogues: Sequence[Dialogue], model: ReplyModel, replay: Replay) -> list[tuple[str, list[str]]]:
    foreseen = []
    for dialogue in dialogues:
        for place, turn in enumerate(dialogue.turns):
            if turn.speaker != AGENT or not turn.label:
                continue
            began = time.perf_counter()
            labels = [reply.label for reply in model.rank(dialogue.turns[:place])[:HITS]]
            replay.seconds.append(time.perf_counter() - began)
            replay.predictions.append({"id": dialogue.id, "turn": place, "foreseen": labels})
            foreseen.append((turn.label, labels))
    return foreseen


def _replay_lookups(dialogues: Sequence[Dialogue], model: ReplyModel, replay: Replay) -> list[tuple[bool, bool]]:
    reckoned = []
    for dialogue in dialogues:
        for turns, truth in looked_up([dialogue]):
            began = time.perf_counter()
            foreseen = model.rank(turns)[0].label == _LOOK_UP
            replay.seconds.append(time.perf_counter() - began)
            replay.predictions.append({"id": dialogue.id, "turn": len(turns) - 1, "look_up": foreseen})
            reckoned.append((truth, foreseen))
    return reckoned


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _percentile(values: Sequence[float], share: int) -> float | None:
    return float(np.percentile(values, share)) if values else None
