"""Checks of entity annotations, lookup tables, patterns and synonyms."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise

from nlu.data import EntitySpan, Example, Lookup, TrainingData
from nlu.entities.patterns import key
from nlu.text import joins_words
from nlu.validate_base import Finding, Severity, at

OFTEN = 2
SHORTEST = 2


@dataclass(frozen=True)
class Declared:
    """What the bot's domain says of an entity."""

    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


def check_spans(data: TrainingData, declared: Mapping[str, Declared] | None = None) -> Iterator[Finding]:
    """All findings about entities. `declared`: the entities of the domain; None when it is not known."""
    for example in data.examples:
        for span in example.entities:
            yield from _misplaced(example, span)
        yield from _overlaps(example)
    yield from _disagreements(data.examples)
    yield from _unannotated(data)
    yield from _conflicting_values(data)
    yield from _tables(data)
    if declared is not None:
        yield from _undeclared(data.examples, declared)
    else:
        yield from _lonely_roles(data.examples)


def _at(check: str, severity: Severity, example: Example, message: str, remedy: str) -> Finding:
    return Finding(check, severity, message, remedy, example.file, example.line)


def _misplaced(example: Example, span: EntitySpan) -> Iterator[Finding]:
    text = example.text
    if not 0 <= span.start < span.end <= len(text) or text[span.start : span.end] != span.text:
        message = f"{span.name} {span.text!r} is not at {span.start} to {span.end} of {text!r}"
        yield _at("span_not_found", Severity.ERROR, example, message, "Annotate the words as they stand in the sentence.")
        return
    if span.text != span.text.strip() or not any(c.isalnum() for c in span.text):
        message = f"{span.name} {span.text!r} begins or ends with a blank, or holds no letter"
        yield _at("span_edges", Severity.WARNING, example, message, "Annotate the words only.")
    if _joined(text, span.start) or _joined(text, span.end):
        message = f"{span.name} {span.text!r} begins or ends inside a word of {text!r}"
        yield _at("span_inside_word", Severity.WARNING, example, message, "Annotate the whole word, or name the value in the annotation.")


def _joined(text: str, place: int) -> bool:
    """Whether the characters before and after the border `place` belong to one word."""
    if not 0 < place < len(text):
        return False
    left, right = text[place - 1], text[place]
    return left.isalnum() and right.isalnum() and not joins_words(left) and not joins_words(right)


def _overlaps(example: Example) -> Iterator[Finding]:
    ordered = sorted(example.entities, key=lambda s: (s.start, s.end))
    for first, second in pairwise(ordered):
        if second.start < first.end and (first.start, first.end) != (second.start, second.end):
            message = f"{first.name} {first.text!r} and {second.name} {second.text!r} overlap"
            yield _at("spans_overlap", Severity.ERROR, example, message, "Keep one, or annotate both on the same words.")


def _spans_by_text(examples: Sequence[Example]) -> dict[tuple[str, str], list[tuple[Example, EntitySpan]]]:
    found: dict[tuple[str, str], list[tuple[Example, EntitySpan]]] = defaultdict(list)
    for example in examples:
        for span in example.entities:
            found[(example.language, key(span.text))].append((example, span))
    return found


def _disagreements(examples: Sequence[Example]) -> Iterator[Finding]:
    """The same words under two entity names; the rarer annotation is reported."""
    for group in _spans_by_text(examples).values():
        counts = Counter(span.name for _, span in group)
        if len(counts) < 2:
            continue
        usual = min(counts, key=lambda name: (-counts[name], name))
        model = next(e for e, s in group if s.name == usual)
        for example, span in group:
            if span.name != usual and not any(s.name == usual and s.start == span.start for s in example.entities):
                message = f"{span.text!r} is {span.name} here and {usual} elsewhere ({counts[usual]} times, first {at(model)})"
                yield _at("annotated_differently", Severity.WARNING, example, message, "Give the same words the same entity.")


def _unannotated(data: TrainingData) -> Iterator[Finding]:
    """Words that stand bare in a sentence, though annotated at least twice in the language, or in the lookup table of an entity."""
    names = _words_to_annotate(data)
    patterns = {language: _any_of(words) for language, words in names.items()}
    for example in (e for e in data.examples if e.language in patterns):
        text = _with_blanks(example)
        bare = dict.fromkeys(m.group() for m in patterns[example.language].finditer(text) if _whole(text, m.start(), m.end()))
        for words in bare:
            name = names[example.language][words]
            message = f"{words!r} is {name} elsewhere and not annotated here: {example.text!r}"
            yield _at(
                "not_annotated", Severity.HINT, example, message, f"Write [{words}]({name}), or leave it when it means something else."
            )


