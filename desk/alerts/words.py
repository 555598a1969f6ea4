"""Words that call for a person: threats to leave, legal and safety words, in four languages (`words/*.yml`)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from desk.alerts.kinds import Kind
from knowledge.chinese import one_script

FOLDER = Path(__file__).with_name("words")
READ = 1000
"""Characters of a message that are looked at."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_LINE = re.compile(r"(\s*…\s*|\(|\)\??|\||\*)")
_SIGNS = {"(": "(?:", ")": ")", ")?": ")?", "|": "|", "*": "[a-z]*"}


def find_words(text: str) -> dict[Kind, str]:
    """The kinds whose words stand in a text, each with what was found. All languages are looked for: customers mix them."""
    plain = fold(text[:READ])
    found = ((kind, pattern.search(plain)) for kind, pattern in patterns().items())
    return {kind: hit[0] for kind, hit in found if hit is not None}


def fold(text: str) -> str:
    """As lists and texts are compared: small letters, no accents, plain apostrophes, one space between words, Chinese in one script."""
    decomposed = unicodedata.normalize("NFKD", one_script(text).casefold().replace("’", "'"))
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


@cache
def patterns() -> Mapping[Kind, re.Pattern[str]]:
    """One expression for each kind. Words end where words end, unless the list says `lawyer*`; Chinese has no such ends.

    A line may name alternatives, what may be left out, and a gap of a few words or characters: see `expression`.
    """
    lists: dict[Kind, list[str]] = {}
    for file in sorted(FOLDER.glob("*.yml")):
        for kind, phrases in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            lists.setdefault(Kind(kind), []).extend(phrases)
    return {kind: re.compile("|".join(expression(p) for p in sorted(phrases, key=len, reverse=True))) for kind, phrases in lists.items()}


def expression(phrase: str) -> str:
    """What a line of a list stands for: words, `(one|other)`, `(perhaps )?`, ` … ` for a few words between, `stem*`."""
    han = _HAN.search(phrase) is not None
    parts = _LINE.split(phrase)
    inner = "".join(_part(part, han=han) for part in parts)
    return inner if han else rf"(?<![a-z0-9]){inner}(?![a-z0-9])"


def _part(part: str, *, han: bool) -> str:
    if part in _SIGNS:
        return _SIGNS[part]
    if part.strip() == "…":
        return r"[^。！？!?；;，,]{0,8}?" if han else r"(?: \S+){0,5}? "
    plain = fold(part)
    lead, trail = (" " if part.startswith(" ") and not han else ""), (" " if part.endswith(" ") and plain and not han else "")
    return lead + re.escape(plain) + trail
