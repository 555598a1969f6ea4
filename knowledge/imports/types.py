"""What imports show of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from knowledge.sources.types import Options


@dataclass(frozen=True)
class Person:
    """Who asked for something: an opaque id, and a name to show."""

    id: str
    name: str


@dataclass(frozen=True)
class Source:
    """A source as others see it; see `SourceRow`."""

    id: UUID
    kind: str
    location: str
    options: Options
    publish: bool
    every_hours: float | None
    unasked: bool
    next_at: datetime | None
    by: Person


@dataclass(frozen=True)
class Run:
    """A run as others see it; see `ImportRow`. `counts` by state of items, and by outcome."""

    id: UUID
    source_id: UUID
    state: str
    worker: bool
    scheduled: bool
    unasked: bool
    by: Person
    done: int
    total: int
    counts: Mapping[str, int]
    error: str | None
    asked_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Item:
    """An item as others see it; see `ItemRow`."""

    number: int
    key: str
    state: str
    reason: str
    article_id: str
    language: str
    title: str
    notes: tuple[str, ...]
    changes: tuple[str, ...]
    added: int
    removed: int
    take: bool | None
    outcome: str
