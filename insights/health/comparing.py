"""Which articles say the same, and which sentences contradict each other: candidates for a person to judge. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from insights.health.facts import Difference, amounts, differences, says_no
from insights.unanswered.grouping import Vectors
from knowledge.chinese import one_script
from knowledge.passages import width
from knowledge.terms import family, terms

SAME_WORDS = 0.6  # share of the rarer terms of two sentences in one language
SAME_MEANING = {True: 0.85, False: 0.80}  # cosine; True: in one language
ONE_THING = {True: 0.62, False: 0.60}  # between languages of one article
ONE_THING_ELSEWHERE = 0.70  # between articles, which speak of many things in the same words
SURELY_ELSEWHERE = 0.82  # from here on two articles speak of one thing in whatever words
IN_THE_SAME_WORDS = 0.5  # share of the terms without numbers that two sentences of one language have in common (Jaccard)
YES_OR_NO = 0.82
LONGER = 1.6  # of two sentences one of which is longer than this, the yes and the no may be about different things
COVERED = 0.5
BLOCK = 512


@dataclass(frozen=True)
class Line:
    """A sentence of a published article. `vector`: float32 (dimension,), of its heading and itself."""

    article_id: str
    language: str
    version: int
    text: str
    vector: Vectors

    @property
    def of(self) -> tuple[str, str]:
        """The article in its language."""
        return self.article_id, self.language


@dataclass(frozen=True)
class Contradiction:
    """Two sentences about one thing with different amounts, or one yes and one no."""

    one: Line
    other: Line
    nearness: float
    found: tuple[Difference, ...]


@dataclass(frozen=True)
class Duplicate:
    """Two articles of which the smaller stands in the other by `share` (0 to 1) of its sentences; `one` and `other` the nearest pair."""

    one: Line
    other: Line
    share: float


@dataclass(frozen=True)
class _Pair:
    one: Line
    other: Line
    nearness: float


def compare(fresh: Sequence[Line], everything: Sequence[Line]) -> tuple[list[Duplicate], list[Contradiction]]:
    """What the lines of some articles have to do with those of all (among which they are).

    Duplicates are looked for between different articles, contradictions also between languages of one.
    """
    pairs = list(_near(fresh, everything))
    return _duplicates(pairs, everything), _contradictions(pairs, _Spoken(everything))


class _Spoken:
    """What articles, each in its language, say in amounts anywhere: whoever gives both amounts somewhere contradicts neither."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines: dict[tuple[str, str], list[Line]] = {}
        for line in lines:
            self._lines.setdefault(line.of, []).append(line)
        self._known: dict[tuple[str, str], dict[str, set[float]]] = {}

    def by(self, line: Line) -> Mapping[str, set[float]]:
        """By unit all amounts of a line's article."""
        if line.of not in self._known:
            known = self._known.setdefault(line.of, {})
            for one in self._lines.get(line.of, ()):
                for unit, values in amounts(one.text).items():
                    known.setdefault(unit, set()).update(values)
        return self._known[line.of]

    def knows(self, line: Line, unit: str, values: Collection[float]) -> bool:
        """Whether the line's article gives one of these amounts too."""
        return bool(self.by(line).get(unit, set()) & set(values))


def _near(fresh: Sequence[Line], everything: Sequence[Line]) -> Iterator[_Pair]:
    if not fresh or not everything:
        return
    rows = np.stack([line.vector for line in everything])
    least = min(*ONE_THING.values(), *SAME_MEANING.values())
    for start in range(0, len(fresh), BLOCK):
        part = fresh[start : start + BLOCK]
        cosines = np.stack([line.vector for line in part]) @ rows.T
        for mine, theirs in np.argwhere(cosines >= least).tolist():
            one, other = part[mine], everything[theirs]
            if one.of != other.of:
                yield _Pair(one, other, float(cosines[mine, theirs]))


def _duplicates(pairs: Sequence[_Pair], everything: Sequence[Line]) -> list[Duplicate]:
    sizes: dict[tuple[str, str], int] = {}
    for line in everything:
        sizes[line.of] = sizes.get(line.of, 0) + 1
    said: dict[tuple[tuple[str, str], tuple[str, str]], list[_Pair]] = {}
    words: dict[tuple[str, str], frozenset[str]] = {}
    for pair in pairs:
        if pair.one.article_id != pair.other.article_id and _says_the_same(pair, words):
            said.setdefault((pair.one.of, pair.other.of), []).append(pair)
    found: dict[frozenset[tuple[str, str]], Duplicate] = {}
    for (mine, theirs), same in said.items():
        share = max(len({p.one.text for p in same}) / sizes[mine], len({p.other.text for p in same}) / sizes[theirs])
        nearest = max(same, key=lambda pair: round(pair.nearness, 5))
        key = frozenset((mine, theirs))
        if share >= COVERED and (key not in found or found[key].share < share):
            found[key] = Duplicate(nearest.one, nearest.other, min(share, 1.0))
    return list(found.values())


