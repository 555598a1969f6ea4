"""Order numbers in all the ways people type them, as the shop writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.entities.candidates import Asked, Candidate, candidate

NAME = "order_number"
_NO_DIGIT_BEFORE, _NO_DIGIT_AFTER = r"(?<![0-9A-Za-z+])", r"(?![0-9]|[-.,][0-9])"


def find_order_numbers(asked: Asked) -> Iterator[Candidate]:
    """With prefix ("lc 100234", "LC100234"), with a hash ("#100234"), and bare when an order number was just asked for."""
    prefix, digits = asked.settings.order_prefix, asked.settings.order_digits
    spaced = r"[ .]?".join(f"[0-9]{{{n}}}" for n in _halves(digits))
    forms = [(rf"{re.escape(prefix)}\s?[-_.:#/ ]{{0,2}}\s?(?:{spaced})", 95, 1.0), (rf"#\s?[0-9]{{{digits}}}", 90, 0.9)]
    if asked.expected == NAME:
        forms.append((spaced, 90, 0.9))
    for pattern, priority, confidence in forms:
        for match in re.finditer(_NO_DIGIT_BEFORE + f"(?:{pattern})" + _NO_DIGIT_AFTER, asked.text, re.IGNORECASE):
            number = "".join(c for c in match.group() if c.isdigit())
            value = f"{prefix}-{number[-digits:]}"
            yield candidate(asked, NAME, match.span(), value, priority=priority, confidence=confidence)


def _halves(digits: int) -> tuple[int, ...]:
    return (digits,) if digits < 4 else (digits // 2, digits - digits // 2)
