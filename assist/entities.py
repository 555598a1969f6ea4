"""What a group of articles is about (a hotel, a product), found again in what people say: by the rare words of its name."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

_WORD = re.compile(r"[a-z0-9]+|[㐀-鿿豈-﫿]")
_SPELT_FROM = 5  # letters from which on a word may be misspelt
_MISSPELT = 0.8
FOUND = 0.5
"""The share of a name's weight from which on it counts as said."""


@dataclass(frozen=True)
class Name:
    """A name as its words with their weights; the weights of all words together are 1."""

    words: tuple[str, ...]
    weights: tuple[float, ...]


def name_words(text: str) -> list[str]:
    """Folded words, single Chinese characters; apostrophes join ("rosa's" is "rosas")."""
    folded = unicodedata.normalize("NFKD", text.lower().replace("'", "").replace("’", ""))
    return _WORD.findall("".join(c for c in folded if not unicodedata.combining(c)))


def split_title(title: str) -> tuple[str, str]:
    """The title "NAME: heading" as (NAME, heading); without a colon ("", title)."""
    name, colon, heading = title.replace("：", ": ").partition(": ")
    return (name.strip(), heading.strip()) if colon and heading.strip() else ("", title)


class Names:
    """The names of all groups of articles."""

    def __init__(self, texts: Mapping[str, Sequence[str]]) -> None:
        """`texts`: for each name what its articles say. A word that many groups use says little about any one of them."""
        used: Counter[str] = Counter()
        for name, said in texts.items():
            used.update({word for text in (name, *said) for word in name_words(text)})
        self._used = frozenset(used)
        self.names = {name: _weighed(name, used, len(texts)) for name in texts}
        self._by_word: dict[str, list[str]] = {}
        for name, one in self.names.items():
            for word in one.words:
                self._by_word.setdefault(word, []).append(name)

    def said_in(self, text: str) -> dict[str, float]:
        """The names in `text` with the share (`FOUND` to 1) of their weight that was said; only the fullest where names overlap."""
        words = name_words(text)
        heard = {word: self._known(word) for word in dict.fromkeys(words)}
        known = {match for matches in heard.values() for match in matches}
        near = {name for word in known for name in self._by_word[word]}
        shares = {name: self._share(self.names[name], known) for name in near}
        return _fullest({name: share for name, share in shares.items() if share >= FOUND}, self.names, known)

    def _known(self, word: str) -> list[str]:
        if word in self._by_word:
            return [word]
        if len(word) < _SPELT_FROM or word in self._used:  # "place" is no slip for "palace"
            return []
        return [one for one in self._by_word if len(one) >= _SPELT_FROM and Levenshtein.normalized_similarity(one, word) >= _MISSPELT]

    @staticmethod
    def _share(name: Name, known: set[str]) -> float:
        return sum(weight for word, weight in zip(name.words, name.weights, strict=True) if word in known)


def _weighed(name: str, used: Counter[str], groups: int) -> Name:
    words = tuple(dict.fromkeys(name_words(name)))
    raw = [math.log(1 + groups / used[word]) ** 2 for word in words]
    total = sum(raw) or 1.0
    return Name(words, tuple(one / total for one in raw))


def _fullest(shares: dict[str, float], names: Mapping[str, Name], known: set[str]) -> dict[str, float]:
    """Without the names whose said words are all part of another name that was said more fully ("J" in "J restaurant")."""
    said = {name: {word for word in names[name].words if word in known} for name in shares}
    return {
        name: share
        for name, share in shares.items()
        if not any(said[name] < said[other] and shares[other] >= share for other in shares if other != name)
    }
