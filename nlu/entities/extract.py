"""All extractors together, with overlaps settled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from nlu.entities.candidates import Asked, Candidate, narrow
from nlu.entities.contact import find_emails, find_phones
from nlu.entities.date import find_dates
from nlu.entities.number import find_numbers
from nlu.entities.order_number import find_order_numbers
from nlu.entities.patterns import Vocabulary, VocabularyExtractor
from nlu.entities.settings import EntitySettings
from nlu.text import ENCODE_LIMIT, clean
from nlu.types import Entity

EXTRACTORS: tuple[Callable[[Asked], Iterator[Candidate]], ...] = (find_order_numbers, find_emails, find_phones, find_dates, find_numbers)


class EntityExtractor:
    """Finds entities in the first characters (ENCODE_LIMIT) of a message."""

    def __init__(self, vocabulary: Vocabulary, settings: EntitySettings | None = None) -> None:
        """`vocabulary` comes from the training data, `settings` from the shop."""
        self._vocabulary = VocabularyExtractor(vocabulary)
        self._settings = settings or EntitySettings()

    def extract(self, text: str, *, language: str, now: datetime, expected: str | None = None) -> tuple[Entity, ...]:
        """Entities in order of place, none overlapping another of its kind or a better one. Offsets are those of `text`."""
        original = text[:ENCODE_LIMIT]
        asked = Asked(narrow(clean(original)), original, language, now, expected, self._settings)
        candidates = [found for extractor in EXTRACTORS for found in extractor(asked)]
        candidates += self._vocabulary.find(asked)
        return tuple(replace(entity, value=entity.value.strip()) for entity in settle(candidates))


def settle(candidates: Iterable[Candidate]) -> list[Entity]:
    """The best of overlapping candidates: by priority, then length, then place; different lookup names may share one span."""
    ranked = sorted(candidates, key=lambda c: (-c.priority, c.entity.start - c.entity.end, c.entity.start, c.entity.name))
    kept: list[Entity] = []
    for entity in (c.entity for c in ranked):
        if not any(_clash(entity, other) for other in kept):
            kept.append(entity)
    return sorted(kept, key=lambda e: (e.start, e.name))


def _clash(a: Entity, b: Entity) -> bool:
    if (a.start, a.end) == (b.start, b.end):
        return not (a.extractor == b.extractor == "lookup" and a.name != b.name)
    return a.start < b.end and b.start < a.end
