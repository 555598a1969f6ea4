"""Messages in which somebody names a case that only a person may decide: a threat of law, an injury, a fire."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache


def names_a_case(text: str, words: Iterable[str]) -> bool:
    """Whether one of `words` (`baton: settings: person_decides`) stands in the text, as whole words where letters have spaces."""
    pattern = _pattern(tuple(words))
    return pattern is not None and pattern.search(text) is not None


@lru_cache(maxsize=16)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    parts = [re.escape(word) if ord(word[0]) > 0x2E80 else rf"\b{re.escape(word)}\b" for word in words if word]
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None
