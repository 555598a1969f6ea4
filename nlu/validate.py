"""Checks of the training data, for those who curate it. Each finding has a place and a remedy.

Sentences and intents are checked here, annotations in `nlu/validate_spans.py`, likeness across intents in `nlu/validate_likeness.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nlu.data import Example, TrainingData
from nlu.distance import within_distance
from nlu.encoders.port import Encoder
from nlu.intents import OUT_OF_SCOPE_NAMES
from nlu.text import fold, holds_han
from nlu.validate_base import Finding, Severity, at, by_intent, mask_entities, same_key
from nlu.validate_likeness import check_likeness
from nlu.validate_spans import Declared, check_spans

__all__ = ["Finding", "Rules", "Severity", "mask_entities", "near_duplicates", "validate"]

NEAR_DISTANCE = 3
NEAR_SHARE = 0.05
SHORT_HAN, SHORT_LATIN = 6, 12


@dataclass(frozen=True)
class Rules:
    """`minimum`: examples an intent needs in each language; `languages`: those that must be there (default: all that occur).

    `encoders`: by language, "*" for all others; without them no check of meaning is made. `declared`: the entities of the bot's domain
    with their roles and groups, None when unknown. `hints`: also say what may be right as it is.
    """

    minimum: int = 20
    languages: tuple[str, ...] = ()
    encoders: Mapping[str, Encoder] | None = None
    declared: Mapping[str, Declared] | None = None
    hints: bool = False


def validate(data: TrainingData, *, tests: TrainingData | None = None, rules: Rules | None = None) -> tuple[Finding, ...]:
    """All findings, in order of file and line. `tests` are the held-out sentences."""
    used = rules or Rules()
    checks: list[Callable[[], Iterable[Finding]]] = [
        lambda: _empty(data),
        lambda: _duplicates_across(data.examples),
        lambda: _repeats(data.examples),
        lambda: _lookup_conflicts(data),
        lambda: _too_few(data, used),
        lambda: _near_duplicates(data.examples),
        lambda: check_likeness(data.examples, used.encoders),
        lambda: check_spans(data, used.declared),
    ]
    if tests is not None:
        held = tests
        checks += [lambda: _unknown_intents(data, held), lambda: _leaks(data, held)]
    found = (f for check in checks for f in check())
    kept = (f for f in found if used.hints or f.severity != Severity.HINT)
    return tuple(sorted(kept, key=lambda f: (f.file, f.line, f.check)))


def _empty(data: TrainingData) -> Iterator[Finding]:
    if not data.examples:
        yield Finding("empty", Severity.ERROR, "there is no example at all", "Add intents with sentences to training_data/nlu/.")
    elif len(data.intents) == 1:
        first, remedy = data.examples[0], "Add a second intent."
        message = f"{first.intent} is the only intent: there is nothing to tell it from"
        yield Finding("one_intent", Severity.ERROR, message, remedy, first.file, first.line)
    for lookup in data.lookups:
        if not lookup.words:
            message = f"the lookup table {lookup.name} is empty"
            yield Finding("empty", Severity.ERROR, message, "Add words or delete it.", lookup.file, lookup.line)


def _duplicates_across(examples: Sequence[Example]) -> Iterator[Finding]:
    """The same sentence under two intents of one language, in whatever case, width or script: the classifier cannot learn both."""
    seen: dict[tuple[str, str], Example] = {}
    for example in examples:
        first = seen.setdefault(same_key(example.text, example.language), example)
        if first.intent != example.intent:
            message = f"{example.text!r} stands under {example.intent} and under {first.intent} ({at(first)})"
            yield Finding("duplicate_across_intents", Severity.ERROR, message, "Keep it under one intent.", example.file, example.line)


def _repeats(examples: Sequence[Example]) -> Iterator[Finding]:
    seen: dict[tuple[str, str, str], Example] = {}
    for example in examples:
        first = seen.setdefault((example.language, example.intent, fold(example.text)), example)
        if first is not example:
            message = f"{example.text!r} is also at line {first.line} of {first.file}"
            yield Finding("repeated", Severity.WARNING, message, "Delete one of them.", example.file, example.line)


def _lookup_conflicts(data: TrainingData) -> Iterator[Finding]:
    """A lookup table named like an intent decides whole messages: a sentence or a table that says otherwise can never be right."""
    intents = set(data.intents)
    decided: dict[tuple[str, str], tuple[str, str]] = {}
    for lookup in (one for one in data.lookups if one.name in intents):
        for word in lookup.words:
            name, place = decided.setdefault((lookup.language, fold(word)), (lookup.name, f"{lookup.file}:{lookup.line}"))
            if name != lookup.name:
                message = f"{word!r} is in the lookup tables {lookup.name} and {name} ({place})"
                yield Finding("conflicting_labels", Severity.ERROR, message, "Keep it in one table.", lookup.file, lookup.line)
    for example in data.examples:
        name, place = decided.get((example.language, fold(example.text)), (example.intent, ""))
        if name != example.intent:
            message = f"{example.text!r} stands under {example.intent}, but the lookup table {name} ({place}) decides it is {name}"
            remedy = "Take it out of the one or the other."
            yield Finding("conflicting_labels", Severity.ERROR, message, remedy, example.file, example.line)


def _too_few(data: TrainingData, rules: Rules) -> Iterator[Finding]:
    groups = by_intent(data.examples)
    for intent in data.intents:
        for language in rules.languages or data.languages:
            rows = groups.get((intent, language), [])
            if not rows:
                place = next(e for e in data.examples if e.intent == intent)
                message = f"{intent} has no example in {language}"
                yield Finding("language_missing", Severity.ERROR, message, f"Add it to nlu/{language}/.", place.file, place.line)
            elif len(rows) < rules.minimum:
                severity = Severity.ERROR if len(rows) == 1 else Severity.WARNING
                message = f"{intent} has {len(rows)} {_examples(len(rows))} in {language}, fewer than {rules.minimum}"
                yield Finding("too_few", severity, message, "Add varied sentences.", rows[0].file, rows[0].line)


def _examples(count: int) -> str:
    return "example" if count == 1 else "examples"


def _near_duplicates(examples: Sequence[Example]) -> Iterator[Finding]:
    """The rule: no more than 5 % of an intent's sentences in a language lie within edit distance 3 of another after masking entities.

    Sentences so short that any two would be near (up to 6 Chinese or 12 other characters) count only when they are the same after masking.
    """
    for (intent, language), rows in sorted(by_intent(examples).items()):
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


def _is_short(text: str) -> bool:
    return len(text) <= (SHORT_HAN if holds_han(text) else SHORT_LATIN)


def _unknown_intents(data: TrainingData, tests: TrainingData) -> Iterator[Finding]:
    known = set(data.intents) | OUT_OF_SCOPE_NAMES
    for example in tests.examples:
        if example.intent not in known:
            message = f"the held-out sentence {example.text!r} has the intent {example.intent}, which no training file has"
            yield Finding("unknown_intent_in_tests", Severity.ERROR, message, "Correct the name.", example.file, example.line)


def _leaks(data: TrainingData, tests: TrainingData) -> Iterator[Finding]:
    """Training sees Chinese in both scripts, so a twin in the other script is known too; it may be meant, hence only a warning."""
    trained = {same_key(e.text, e.language): e for e in data.examples}
    exact = {(e.language, fold(e.text)) for e in data.examples}
    for example in tests.examples:
        twin = trained.get(same_key(example.text, example.language))
        if twin is not None:
            severity = Severity.ERROR if (example.language, fold(example.text)) in exact else Severity.WARNING
            message = f"the held-out sentence {example.text!r} is also trained on ({at(twin)})"
            yield Finding("held_out_in_training", severity, message, "Write another held-out sentence.", example.file, example.line)
