"""What every event is: its name and schema, who caused it, how it is stored. The catalogue itself is `context/events.py`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from kit.errors import BatonError

EVENTS: dict[str, type[EventData]] = {}


class UnknownEventError(BatonError):
    """There is no such event, or it has other fields."""


class EventData:
    """The base of every event: `name` is `noun.past`, `schema` rises when its fields change."""

    name: ClassVar[str]
    schema: ClassVar[int] = 1

    def __init_subclass__(cls, *, name: str, schema: int = 1) -> None:
        cls.name, cls.schema = name, schema
        EVENTS[name] = cls

    def as_json(self) -> dict[str, Any]:
        """The fields as JSON-ready values."""
        return {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}  # type: ignore[arg-type]


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


def parse_event(name: str, data: dict[str, Any]) -> EventData:
    """The typed event. Raises UnknownEventError on an unknown name or field."""
    kind = EVENTS.get(name)
    if kind is None:
        raise UnknownEventError(f"There is no event {name!r}")
    try:
        return kind(**data)
    except TypeError as error:
        raise UnknownEventError(f"{name}: {error}") from None


@dataclass(frozen=True)
class Actor:
    """Who caused an event: kind is customer, bot, agent, system or api."""

    kind: str
    id: str | None = None


@dataclass(frozen=True)
class EventRecord:
    """An event as stored. `seq` is dense within its conversation; `position` is the global reading order, given a moment after commit."""

    id: int
    name: str
    version: int
    at: datetime
    actor: Actor
    conversation_id: UUID | None
    channel: str | None
    seq: int | None
    position: int | None
    data: dict[str, Any]
