"""Figures of judged sentences: by language, by intent, confusions, calibration, entities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.crossval import Judged
from nlu.evaluate import score_intents
from nlu.types import OUT_OF_SCOPE

BINS = 10


@dataclass(frozen=True)
class IntentFigures:
    """Of one intent, rejections counted as wrong. `worst`: what its sentences are most often taken for, with how often."""

    name: str
    sentences: int
    precision: float
    recall: float
    f1: float
    worst: tuple[str, int] | None


@dataclass(frozen=True)
class Confusion:
    """`count` sentences of `truth` were answered as `answered` ("oos": rejected)."""

    truth: str
    answered: str
    count: int


@dataclass(frozen=True)
class Bin:
    """Sentences with a confidence from `low` to `high`: how many, their mean confidence, and the share that is right."""

    low: float
    high: float
    count: int
    confidence: float
    right: float


@dataclass(frozen=True)
class EntityFigures:
    """Exact spans and names, roles and groups not looked at."""

    name: str
    annotated: int
    found: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Figures:
    """Of one language, or of "all". Rates are 0 to 1, None when the sentences cannot give them, as in `nlu.evaluate.evaluate_nlu`."""

    language: str
    sentences: int
    accuracy: float | None
    accuracy_rejecting: float | None
    macro_f1: float | None
    ece: float | None
    oos_sentences: int
    oos_recall: float | None
    oos_precision: float | None
    entity_f1: float | None
    intents: tuple[IntentFigures, ...]
    confusions: tuple[Confusion, ...]
    bins: tuple[Bin, ...]
    entities: tuple[EntityFigures, ...]


def figures_by_language(judged: Sequence[Judged]) -> tuple[Figures, ...]:
    """Those of all sentences first, then of each language in order; only one when there is one language."""
    languages = sorted({one.example.language for one in judged})
    if len(languages) < 2:
        return (figures_of(languages[0] if languages else "all", judged),)
    parts = [figures_of(language, [one for one in judged if one.example.language == language]) for language in languages]
    return (figures_of("all", judged), *parts)


def figures_of(language: str, judged: Sequence[Judged]) -> Figures:
    """The figures of some sentences under the name `language`."""
    scores = score_intents([{"intent": one.truth} for one in judged], [one.understanding for one in judged])
    entities = _entity_figures(judged)
    return Figures(
        language=language,
        sentences=len(judged),
        accuracy=scores["accuracy"],
        accuracy_rejecting=scores["accuracy_rejecting"],
        macro_f1=scores["macro_f1"],
        ece=scores["ece"],
        oos_sentences=sum(one.truth == OUT_OF_SCOPE for one in judged),
        oos_recall=scores["oos_recall"],
        oos_precision=scores["oos_precision"],
        entity_f1=_micro_f1(entities),
        intents=_intent_figures(judged),
        confusions=confusions_of(judged),
        bins=_bins(judged),
        entities=entities,
    )


def _intent_figures(judged: Sequence[Judged]) -> tuple[IntentFigures, ...]:
    true, said = Counter(one.truth for one in judged), Counter(one.answered for one in judged)
    hits = Counter(one.truth for one in judged if one.truth == one.answered)
    worst: dict[str, tuple[str, int]] = {}
    for confusion in confusions_of(judged):
        worst.setdefault(confusion.truth, (confusion.answered, confusion.count))
    return tuple(
        IntentFigures(
            name,
            true[name],
            _rate(hits[name], said[name]),
            _rate(hits[name], true[name]),
            _rate(2 * hits[name], true[name] + said[name]),
            worst.get(name),
        )
        for name in sorted(true)
    )


def confusions_of(judged: Sequence[Judged]) -> tuple[Confusion, ...]:
    """The mistakes by (truth, answered), most frequent first."""
    counts = Counter((one.truth, one.answered) for one in judged if one.truth != one.answered)
    return tuple(Confusion(t, a, n) for (t, a), n in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _bins(judged: Sequence[Judged]) -> tuple[Bin, ...]:
    """In-scope sentences by the confidence of the best intent, in bins of equal width (Guo et al. 2017); empty bins are left out."""
    groups: dict[int, list[Judged]] = {}
    for one in judged:
        if one.truth != OUT_OF_SCOPE:
            groups.setdefault(min(int(one.understanding.confidence * BINS), BINS - 1), []).append(one)
    return tuple(
        Bin(
            place / BINS,
            (place + 1) / BINS,
            len(group),
            sum(one.understanding.confidence for one in group) / len(group),
            sum(one.best == one.truth for one in group) / len(group),
        )
        for place, group in sorted(groups.items())
    )


def _entity_figures(judged: Sequence[Judged]) -> tuple[EntityFigures, ...]:
    """Of the entity names that are annotated anywhere in these sentences, measured on those that a model with a tagger judged."""
    judged = [one for one in judged if one.tagged]
    names = sorted({span.name for one in judged for span in one.example.entities})
    hits: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    said: Counter[str] = Counter()
    for one in judged:
        true = {(s.start, s.end, s.name) for s in one.example.entities}
        guessed = {(e.start, e.end, e.name) for e in one.understanding.entities if e.name in names}
        wanted.update(name for _, _, name in true)
        said.update(name for _, _, name in guessed)
        hits.update(name for _, _, name in true & guessed)
    return tuple(
        EntityFigures(n, wanted[n], said[n], _rate(hits[n], said[n]), _rate(hits[n], wanted[n]), _rate(2 * hits[n], wanted[n] + said[n]))
        for n in names
    )


def _micro_f1(entities: Sequence[EntityFigures]) -> float | None:
    if not entities:
        return None
    hits = sum(round(e.recall * e.annotated) for e in entities)
    return _rate(2 * hits, sum(e.annotated + e.found for e in entities))


def _rate(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
