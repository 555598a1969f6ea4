"""Entities from the training data: regular expressions, lookup tables and synonyms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nlu.entities.candidates import Asked, Candidate, candidate
from nlu.text import joins_words

REGEX_WINDOW = 2_000


@dataclass(frozen=True)
class Vocabulary:
    """`words`: entity name to its words; `patterns`: (entity name, regular expression); `synonyms`: folded text to value."""

    words: Mapping[str, tuple[str, ...]]
    patterns: tuple[tuple[str, str], ...]
    synonyms: Mapping[str, str]


def key(text: str) -> str:
    """Folded for comparison, of the same meaning whatever case, width, accents or blanks: "Pu’er  TEA" and "pu'er tea"."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("`", "'")
    stripped = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return " ".join(stripped.split())


class VocabularyExtractor:
    """Finds lookup words and patterns. Words of scripts with blanks stand between borders; the longest match wins."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Compiles the tables once."""
        self._patterns = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in vocabulary.patterns]
        self._synonyms = {key(text): value for text, value in vocabulary.synonyms.items()}
        self._names: dict[str, set[str]] = {}
        for name, words in vocabulary.words.items():
            for word in words:
                self._names.setdefault(key(word), set()).add(name)
        self._by_start: dict[str, list[str]] = {}
        for word in sorted(filter(None, self._names), key=len, reverse=True):
            self._by_start.setdefault(word[0], []).append(word)

    def value_of(self, text: str) -> str:
        """The synonym's value, else `text` itself."""
        return self._synonyms.get(key(text), text)

    def find(self, asked: Asked) -> Iterator[Candidate]:
        """All matches of all tables."""
        yield from self._find_words(asked)
        for name, pattern in self._patterns:
            for match in pattern.finditer(asked.text[:REGEX_WINDOW]):
                if match.end() > match.start():
                    value = self.value_of(match.group())
                    yield candidate(asked, name, match.span(), value, priority=self._priority(asked, name, 75), extractor="regex")

    def _find_words(self, asked: Asked) -> Iterator[Candidate]:
        folded, places = _fold_with_places(asked.text)
        at = 0
        while at < len(folded):
            word = next(
                (w for w in self._by_start.get(folded[at], ()) if folded.startswith(w, at) and _bordered(folded, at, at + len(w))), None
            )
            if word is None:
                at += 1
                continue
            span = (places[at], places[at + len(word) - 1] + 1)
            for name in sorted(self._names[word]):
                value = self.value_of(asked.original[span[0] : span[1]])
                yield candidate(asked, name, span, value, priority=self._priority(asked, name, 70), extractor="lookup")
            at += len(word)

    @staticmethod
    def _priority(asked: Asked, name: str, usual: int) -> int:
        return 92 if asked.expected == name else usual


def _bordered(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (_joins(before, text[start]) or _joins(text[end - 1], after))


def _joins(left: str, right: str) -> bool:
    return bool(left and right and left.isalnum() and right.isalnum() and not joins_words(left) and not joins_words(right))


def _fold_with_places(text: str) -> tuple[str, list[int]]:
    """`key` of the text, with the offset in `text` of each of its characters."""
    out: list[str] = []
    places: list[int] = []
    for i, char in enumerate(text):
        for c in key(char) or (" " if char.isspace() else ""):
            if c == " " and (not out or out[-1] == " "):
                continue
            out.append(c)
            places.append(i)
    return "".join(out), places


def merge_words(tables: Iterable[tuple[str, Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    """Tables of the same name joined, each word once, in order."""
    merged: dict[str, dict[str, None]] = {}
    for name, words in tables:
        merged.setdefault(name, {}).update(dict.fromkeys(words))
    return {name: tuple(words) for name, words in merged.items()}
