"""Training data as nlu holds it, whatever file format it came from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from kit.errors import InvalidInputError


@dataclass(frozen=True)
class EntitySpan:
    """An annotated span of an example: `start` and `end` in characters, `value` what it stands for."""

    name: str
    text: str
    value: str
    start: int
    end: int
    role: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class Example:
    """A sentence with its intent. `line` counts from 1."""

    text: str
    intent: str
    language: str
    entities: tuple[EntitySpan, ...] = ()
    file: str = ""
    line: int = 0
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Synonym:
    """`text` in a message stands for `value`."""

    value: str
    text: str
    language: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True)
class Lookup:
    """A list of words for the entity, or the whole-message intent, `name`."""

    name: str
    words: tuple[str, ...]
    language: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True)
class Regex:
    """A pattern for the entity `name`."""

    name: str
    pattern: str
    language: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True)
class TrainingData:
    """All that training needs."""

    examples: tuple[Example, ...] = ()
    synonyms: tuple[Synonym, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    regexes: tuple[Regex, ...] = ()

    @property
    def intents(self) -> tuple[str, ...]:
        """Names of the intents, sorted."""
        return tuple(sorted({example.intent for example in self.examples}))

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the examples, sorted."""
        return tuple(sorted({example.language for example in self.examples}))

    def digest(self) -> str:
        """SHA-256 of what is trained on; files and lines do not count."""
        plain = [[_plain(item) for item in items] for items in (self.examples, self.synonyms, self.lookups, self.regexes)]
        return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _plain(item: Example | Synonym | Lookup | Regex) -> dict[str, Any]:
    return {key: value for key, value in asdict(item).items() if key not in {"file", "line", "metadata"}}


class TrainingDataError(InvalidInputError):
    """The training data cannot be read."""

    def __init__(self, problem: str, *, file: str, line: int, hint: str) -> None:
        """`problem` and `hint` are sentences; `line` counts from 1."""
        super().__init__(f"{file}:{line}: {problem}", hint=hint)
        self.file, self.line = file, line
