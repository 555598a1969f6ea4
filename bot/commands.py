"""Messages that name an intent themselves, as buttons send them: `/intent@0.9{"entity": "value"}` (Rasa's regular form)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from bot.project.types import DEFAULT_INTENTS, Domain

_COMMAND = re.compile(r"/(?P<intent>[^{@]+)(?P<confidence>@[0-9.]+)?(?P<values>\{.+\})?.*", re.DOTALL)


@dataclass(frozen=True)
class Command:
    """An intent (whole, with its part after the slash), how sure, and entities as (name, value)."""

    full_intent: str
    confidence: float
    values: tuple[tuple[str, Any], ...]


def read_command(text: str, domain: Domain) -> Command | None:
    """The command in `text`; None when it is none, or names no intent of the domain."""
    match = _COMMAND.fullmatch(text.strip())
    if match is None:
        return None
    full = match["intent"].strip()
    if full.split("/", 1)[0] not in domain.intents and full not in DEFAULT_INTENTS:
        return None
    return Command(full, _confidence(match["confidence"]), command_values(text))


def command_values(text: str) -> tuple[tuple[str, Any], ...]:
    """The entities of a command; none when they are no JSON mapping. A list gives one entity for each element."""
    match = _COMMAND.fullmatch(text.strip())
    try:
        values = json.loads((match["values"] if match else None) or "{}")
    except ValueError:
        return ()
    if not isinstance(values, dict):
        return ()
    pairs = [(name, v) for name, value in values.items() for v in (value if isinstance(value, list) else [value])]
    return tuple((name, value) for name, value in pairs if isinstance(value, str | int | float | bool))


def _confidence(written: str | None) -> float:
    try:
        return min(1.0, max(0.0, float(written[1:]))) if written else 1.0
    except ValueError:
        return 0.0
