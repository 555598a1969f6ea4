"""Order numbers in all the ways people type them, as the shop writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from nlu.entities.candidates import Asked, Candidate, candidate

NAME = "order_number"
_NO_DIGIT_BEFORE, _NO_DIGIT_AFTER = r"(?<![0-9A-Za-z+])", r"(?![0-9]|[-.,][0-9])"


def find_order_numbers(asked: Asked) -> Iterator[Candidate]:
    """With prefix ("lc 100234", "LC100234"), with a hash ("#100234"), and bare when an order number was just asked for.

    Further forms of the shop (`order_patterns`) count as they are, in capitals.
    """
    if asked.digits:
        yield from _prefixed(asked)
    for form in asked.settings.order_forms:
        for match in form.finditer(asked.text):
            if match.group():
                yield candidate(asked, NAME, match.span(), match.group().upper(), priority=95)


def _prefixed(asked: Asked) -> Iterator[Candidate]:
    prefix, digits = asked.settings.order_prefix, asked.settings.order_digits
    for pattern, priority, confidence, only_expected in _forms(prefix, digits):
        if only_expected and asked.expected != NAME:
            continue
        for match in pattern.finditer(asked.text):
            number = "".join(c for c in match.group() if c.isdigit())
            value = f"{prefix}-{number[-digits:]}" if prefix else number[-digits:]
            yield candidate(asked, NAME, match.span(), value, priority=priority, confidence=confidence)


@lru_cache(maxsize=16)
def _forms(prefix: str, digits: int) -> tuple[tuple[re.Pattern[str], int, float, bool], ...]:
    """Patterns with priority, confidence, and whether they count only when an order number was asked for."""
    spaced = r"[ .]?".join(f"[0-9]{{{n}}}" for n in _halves(digits))
    forms = [
        (rf"{re.escape(prefix)}\s?[-_.:#/ ]{{0,2}}\s?(?:{spaced})", 95, 1.0, not prefix),
        (rf"#\s?[0-9]{{{digits}}}", 92, 0.9, False),
        (spaced, 91, 0.9, True),
    ]
    return tuple((re.compile(_NO_DIGIT_BEFORE + f"(?:{p})" + _NO_DIGIT_AFTER, re.IGNORECASE), n, c, only) for p, n, c, only in forms)


def _halves(digits: int) -> tuple[int, ...]:
    return (digits,) if digits < 4 else (digits // 2, digits - digits // 2)
