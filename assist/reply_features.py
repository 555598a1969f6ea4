"""What can be seen of a dialogue before the next reply: both speakers' last turns, the replies given so far, what was looked up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from assist.dialogues import ACTION, AGENT, CUSTOMER, KB, Turn
from knowledge.ports import Embedder, Vectors
from nlu.encoders.port import normalised
from nlu.lexical import BUCKETS
from nlu.text import fold, is_han

OLDER = 0.8  # what a turn counts for each turn since
_WORD = re.compile(r"\d+|[^\W\d_]+")
_LOOKED_UP, _MANY_REPLIES, _MOST_WORDS = 2, 12, 60
_PAIR = re.compile(r'"(\w{1,40})":\s*("(?:[^"\\]|\\.)*"?|\[[^\]]*\]?|[^,}\]]+)')
_PART = re.compile(r"\w+")
_EMPTY = frozenset({"the", "a", "an", "of", "and", "o", "os", "as", "de", "e"})
_MOST_OF_VALUE, _SHORT_VALUE = 30, 7
Situation = Sequence[Turn]


def words_of(text: str) -> list[str]:
    """The first words of `text`, folded; every number is "#", a Chinese character is a word."""
    found: list[str] = []
    for word in _WORD.findall(fold(text)):
        if any(is_han(character) for character in word):
            found.extend(word)
        else:
            found.append("#" if word.isdigit() else word)
    return found[:_MOST_WORDS]


def replies_so_far(turns: Situation) -> list[str]:
    """For each agent turn its label; for one without a label, how it begins."""
    return [turn.label or "~" + " ".join(words_of(turn.text)[:4]) for turn in turns if turn.speaker == AGENT]


def signs(turns: Situation) -> dict[str, float]:
    """The named features of a situation with their values."""
    last = last_of(turns, CUSTOMER)
    said = words_of(turns[last].text) if last >= 0 else []
    replies = ["^", "^", "^", *replies_so_far(turns)]
    found = dict(_replies(replies))
    for word in said:
        found[f"w {word}"] = 1.0
        found[f"w {word} after {replies[-1]}"] = 0.7
    found.update({f"w {one} {two}": 0.7 for one, two in pairwise(said)})
    found.update(_lookups(turns, last, replies[-1], set(said)))
    found.update(_values(turns, last))
    found.update(_said_of_found(turns, last, replies[-1]))
    found.update(_earlier(turns, last))
    return found


def last_of(turns: Situation, speaker: str) -> int:
    """The place of the speaker's last turn; -1 when there is none."""
    return max((place for place, turn in enumerate(turns) if turn.speaker == speaker), default=-1)


def _replies(replies: Sequence[str]) -> Iterator[tuple[str, float]]:
    third, second, newest = replies[-3:]
    yield f"r {newest}", 1.0
    yield f"r {second} > {newest}", 1.0
    yield f"r {third} > {second} > {newest}", 1.0
    yield f"r- {second}", 0.5
    yield f"n {min(_MANY_REPLIES, len(replies) - 3)}", 0.5
    for reply, times in Counter(replies[3:]).items():
        yield f"given {reply}", 1.0
        yield f"given {reply} before {newest}", 0.7
        if times > 1:
            yield f"again {reply}", 0.7


def _lookups(turns: Situation, last: int, newest: str, said: set[str]) -> Iterator[tuple[str, float]]:
    """What was looked up since the customer's last turn, and before it."""
    since = turns[last + 1 :]
    yield f"looked up {min(_LOOKED_UP, sum(turn.speaker == KB for turn in since))}", 1.0
    for sign in dict.fromkeys(sign for turn in since for sign in _lookup(turn)):
        yield f"now {sign}", 1.0
        yield f"now {sign} after {newest}", 0.7
    for sign in dict.fromkeys(sign for turn in turns for sign in _lookup(turn)):
        yield f"ever {sign}", 0.5
    found = {word for turn in since if turn.speaker == KB for word in words_of(turn.text)}
    if found:
        yield ("found what was said" if said & found else "found something else"), 1.0


def _values(turns: Situation, last: int) -> dict[str, float]:
    """What things were called with, and what the found ones have, by name and value."""
    found = {f"v ever {name}": 0.3 for turn in turns[: last + 1] for name, _ in turn.values}
    for turn in turns[last + 1 :]:
        for name, value in turn.values:
            found[f"v {name}"] = 0.7
            found[f"v {name}={value.lower()[:_MOST_OF_VALUE]}"] = 1.0
        for name, value in pairs_found(turn):
            found[f"v kb {name}={value.lower()[:_MOST_OF_VALUE]}"] = 1.0
    return found


