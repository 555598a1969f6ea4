"""Tells a refusal (`BatonError`) in the language of the page: by its sentence, else by its kind with the English sentence behind."""

from __future__ import annotations

import re
from functools import lru_cache

from console.language import spoken
from console.refusals.channels_zh import CHANNELS
from console.refusals.desk_zh import DESK
from console.refusals.kinds_zh import KINDS
from console.refusals.knowledge_zh import KNOWLEDGE
from console.refusals.people_zh import PEOPLE
from kit.errors import BatonError

TEMPLATES = {**DESK, **PEOPLE, **KNOWLEDGE, **CHANNELS}
"""English sentence -> Chinese one; `{}` stands for what is filled in, in Chinese by its number (`{0}`)."""


def tell(error: BatonError) -> tuple[str, str]:
    """The message and the hint (empty when there is none)."""
    if spoken() == "en":
        return error.message, error.hint or ""
    return translated(error.message) or _by_kind(error), (translated(error.hint) or error.hint) if error.hint else ""


def tell_in_one(error: BatonError) -> str:
    """The same in one line."""
    return " ".join(part for part in tell(error) if part)


def as_json(error: BatonError) -> dict[str, str]:
    """The body of a refused request of a page."""
    message, hint = tell(error)
    return {"error": error.code, "message": message} | ({"hint": hint} if hint else {})


def told_text(text: str) -> str:
    """A message that was kept as text; what is not known stays as it is."""
    return text if spoken() == "en" else translated(text) or text


def translated(text: str) -> str | None:
    """A sentence of a refusal in Chinese, None when nobody wrote it."""
    exact = TEMPLATES.get(text) or KINDS.get(text)
    if exact is not None:
        return exact
    for pattern, chinese in _patterns():
        found = pattern.fullmatch(text)
        if found:
            for number, value in enumerate(found.groups()):
                chinese = chinese.replace(f"{{{number}}}", value or "")
            return chinese
    return None


def _by_kind(error: BatonError) -> str:
    for kind in type(error).__mro__:
        sentence = (kind.__doc__ or "").strip().split("\n", 1)[0]
        if sentence in KINDS:
            return f"{KINDS[sentence]} ({error.message})"
    return error.message


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The templates with places to fill, those that say most first."""
    most_words_first = sorted((t for t in TEMPLATES if "{}" in t), key=len, reverse=True)
    return tuple((re.compile("(.*?)".join(map(re.escape, t.split("{}"))), re.DOTALL), TEMPLATES[t]) for t in most_words_first)
