"""In which language a person's pages speak: as they chose, else as their browser asks."""

from __future__ import annotations

from contextvars import ContextVar

from desk.personal.preferences import LANGUAGES

DEFAULT = "en"
_spoken: ContextVar[str] = ContextVar("spoken", default=DEFAULT)


def speak(language: str) -> None:
    """From here on in this request, page or command, words are in this language."""
    _spoken.set(language if language in LANGUAGES else DEFAULT)


def spoken() -> str:
    """The language that is spoken here."""
    return _spoken.get()


def language_of_browser(accepted: str) -> str:
    """The first of our languages that an Accept-Language header names (RFC 9110, 12.5.4; the weights are taken as the order)."""
    for part in accepted.split(","):
        tag = part.split(";")[0].strip().lower()
        if tag.startswith("zh") and not any(simple in tag for simple in ("hans", "-cn", "-sg")):
            return "zh-Hant"
        if tag.startswith("en"):
            return "en"
    return DEFAULT
