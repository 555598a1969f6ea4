"""Reads what a page sends with a command; anything else than expected is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from console.strings import strings
from kit.errors import InvalidInputError

Data = Mapping[str, Any]
MOST_IDS = 50


def maybe_id(value: Any) -> UUID | None:
    """The id, or None when it is none."""
    try:
        return UUID(str(value))
    except ValueError:
        return None


def id_in(data: Data, name: str) -> UUID:
    """The id of that name. Raises InvalidInputError."""
    found = maybe_id(data.get(name))
    if found is None:
        raise InvalidInputError(strings()["error_malformed_id"])
    return found


def ids_in(data: Data, name: str) -> tuple[UUID, ...]:
    """The list of ids of that name, empty when there is none. Raises InvalidInputError."""
    value = data.get(name) or []
    if not isinstance(value, list) or len(value) > MOST_IDS:
        raise InvalidInputError(strings()["error_malformed_id"])
    return tuple(id_in({"id": item}, "id") for item in value)


def text_in(data: Data, name: str) -> str:
    """The text of that name, empty when there is none."""
    value = data.get(name)
    return value if isinstance(value, str) else ""


def number_in(data: Data, name: str) -> int:
    """The whole number of that name. Raises InvalidInputError."""
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**53:
        raise InvalidInputError(strings()["error_unknown_command"])
    return value


def time_in(data: Data, name: str) -> datetime:
    """The time of that name, in milliseconds since 1970. Raises InvalidInputError."""
    try:
        return datetime.fromtimestamp(number_in(data, name) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        raise InvalidInputError(strings()["error_unknown_command"]) from None
