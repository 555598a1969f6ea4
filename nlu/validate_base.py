"""What all checks of training data share: the finding, and when two sentences are the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from nlu.data import Example
from nlu.language import base_language, convert_scripts
from nlu.text import fold, holds_han


class Severity(StrEnum):
    """An error fails the check; a warning is worth a look; a hint may be right as it is."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True)
class Finding:
    """What is wrong, where, and how to mend it. `line` counts from 1."""

    check: str
    severity: Severity
    message: str
    remedy: str
    file: str = ""
    line: int = 0


def at(example: Example) -> str:
    """The place of an example as text."""
    return f"{example.file}:{example.line}"


def same_key(text: str, language: str) -> tuple[str, str]:
    """Equal for sentences that differ in case, width, punctuation or, in Chinese, script only."""
    folded = fold(text)
    if base_language(language) == "zh" and holds_han(folded):
        folded = convert_scripts(folded, "t2s")
    return base_language(language), folded


def by_intent(examples: Sequence[Example]) -> dict[tuple[str, str], list[Example]]:
    """The examples of each (intent, language)."""
    groups: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in examples:
        groups[(example.intent, example.language)].append(example)
    return groups


def mask_entities(example: Example, mask: str | None = None) -> str:
    """The sentence with each annotated span replaced by the entity's name, or by `mask`."""
    text = example.text
    for span in sorted(example.entities, key=lambda s: -s.start):
        text = text[: span.start] + (mask or span.name) + text[span.end :]
    return text