def _words_to_annotate(data: TrainingData) -> dict[str, dict[str, str]]:
    """By language: folded words, each with its entity."""
    names: dict[str, dict[str, str]] = defaultdict(dict)
    annotated = {(e.language, span.name) for e in data.examples for span in e.entities}
    for lookup in data.lookups:
        if (lookup.language, lookup.name) in annotated:
            names[lookup.language].update((key(word), lookup.name) for word in lookup.words)
    for (language, words), group in _spans_by_text(data.examples).items():
        if len(group) >= OFTEN:
            names[language][words] = group[0][1].name
    kept = {language: {w: n for w, n in words.items() if len(w) >= SHORTEST and not w.isdigit()} for language, words in names.items()}
    return {language: words for language, words in kept.items() if words}


def _any_of(words: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)))


def _with_blanks(example: Example) -> str:
    """The folded sentence, its annotated spans taken out."""
    text = example.text
    for span in sorted(example.entities, key=lambda s: -s.start):
        text = text[: span.start] + "\n" + text[span.end :]
    return "\n".join(key(part) for part in text.split("\n"))


def _whole(text: str, start: int, end: int) -> bool:
    return not _joined(text, start) and not _joined(text, end)


def _conflicting_values(data: TrainingData) -> Iterator[Finding]:
    """One text that stands for two values: only one of them can be given."""
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for synonym in data.synonyms:
        place = f"{synonym.file}:{synonym.line}"
        value, first = seen.setdefault((synonym.language, key(synonym.text)), (synonym.value, place))
        if value != synonym.value:
            message = f"{synonym.text!r} stands for {synonym.value!r} here and for {value!r} at {first}"
            yield Finding("conflicting_values", Severity.WARNING, message, "Choose one value.", synonym.file, synonym.line)


def _tables(data: TrainingData) -> Iterator[Finding]:
    """Lookup tables, patterns and synonyms that no sentence uses. Tables named like an intent decide whole messages and need none."""
    texts: dict[str, str] = defaultdict(str)
    for example in data.examples:
        texts[example.language] += key(example.text) + "\n"
    for lookup in data.lookups:
        if lookup.name not in data.intents and not any(_occurs(word, texts[lookup.language]) for word in lookup.words):
            yield _never("lookup table", lookup.name, lookup)
    for regex in data.regexes:
        if not any(re.search(regex.pattern, e.text, re.IGNORECASE) for e in data.examples if e.language == regex.language):
            message = f"the pattern {regex.pattern!r} of {regex.name} fits no sentence in {regex.language}"
            yield Finding("never_occurs", Severity.HINT, message, "Add sentences that hold it, or delete it.", regex.file, regex.line)
    for synonym in data.synonyms:
        if not _occurs(synonym.text, texts[synonym.language]):
            message = f"the synonym {synonym.text!r} for {synonym.value!r} is in no sentence in {synonym.language}"
            yield Finding("never_occurs", Severity.HINT, message, "Add a sentence that holds it, or delete it.", synonym.file, synonym.line)


def _occurs(word: str, text: str) -> bool:
    folded = key(word)
    start = text.find(folded) if folded else -1
    while start >= 0:
        if _whole(text, start, start + len(folded)):
            return True
        start = text.find(folded, start + 1)
    return False


def _never(kind: str, name: str, lookup: Lookup) -> Finding:
    message = f"none of the words of the {kind} {name} is in a sentence in {lookup.language}"
    return Finding("never_occurs", Severity.HINT, message, "Add sentences that hold some, or delete it.", lookup.file, lookup.line)


def _undeclared(examples: Sequence[Example], declared: Mapping[str, Declared]) -> Iterator[Finding]:
    for example in examples:
        for span in example.entities:
            entity = declared.get(span.name)
            if entity is None:
                message = f"the entity {span.name} is not in the domain{_meant(span.name, declared)}"
                yield _at("unknown_entity", Severity.WARNING, example, message, "Correct the name, or add it to `entities:`.")
                continue
            for kind, used, known in (("role", span.role, entity.roles), ("group", span.group, entity.groups)):
                if used is not None and used not in known:
                    message = f"{span.name} has no {kind} {used!r} in the domain{_meant(used, known)}"
                    yield _at(f"unknown_{kind}", Severity.WARNING, example, message, f"Correct it, or add it to `{kind}s:` of {span.name}.")


def _meant(word: str, known: Mapping[str, Declared] | Sequence[str]) -> str:
    close = get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _lonely_roles(examples: Sequence[Example]) -> Iterator[Finding]:
    """Without a domain: a role or group that is used once, beside others that are used often, is probably misspelt."""
    for kind in ("role", "group"):
        used: dict[str, list[tuple[Example, str]]] = defaultdict(list)
        for example in examples:
            for span in example.entities:
                if getattr(span, kind) is not None:
                    used[span.name].append((example, getattr(span, kind)))
        for name, uses in used.items():
            counts = Counter(value for _, value in uses)
            for example, value in uses:
                if counts[value] == 1 and max(counts.values()) > 2:
                    others = [other for other in counts if other != value]
                    message = f"the {kind} {value!r} of {name} is used only here{_meant(value, others)}"
                    yield _at(f"unknown_{kind}", Severity.HINT, example, message, "Correct it, or annotate more sentences with it.")
