"""Brings together what the tagger, the typed extractors and the tables found in one message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from nlu.entities.patterns import key
from nlu.types import Entity

TABLES = frozenset({"lookup", "regex"})


class Values:
    """What texts stand for, by the synonyms of the training data."""

    def __init__(self, synonyms: Mapping[str, str]) -> None:
        """`synonyms`: text to value."""
        self._values = {key(text): value for text, value in synonyms.items()}

    def of(self, text: str) -> str:
        """The synonym's value, else `text` itself."""
        return self._values.get(key(text), text)


def merge(
    tagged: Sequence[Entity], known: Iterable[Entity], *, names: Sequence[str], asked: Sequence[str], values: Values, text: str
) -> tuple[Entity, ...]:
    """All entities in order of place.

    `names`: what the tagger knows; such an entity of the typed extractors counts only when it was asked for and the tagger found none, but
    it lends its normalised value to the tagger's span. A table's whole entry takes the place of a tagged part of it, and tables add what no
    tagged span touches; an entity of another name stays beside a tagged span when it has none of its characters or all.
    """
    known = list(known)
    whole = {(e.start, e.end, e.name): e for e in (_whole(entity, known) for entity in tagged)}
    sure = [replace(e, text=text[e.start : e.end], value=_value(e, known, values, text)) for e in whole.values()]
    found, said = list(sure), {entity.name for entity in sure}
    for entity in known:
        touching = [other for other in sure if entity.start < other.end and other.start < entity.end]
        if entity.extractor in TABLES:
            welcome = not touching
        elif entity.name in names:
            welcome = not touching and entity.name in asked and entity.name not in said
        else:
            welcome = all((entity.start, entity.end) == (other.start, other.end) for other in touching)
        if welcome:
            found.append(entity)
    return tuple(sorted(found, key=lambda e: (e.start, e.end, e.name)))


def _whole(entity: Entity, known: Iterable[Entity]) -> Entity:
    for other in known:
        if other.extractor in TABLES and other.name == entity.name and other.start <= entity.start and entity.end <= other.end:
            return replace(entity, start=other.start, end=other.end, text=other.text)
    return entity


def _value(entity: Entity, known: Iterable[Entity], values: Values, text: str) -> str:
    own = text[entity.start : entity.end]
    for other in known:
        shared = min(entity.end, other.end) - max(entity.start, other.start)
        if other.name == entity.name and other.extractor not in TABLES and 2 * shared > entity.end - entity.start:
            return other.value
    return values.of(own).strip()
