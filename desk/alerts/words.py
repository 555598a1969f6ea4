"""Words that call for a person: threats to leave, legal and safety words, in four languages (`words/*.yml`)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from desk.alerts.kinds import Kind

FOLDER = Path(__file__).with_name("words")
READ = 1000
"""Characters of a message that are looked at."""
_HAN = re.compile(r"[\u3400-\u9fff]")


def find_words(text: str) -> dict[Kind, str]:
    """The kinds whose words stand in a text, each with what was found. All languages are looked for: customers mix them."""
    plain = fold(text[:READ])
    found = ((kind, pattern.search(plain)) for kind, pattern in patterns().items())
    return {kind: hit[0] for kind, hit in found if hit is not None}


def fold(text: str) -> str:
    """As lists and texts are compared: small letters, no accents, plain apostrophes, one space between words."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


@cache
def patterns() -> Mapping[Kind, re.Pattern[str]]:
    """One expression for each kind. Words end where words end, unless the list says `lawyer*`; Chinese has no such ends."""
    lists: dict[Kind, list[str]] = {}
    for file in sorted(FOLDER.glob("*.yml")):
        for kind, phrases in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            lists.setdefault(Kind(kind), []).extend(phrases)
    return {kind: re.compile("|".join(_expression(p) for p in sorted(phrases, key=len, reverse=True))) for kind, phrases in lists.items()}


def _expression(phrase: str) -> str:
    plain = fold(phrase)
    if _HAN.search(plain):
        return re.escape(plain)
    return rf"(?<![a-z0-9]){re.escape(plain.removesuffix('*'))}" + ("[a-z]*" if plain.endswith("*") else "(?![a-z0-9])")