def _said_of_found(turns: Situation, last: int, newest: str) -> dict[str, float]:
    """How much of each thing that was found the customer now says: the answer to a question, the name of a shop."""
    if last < 0:
        return {}
    said = set(_PART.findall(turns[last].text.lower()))
    found: dict[str, float] = {}
    for turn in [turn for turn in turns if turn.speaker == KB][-_LOOKED_UP:]:
        for name, value in pairs_found(turn):
            words = set(_PART.findall(value.lower())) - _EMPTY
            if 0 < len(words) <= _SHORT_VALUE:
                how = {0: "nothing", len(words): "all"}.get(len(words & said), "some")
                found[f"k {name} {how}"] = found[f"k {name} {how} after {newest}"] = 1.0
    return found


def pairs_found(turn: Turn) -> list[tuple[str, str]]:
    """The names and values of a found thing that is written as a JSON object, also one that is cut off."""
    return _PAIR.findall(turn.text) if turn.speaker == KB else []


def _lookup(turn: Turn) -> list[str]:
    if turn.speaker == ACTION:
        return [f"call {turn.action or turn.text}"]
    return [f"kb {word}" for word in words_of(turn.text)] if turn.speaker == KB else []


def _earlier(turns: Situation, last: int) -> dict[str, float]:
    found: dict[str, float] = {}
    weight = 1.0
    for turn in reversed(turns[: max(0, last)]):
        if turn.speaker == CUSTOMER:
            weight *= OLDER
            for word in words_of(turn.text):
                found.setdefault(f"h {word}", weight)
    return found


def vocabulary(rows: Sequence[Mapping[str, float]]) -> dict[str, int]:
    """The signs that occur in several rows, the most frequent first, each with its column; at most BUCKETS."""
    seen = Counter(sign for row in rows for sign in row)
    enough = 2 if len(rows) > 50 else 1
    return {sign: column for column, (sign, times) in enumerate(seen.most_common(BUCKETS)) if times >= enough}


def sparse_rows(rows: Sequence[Mapping[str, float]], columns: Mapping[str, int], scale: float) -> Any:
    """A scipy CSR matrix (rows, BUCKETS); the signs of one kind (their first word) have length `scale` together."""
    from scipy.sparse import csr_matrix

    places: list[int] = []
    values: list[float] = []
    ends = [0]
    for row in rows:
        known = {sign: value for sign, value in row.items() if sign in columns}
        lengths: Counter[str] = Counter()
        for sign, value in known.items():
            lengths[_kind(sign)] += value * value  # type: ignore[assignment]
        places.extend(columns[sign] for sign in known)
        values.extend(scale * value / lengths[_kind(sign)] ** 0.5 for sign, value in known.items())
        ends.append(len(places))
    return csr_matrix((np.array(values, np.float32), np.array(places, np.int32), np.array(ends)), shape=(len(rows), BUCKETS))


def _kind(sign: str) -> str:
    kind = sign.split(" ", 1)[0]
    return {"r-": "r", "n": "r", "again": "given", "ever": "now", "looked": "now", "found": "now"}.get(kind, kind)


def dense_rows(situations: Sequence[Situation], encoder: Embedder) -> Vectors:
    """float32 (situations, 3 * dimension): the customer's last turn, the agent's, and the mean of all, older ones counting less."""
    texts = list(dict.fromkeys(turn.text for turns in situations for turn in turns if turn.speaker in (CUSTOMER, AGENT)))
    known = dict(zip(texts, encoder.encode(texts), strict=True))
    nothing = np.zeros(encoder.dimension, dtype=np.float32)
    return np.stack([np.concatenate(_views(turns, known, nothing)) for turns in situations])


def _views(turns: Situation, known: Mapping[str, Vectors], nothing: Vectors) -> list[Vectors]:
    history, weight = nothing.copy(), 1.0
    for turn in reversed(turns):
        if turn.speaker in (CUSTOMER, AGENT):
            history += np.float32(weight) * known[turn.text]
            weight *= OLDER
    newest = [last_of(turns, speaker) for speaker in (CUSTOMER, AGENT)]
    return [*(known[turns[place].text] if place >= 0 else nothing for place in newest), normalised(history[None, :])[0]]