def _says_the_same(pair: _Pair, words: dict[tuple[str, str], frozenset[str]]) -> bool:
    """Whether two sentences say the same: by meaning, or in one language by their words (Jaccard)."""
    own = family(pair.one.language) == family(pair.other.language)
    if not own or pair.nearness >= SAME_MEANING[own]:
        return pair.nearness >= SAME_MEANING[own]
    for line in (pair.one, pair.other):
        if (line.language, line.text) not in words:
            words[line.language, line.text] = frozenset(terms(line.text, line.language))
    mine, theirs = words[pair.one.language, pair.one.text], words[pair.other.language, pair.other.text]
    return bool(mine | theirs) and len(mine & theirs) / len(mine | theirs) >= SAME_WORDS


def _contradictions(pairs: Sequence[_Pair], spoken: _Spoken) -> list[Contradiction]:
    found: dict[frozenset[tuple[str, str, str]], Contradiction] = {}
    for pair in _nearest_to_each_other(pairs):
        differ = _differ(pair, spoken)
        if differ:
            key = frozenset(((*pair.one.of, pair.one.text), (*pair.other.of, pair.other.text)))
            found.setdefault(key, Contradiction(pair.one, pair.other, pair.nearness, differ))
    return list(found.values())


def _nearest_to_each_other(pairs: Sequence[_Pair]) -> Iterator[_Pair]:
    """Of two articles only such sentences as are the nearest to each other: rows of two tables are all alike, but each has its own."""
    best: dict[tuple[tuple[str, str], str, tuple[str, str]], float] = {}
    for pair in pairs:
        for mine, theirs in ((pair.one, pair.other), (pair.other, pair.one)):
            key = (mine.of, mine.text, theirs.of)
            best[key] = max(best.get(key, 0.0), pair.nearness)
    for pair in pairs:
        first, second = (pair.one.of, pair.one.text, pair.other.of), (pair.other.of, pair.other.text, pair.one.of)
        if pair.nearness >= max(best[first], best[second]) - 1e-5:
            yield pair


def _differ(pair: _Pair, spoken: _Spoken) -> tuple[Difference, ...]:
    own = family(pair.one.language) == family(pair.other.language)
    if not _of_one_thing(pair, own=own):
        return ()
    mine, theirs = amounts(pair.one.text), amounts(pair.other.text)
    found = tuple(
        one
        for one in differences(pair.one.text, pair.other.text)
        if not (spoken.knows(pair.one, one.kind, theirs[one.kind]) and spoken.knows(pair.other, one.kind, mine[one.kind]))
    )
    if found or not own or pair.nearness < YES_OR_NO:
        return found
    no, other_no = (says_no(line.text, line.language) for line in (pair.one, pair.other))
    lengths = sorted((width(pair.one.text), width(pair.other.text)))
    if no == other_no or lengths[1] > LONGER * lengths[0] or _in_common(pair) < IN_THE_SAME_WORDS:
        return ()
    return (Difference("yes_no", "no" if no else "yes", "no" if other_no else "yes"),)


def _of_one_thing(pair: _Pair, *, own: bool) -> bool:
    """Whether two sentences speak of one thing: in two articles of one language their words must be the same too, or very near."""
    if pair.one.article_id == pair.other.article_id:
        return pair.nearness >= ONE_THING[own]
    if pair.nearness < ONE_THING_ELSEWHERE:
        return False
    return not own or pair.nearness >= SURELY_ELSEWHERE or _in_common(pair) >= IN_THE_SAME_WORDS


def _in_common(pair: _Pair) -> float:
    mine, theirs = _words_of(pair.one.text, pair.one.language), _words_of(pair.other.text, pair.other.language)
    return len(mine & theirs) / max(len(mine | theirs), 1)


@lru_cache(maxsize=20_000)
def _words_of(text: str, language: str) -> frozenset[str]:
    return frozenset(term for term in terms(one_script(text), language) if not any(sign.isdigit() for sign in term))
