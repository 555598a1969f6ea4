"""How the tests of entities read: a message in, names and values out."""

from __future__ import annotations

from datetime import datetime

from nlu.entities import EntityExtractor, EntitySettings
from nlu.entities.patterns import Vocabulary

NOW = datetime(2026, 11, 18, 12)  # noqa: DTZ001 a Wednesday, in the shop's own time
Found = list[tuple[str, ...]]


def read(text: str, language: str = "en", *, expected: str | None = None, settings: EntitySettings | None = None) -> Found:
    """Name and value (and role) of every entity, save parts of addresses."""
    extractor = EntityExtractor(Vocabulary({}, (), {}), settings)
    found = extractor.extract(text, language=language, now=NOW, expected=expected)
    assert all(text[e.start : e.end] == e.text for e in found)
    return [(e.name, e.value, *([e.role] if e.role else [])) for e in found if e.name != "address_part"]
