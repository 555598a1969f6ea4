"""The machine says that it is one: what it says on which channel, in which language, and when. Nothing is said twice in one place.

A file (YAML) may change the words and say where they are not needed:

    texts: {en: "I am a machine.", pt: "Sou uma máquina."}
    channels:
      whatsapp: {texts: {en: "This is an automated assistant."}}
      email: {start: false, gap: false}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from context.phrases import PHRASES, phrase
from kit.errors import InvalidInputError

MAX_TEXT = 500
LANGUAGES = frozenset(PHRASES["disclosure"])


class Moment(StrEnum):
    """When it is said: as a conversation begins, and when somebody writes again after a long gap."""

    START = "start"
    GAP = "gap"


class DisclosureError(InvalidInputError):
    """The file of disclosures cannot be used."""


@dataclass(frozen=True)
class Disclosure:
    """What is said. `shown` are channels whose client shows it by itself as a conversation begins, as the widget does."""

    texts: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    shown: frozenset[str] | None = None  # None: every channel shows it

    def text(self, channel: str, language: str | None, moment: Moment) -> str | None:
        """The sentence to say now; None where nothing is to be said."""
        own = self.channels.get(channel, {})
        if not own.get(moment.value, True):
            return None
        if moment == Moment.START and (self.shown is None or channel in self.shown):
            return None
        return self.words(channel, language)

    def words(self, channel: str, language: str | None) -> str:
        """The sentence of a channel: its own, that of the house, the built-in one; in English where the language has none."""
        for texts in (self.channels.get(channel, {}).get("texts", {}), self.texts):
            if found := texts.get(language or "en"):
                return str(found)
        return phrase("disclosure", language)


def load_disclosure(path: Path, *, shown: frozenset[str] | None = None) -> Disclosure:
    """The disclosures of a file. Raises DisclosureError with what is wrong."""
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DisclosureError(f"{path} cannot be read: {str(error)[:200]}") from None
    if not isinstance(read, dict) or read.keys() - {"texts", "channels"} or not isinstance(read.get("channels", {}), dict):
        raise DisclosureError("It holds `texts` and `channels`, and nothing else")
    texts, channels = _texts(read.get("texts", {}), "texts"), {}
    for name, own in (read.get("channels") or {}).items():
        if not isinstance(own, dict) or own.keys() - {"texts", "start", "gap"}:
            raise DisclosureError(f"{name}: it holds `texts`, `start` and `gap`, and nothing else")
        if any(not isinstance(own.get(moment, True), bool) for moment in Moment):
            raise DisclosureError(f"{name}: `start` and `gap` are true or false")
        channels[str(name)] = own | {"texts": _texts(own.get("texts", {}), str(name))}
    return Disclosure(texts, channels, shown)


def _texts(said: Any, where: str) -> dict[str, str]:
    if not isinstance(said, dict):
        raise DisclosureError(f"{where}: texts stand by language")
    for language, words in said.items():
        if language not in LANGUAGES:
            raise DisclosureError(f"{where}: there is no language {language!r}", hint=f"There are: {', '.join(sorted(LANGUAGES))}.")
        if not isinstance(words, str) or not 0 < len(words.strip()) <= MAX_TEXT:
            raise DisclosureError(f"{where}: {language} has 1 to {MAX_TEXT} characters")
    return dict(said)
