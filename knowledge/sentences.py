"""Cutting running text into sentences: Chinese by its own marks, English and Portuguese with their abbreviations kept together."""

from __future__ import annotations

import re

_END = re.compile(r"(?:[。！？；!?]+|(?<![0-9])[.](?=\s)|(?<=[0-9])[.](?=\s+[^\W\d_])|…+(?=\s))[”’」』）)\"']*\s*|\n+")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:Mr|Mrs|Ms|Dr|Dra|Sr|Sra|Srs|St|No|Nos|vs|etc|approx|incl|excl|max|min|tel|ext|Av|Art|art|pág|págs|p|pp|n|nº|ex|Exmo|Lda|Ltda"
    r"|e\.g|i\.e|p\. ?ex|[A-Z])\.$"
)


def split_sentences(text: str) -> list[str]:
    """The sentences of `text`, trimmed, none empty; together they hold all of its words in order."""
    found: list[str] = []
    start = 0
    for mark in _END.finditer(text):
        piece = text[start : mark.end()].strip()
        if _ABBREVIATION.search(piece) and mark.end() < len(text) and "\n" not in mark.group():
            continue
        if piece:
            found.append(piece)
        start = mark.end()
    rest = text[start:].strip()
    return [*found, rest] if rest else found
