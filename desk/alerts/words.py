"""Words that call for a person: threats to leave, legal and safety words, in four languages (`words/*.yml`)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from itertools import accumulate
from pathlib import Path

import yaml

from desk.alerts.kinds import Kind
from knowledge.chinese import one_script

FOLDER = Path(__file__).with_name("words")
READ = 1000
"""Characters of a message that are looked at."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_LINE = re.compile(r"(\s*…\s*|\(|\)\??|\||\*)")
_TOLD = ", told"
_END = re.compile(r"[.!?;,\n。！？；，]")
_YES_OR_NO = re.compile(
    r"^(?:is|are|was|were|does|do|did|can|could|may|will|would|should|has|have|where|when|which|who|what|how)\b.*\?$|"
    r"^(?!porque|por que).*\b(?:posso|podem|tem|têm|ha|e|sao|da|vai|sera)\b.*\?$|"
    r"[吗么嘛吧][?？]?$|会不会|是不是|是否|有没有|能不能|可不可以"
)
_SIGNS = {"(": "(?:", ")": ")", ")?": ")?", "|": "|", "*": "[a-z]*"}


def find_words(text: str) -> dict[Kind, str]:
    """The kinds whose words stand in a text, each with what was found. All languages are looked for: customers mix them."""
    plain = fold(text[:READ])
    found = {kind: hit[0] for kind, pattern in patterns(told=False).items() if (hit := pattern.search(plain)) is not None}
    for kind, pattern in patterns(told=True).items():
        told = (hit[0] for hit in pattern.finditer(plain) if not _is_asked(plain, hit.start(), hit.end()))
        if kind not in found and (word := next(told, None)) is not None:
            found[kind] = word
    return found


def _is_asked(plain: str, start: int, end: int) -> bool:
    """Whether the clause around a find asks whether something is so: "is it dangerous?"."""
    before = _END.split(plain[:start])[-1]
    after = _END.search(plain, end)
    clause = before + plain[start : after.end() if after else len(plain)]
    return _YES_OR_NO.search(clause.strip()) is not None


def fold(text: str) -> str:
    """As lists and texts are compared: small letters, no accents, plain apostrophes, one space between words, Chinese in one script."""
    decomposed = unicodedata.normalize("NFKD", one_script(text).casefold().replace("’", "'"))
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


@cache
def patterns(*, told: bool) -> Mapping[Kind, re.Pattern[str]]:
    """One expression for each kind, of the lists under its name, or of those that count only where they are told and not asked.

    Words end where words end, unless the list says `lawyer*`; Chinese has no such ends. A line may name alternatives, what may be left out,
    and a gap of a few words or characters: see `expression`.
    """
    lists: dict[Kind, list[str]] = {}
    for file in sorted(FOLDER.glob("*.yml")):
        for name, phrases in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            if name.endswith(_TOLD) == told:
                lists.setdefault(Kind(name.removesuffix(_TOLD)), []).extend(phrases)
    return {kind: re.compile("|".join(expression(p) for p in sorted(phrases, key=len, reverse=True))) for kind, phrases in lists.items()}


def expression(phrase: str) -> str:
    """What a line of a list stands for: words, `(one|other)`, `(perhaps )?`, ` … ` for a few words between, `stem*`.

    Raises ValueError for signs that stand alone.
    """
    parts = _LINE.split(phrase)
    depths = list(accumulate((part == "(") - part.startswith(")") for part in parts))
    alone = any(part == "|" and not depth for part, depth in zip(parts, depths, strict=True)) or min(depths) < 0 or depths[-1]
    if alone or any("?" in part for part in parts if part not in _SIGNS):
        raise ValueError(f"{phrase!r} has a sign that stands alone")
    han = _HAN.search(phrase) is not None
    inner = "".join(_part(part, han=han) for part in parts)
    return inner if han else rf"(?<![a-z0-9]){inner}(?![a-z0-9])"


def _part(part: str, *, han: bool) -> str:
    if part in _SIGNS:
        return _SIGNS[part]
    if part.strip() == "…":
        return r"[^。！？!?；;，,]{0,8}?" if han else r"(?: [^\s.!?;]+){0,5}? "
    plain = fold(part)
    lead, trail = (" " if part.startswith(" ") and not han else ""), (" " if part.endswith(" ") and plain and not han else "")
    inner = re.sub(r"\d+", lambda digits: rf"(?<!\d){digits[0]}(?!\d)", re.escape(plain)) if han else re.escape(plain)
    return lead + inner + trail
