"""All extractors together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from nlu.entities.address import find_addresses
from nlu.entities.candidates import Asked, Candidate, narrow
from nlu.entities.contact import find_emails, find_phones
from nlu.entities.date import find_dates
from nlu.entities.duration import find_durations
from nlu.entities.money import find_money
from nlu.entities.number import find_numbers
from nlu.entities.order_number import find_order_numbers
from nlu.entities.ordinal import find_ordinals
from nlu.entities.overlap import settle
from nlu.entities.patterns import Vocabulary, VocabularyExtractor
from nlu.entities.percentage import find_percentages
from nlu.entities.quantity import find_quantities
from nlu.entities.settings import EntitySettings
from nlu.entities.url import find_urls
from nlu.text import ENCODE_LIMIT, clean
from nlu.types import Entity

EXTRACTORS: tuple[Callable[[Asked], Iterator[Candidate]], ...] = (
    find_order_numbers,
    find_emails,
    find_urls,
    find_phones,
    find_addresses,
    find_dates,
    find_money,
    find_percentages,
    find_durations,
    find_quantities,
    find_ordinals,
    find_numbers,
)


class EntityExtractor:
    """Finds entities in the first characters (ENCODE_LIMIT) of a message."""

    def __init__(self, vocabulary: Vocabulary, settings: EntitySettings | None = None) -> None:
        """`vocabulary` comes from the training data, `settings` from the shop."""
        self._vocabulary = VocabularyExtractor(vocabulary)
        self._settings = settings or EntitySettings()

    def extract(self, text: str, *, language: str, now: datetime, expected: str | None = None) -> tuple[Entity, ...]:
        """Entities in order of place; offsets are those of `text`. What is kept of overlapping ones is said in overlap.py.

        `now` with a time zone is turned to the shop's; without one it is taken as the shop's.
        """
        original = text[:ENCODE_LIMIT]
        local = now.astimezone(self._settings.zone_info) if now.tzinfo else now
        asked = Asked(narrow(clean(original)), original, language, local.replace(tzinfo=None), expected, self._settings)
        candidates = [found for extractor in EXTRACTORS for found in extractor(asked)]
        candidates += self._vocabulary.find(asked)
        return tuple(replace(entity, value=entity.value.strip()) for entity in settle(candidates))
