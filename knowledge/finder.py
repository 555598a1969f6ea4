"""Titles while one types: the last word may be unfinished, a word may be misspelt. No encoder; a few milliseconds."""

from __future__ import annotations

import bisect
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz import fuzz, process

from knowledge.chinese import one_script
from knowledge.public import PublicLine

TITLE, QUESTION, TAG, SUMMARY = 4.0, 2.0, 2.5, 1.0
MOST_WORDS, MOST_ENDINGS = 12, 200
ALIKE = 78.0
LONG_ENOUGH = 4  # letters of a word that may be misspelt
GOOD = 0.45  # of the best score
_WORD = re.compile(r"[^\W_㐀-鿿豈-﫿]+|[㐀-鿿豈-﫿]+")


def fold(text: str) -> str:
    """Small letters without accents, Chinese in one script."""
    folded = unicodedata.normalize("NFD", one_script(unicodedata.normalize("NFKC", text)).lower())
    return "".join(c for c in folded if not unicodedata.combining(c))


def _words(text: str) -> Iterator[str]:
    """Words; of Chinese each character and each pair."""
    for word in _WORD.findall(fold(text)):
        if word[0] >= "㐀":
            yield from word
            yield from (word[place : place + 2] for place in range(len(word) - 1))
        else:
            yield word


class Finder:
    """The articles of one language. Unchanging; searches from many threads do not disturb each other."""

    def __init__(self, lines: Sequence[PublicLine]) -> None:
        self.lines = tuple(lines)
        weights: defaultdict[str, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
        for number, line in enumerate(self.lines):
            for weight, texts in ((TITLE, (line.title,)), (QUESTION, line.questions), (TAG, line.tags), (SUMMARY, (line.summary,))):
                for word in {word for text in texts for word in _words(text)}:
                    weights[word][number] = max(weights[word][number], weight)
        self._postings = {word: dict(found) for word, found in weights.items()}
        self._sorted = sorted(self._postings)
        self._long = [word for word in self._sorted if len(word) >= LONG_ENOUGH]

    def find(self, typed: str, *, limit: int = 8) -> list[PublicLine]:
        """The articles for what has been typed so far, best first; none for nothing."""
        words = list(dict.fromkeys(_words(typed[:200])))[:MOST_WORDS]
        unfinished = bool(typed) and not typed[-1].isspace()
        scores: defaultdict[int, float] = defaultdict(float)
        for place, word in enumerate(words):
            for number, score in self._score(word, unfinished=unfinished and place == len(words) - 1).items():
                scores[number] += score
        if not scores:
            return []
        best = max(scores.values())
        ranked = sorted(
            (number for number, score in scores.items() if score >= GOOD * best), key=lambda n: (-scores[n], self.lines[n].title)
        )
        return [self.lines[number] for number in ranked[:limit]]

    def _score(self, word: str, *, unfinished: bool) -> dict[int, float]:
        """For each article how well one typed word fits; rare words weigh more."""
        found: dict[int, float] = {}
        for known, likeness in self._known(word, unfinished=unfinished):
            holders = self._postings[known]
            rarity = math.log(1 + len(self.lines) / len(holders))
            for number, weight in holders.items():
                found[number] = max(found.get(number, 0.0), weight * rarity * likeness)
        return found

    def _known(self, word: str, *, unfinished: bool) -> Iterable[tuple[str, float]]:
        exact = [(word, 1.0)] if word in self._postings else []
        begun = [(ending, 0.8) for ending in self._endings(word) if ending != word] if unfinished or not exact else []
        if exact or begun or len(word) < LONG_ENOUGH:
            return [*exact, *begun]
        alike = process.extract(word, self._long, scorer=fuzz.ratio, limit=3, score_cutoff=ALIKE)
        return [(known, 0.6 * score / 100) for known, score, _ in alike]

    def _endings(self, word: str) -> list[str]:
        start = bisect.bisect_left(self._sorted, word)
        end = bisect.bisect_left(self._sorted, word + "\U0010ffff")
        return self._sorted[start : min(end, start + MOST_ENDINGS)]
