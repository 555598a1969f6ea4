"""When two sentences are the same but for politeness, punctuation or a typing error."""

from __future__ import annotations

import re

from nlu.distance import within_distance
from nlu.text import fold, holds_han

_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_FILLERS = frozenset(
    "hi hello hey please pls plz thanks thank you thx ola olá oi obrigado obrigada favor por bom dia boa tarde noite".split()  # noqa: SIM905
)
_HAN_FILLERS = re.compile(r"請問|请问|你好|您好|唔該|謝謝|谢谢|多謝|多谢|麻煩|麻烦|哈囉|哈喽")
_PARTICLES = re.compile(r"[呀啊呢嗎吗喎㗎吖哦喔啦嘛吧]+$")
SURE_LENGTH, LONG_WORD = 4, 8
MOST_DIFFERENT = 2


def sentence_key(text: str) -> str:
    """The words that matter: folded, without greetings and thanks, letters that are drawn out once. Never empty for a text with words."""
    folded = _REPEATED.sub(r"\1\1", fold(text))
    if holds_han(folded):
        plain = _PARTICLES.sub("", _HAN_FILLERS.sub("", folded).replace(" ", ""))
        return plain or folded
    words = [word for word in folded.split() if word not in _FILLERS]
    return " ".join(words) or folded


def is_near(one: str, other: str) -> bool:
    """Whether two keys differ by typing errors only: as many words, at most two of them different by a letter (two in long words).

    Chinese keys must be equal: one character changes what is meant.
    """
    if one == other:
        return True
    if holds_han(one) or holds_han(other):
        return False
    first, second = one.split(), other.split()
    if len(first) != len(second):
        return False
    different = [(a, b) for a, b in zip(first, second, strict=True) if a != b]
    return len(different) <= MOST_DIFFERENT and len(different) < len(first) + 1 and all(_mistyped(a, b) for a, b in different)


def _mistyped(one: str, other: str) -> bool:
    shorter = min(len(one), len(other))
    if shorter < SURE_LENGTH or any(c.isdigit() for c in one + other):
        return False
    return within_distance(one, other, 2 if shorter >= LONG_WORD else 1)
