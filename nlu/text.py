"""Small pure helpers on text that every part of nlu shares."""

from __future__ import annotations

import unicodedata

ENCODE_LIMIT = 2_000
"""Characters of a message that are encoded; what a customer wants stands in the beginning."""

_JOINED = (("\u3040", "\u30ff"), ("\uac00", "\ud7a3"), ("\u0e00", "\u0eff"), ("\u1000", "\u109f"), ("\u1780", "\u17ff"))
_KEPT_CONTROLS = frozenset("\n\t")


def clean(text: str) -> str:
    """`text` without lone surrogates and control characters, each replaced by one blank so that offsets stay the same."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if unicodedata.category(c) in {"Cs", "Cc", "Cn"} and c not in _KEPT_CONTROLS else c for c in text)


def for_encoding(text: str) -> str:
    """What the encoders and lexical features see: cleaned, width folded, blanks joined, cut to ENCODE_LIMIT characters."""
    return " ".join(unicodedata.normalize("NFKC", clean(text[:ENCODE_LIMIT])).split())[:ENCODE_LIMIT]


def fold(text: str) -> str:
    """A key for comparing whole messages: width and case folded, punctuation and symbols dropped, blanks joined.

    A text of punctuation or emoji only keeps its characters, so that "👍" can be told from "?".
    """
    text = unicodedata.normalize("NFKC", clean(text)).casefold()
    letters = "".join(c if unicodedata.category(c)[0] in "LMN" else "" if c in "'’" else " " for c in text)
    return " ".join(letters.split()) or "".join(text.split())


def is_han(char: str) -> bool:
    """Whether `char` is a Han character."""
    return "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or "\U00020000" <= char <= "\U0003ffff" or char == "〇"


def joins_words(char: str) -> bool:
    """Whether `char` is of a script that sets words, or words and endings, side by side: Han, kana, Hangul, Thai, Lao, Burmese, Khmer."""
    return is_han(char) or any(first <= char <= last for first, last in _JOINED)


def holds_han(text: str) -> bool:
    """Whether a Han character is in `text`."""
    return any(is_han(c) for c in text)


def words_of(text: str) -> list[str]:
    """The words of a list that is written as one string."""
    return text.split()
