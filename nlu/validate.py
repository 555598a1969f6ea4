"""Checks of the training data, for those who curate it. Each finding has a place and a remedy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from nlu.data import Example, TrainingData
from nlu.distance import within_distance
from nlu.intents import OUT_OF_SCOPE_NAMES
from nlu.text import fold, holds_han

NEAR_DISTANCE = 3
NEAR_SHARE = 0.05
SHORT_HAN, SHORT_LATIN = 6, 12


class Severity(StrEnum):
    """An error fails the check; a warning is worth a look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """What is wrong, where, and how to mend it. `line` counts from 1."""

    check: str
    severity: Severity
    message: str
    remedy: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True)
class Rules:
    """`minimum`: examples an intent needs in each language; `languages`: those that must be there (default: all that occur)."""

    minimum: int = 20
    languages: tuple[str, ...] = ()


def validate(data: TrainingData, *, tests: TrainingData | None = None, rules: Rules | None = None) -> tuple[Finding, ...]:
    """All findings, in order of file and line. `tests` are the held-out sentences."""
    used = rules or Rules()
    checks: list[Callable[[], Iterable[Finding]]] = [
        lambda: _empty(data),
        lambda: _duplicates_across(data.examples),
        lambda: _repeats(data.examples),
        lambda: _too_few(data, used),
        lambda: _near_duplicates(data.examples),
    ]
    if tests is not None:
        held = tests
        checks += [lambda: _unknown_intents(data, held), lambda: _leaks(data, held)]
    return tuple(sorted((f for check in checks for f in check()), key=lambda f: (f.file, f.line, f.check)))


def _empty(data: TrainingData) -> Iterator[Finding]:
    if not data.examples:
        yield Finding("empty", Severity.ERROR, "there is no example at all", "Add intents with sentences to training_data/nlu/.")
    for lookup in data.lookups:
        if not lookup.words:
            message = f"the lookup table {lookup.name} is empty"
            yield Finding("empty", Severity.ERROR, message, "Add words or delete it.", lookup.file, lookup.line)


def _duplicates_across(examples: Sequence[Example]) -> Iterator[Finding]:
    """The same sentence under two intents of one language: the classifier cannot learn both."""
    seen: dict[tuple[str, str], Example] = {}
    for example in examples:
        first = seen.setdefault((example.language, fold(example.text)), example)
        if first.intent != example.intent:
            message = f"{example.text!r} stands under {example.intent} and under {first.intent} ({first.file}:{first.line})"
            yield Finding("duplicate_across_intents", Severity.ERROR, message, "Keep it under one intent.", example.file, example.line)


def _repeats(examples: Sequence[Example]) -> Iterator[Finding]:
    seen: dict[tuple[str, str, str], Example] = {}
    for example in examples:
        first = seen.setdefault((example.language, example.intent, fold(example.text)), example)
        if first is not example:
            message = f"{example.text!r} is also at line {first.line} of {first.file}"
            yield Finding("repeated", Severity.WARNING, message, "Delete one of them.", example.file, example.line)


def _too_few(data: TrainingData, rules: Rules) -> Iterator[Finding]:
    groups = _by_intent(data.examples)
    for intent in data.intents:
        for language in rules.languages or data.languages:
            rows = groups.get((intent, language), [])
            if not rows:
                place = next(e for e in data.examples if e.intent == intent)
                message = f"{intent} has no example in {language}"
                yield Finding("language_missing", Severity.ERROR, message, f"Add it to nlu/{language}/.", place.file, place.line)
            elif len(rows) < rules.minimum:
                message = f"{intent} has {len(rows)} examples in {language}, fewer than {rules.minimum}"
                yield Finding("too_few", Severity.WARNING, message, "Add varied sentences.", rows[0].file, rows[0].line)


def _near_duplicates(examples: Sequence[Example]) -> Iterator[Finding]:
    """The rule: no more than 5 % of an intent's sentences in a language lie within edit distance 3 of another after masking entities.

    Sentences so short that any two would be near (up to 6 Chinese or 12 other characters) count only when they are the same after masking.
    """
    for (intent, language), rows in sorted(_by_intent(examples).items()):
        near = near_duplicates(rows)
        if len(near) > NEAR_SHARE * len(rows):
            message = (
                f"{len(near)} of {len(rows)} sentences of {intent} in {language} are nearly the same as another, first {near[0].text!r}"
            )
            yield Finding("near_duplicates", Severity.ERROR, message, "Write them anew, each in its own way.", near[0].file, near[0].line)


def near_duplicates(rows: Sequence[Example]) -> list[Example]:
    """The sentences that have another one near them, see `_near_duplicates`."""
    masked = [fold(mask_entities(row)) for row in rows]
    near: set[int] = set()
    for i, a in enumerate(masked):
        for j in range(i):
            limit = 0 if _is_short(a) or _is_short(masked[j]) else NEAR_DISTANCE
            if within_distance(a, masked[j], limit):
                near |= {i, j}
    return [rows[i] for i in sorted(near)]


def mask_entities(example: Example) -> str:
    """The sentence with each annotated span replaced by the entity's name."""
    text = example.text
    for span in sorted(example.entities, key=lambda s: -s.start):
        text = text[: span.start] + span.name + text[span.end :]
    return text


def _is_short(text: str) -> bool:
    return len(text) <= (SHORT_HAN if holds_han(text) else SHORT_LATIN)


def _unknown_intents(data: TrainingData, tests: TrainingData) -> Iterator[Finding]:
    known = set(data.intents) | OUT_OF_SCOPE_NAMES
    for example in tests.examples:
        if example.intent not in known:
            message = f"the held-out sentence {example.text!r} has the intent {example.intent}, which no training file has"
            yield Finding("unknown_intent_in_tests", Severity.ERROR, message, "Correct the name.", example.file, example.line)


def _leaks(data: TrainingData, tests: TrainingData) -> Iterator[Finding]:
    trained = {(e.language, fold(e.text)): e for e in data.examples}
    for example in tests.examples:
        twin = trained.get((example.language, fold(example.text)))
        if twin is not None:
            message = f"the held-out sentence {example.text!r} is also trained on ({twin.file}:{twin.line})"
            yield Finding("held_out_in_training", Severity.ERROR, message, "Write another held-out sentence.", example.file, example.line)


def _by_intent(examples: Sequence[Example]) -> dict[tuple[str, str], list[Example]]:
    groups: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in examples:
        groups[(example.intent, example.language)].append(example)
    return groups
