"""Polarity of words and emoji: the project's own lists, with negation, intensifiers and turns ("but").

Hutto and Gilbert 2014 (VADER) sum the valences of the words in a text, with rules for what stands around them. Here the sums
become signals for the sentiment head. The lists lie in `training_data/sentiment/words` and become a part of the model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nlu.text import is_han

Floats = NDArray[np.float32]
SIGNALS = 13
READ = 1000
"""Characters that are looked at."""
LONGEST_PHRASE = 4
LONGEST_CHINESE = 8
SHORTEST_STEM = 3
REACH = 3
FLIPPED, BOOSTED, DAMPED = -0.7, 1.3, 0.6
BEFORE_TURN, AFTER_TURN = 0.6, 1.3
NEGATION, BOOSTER, DAMPER, TURN = "negations", "boosters", "dampers", "turns"
ROLES = (NEGATION, BOOSTER, DAMPER, TURN)
LATEST_OPENING, OPENING_ENDS = 2, frozenset(",.!…，。！")
FACTORS = {BOOSTER: BOOSTED, DAMPER: DAMPED}

_HAN = "\u3400-\u9fff"
_TOKEN = re.compile(rf"@\w+|https?://\S+|[{_HAN}]+|[^\W_{_HAN}]+(?:'[^\W_{_HAN}]+)*|[.,;:!?…\n。，；：！？、]+")
_STRETCHED = re.compile(r"(.)\1{2,}")
_NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True)
class Words:
    """`valences`: word or phrase to valence (-3 to 3); `stems`: beginnings of words; `emoji`; `roles`: role to its words."""

    valences: Mapping[str, float] = field(default_factory=dict)
    stems: Mapping[str, float] = field(default_factory=dict)
    emoji: Mapping[str, float] = field(default_factory=dict)
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def role_of(self) -> Mapping[str, str]:
        """Word to role."""
        return {word: role for role in ROLES for word in self.roles.get(role, ())}

    @cached_property
    def phrase_starts(self) -> frozenset[str]:
        """First words of phrases of several words."""
        return frozenset(phrase.split()[0] for phrase in self.valences if " " in phrase)

    @cached_property
    def stem_heads(self) -> frozenset[str]:
        """The first letters of all stems."""
        return frozenset(stem[:SHORTEST_STEM] for stem in self.stems)

    @cached_property
    def emoticons(self) -> re.Pattern[str]:
        """Faces in plain characters; they do not begin or end within a word or an address."""
        faces = sorted((e for e in self.emoji if e.isascii()), key=lambda e: (-len(e), e))
        return re.compile(rf"(?<![\w/:])(?:{'|'.join(map(re.escape, faces))})(?![\w/])") if faces else _NOTHING

    def faces(self, text: str) -> list[float]:
        """The valences of the emoji and emoticons in `text`."""
        found = [self.emoji[face] for face in self.emoticons.findall(text)]
        return found if text.isascii() else found + [self.emoji[c] for c in text if not c.isascii() and c in self.emoji]


def merged(lists: Sequence[Words]) -> Words:
    """One list of several; the first that has a word decides its valence."""
    backwards = list(reversed(lists))
    roles = {role: frozenset().union(*(words.roles.get(role, frozenset()) for words in lists)) for role in ROLES}
    return Words(
        {word: value for words in backwards for word, value in words.valences.items()},
        {stem: value for words in backwards for stem, value in words.stems.items()},
        {face: value for words in backwards for face, value in words.emoji.items()},
        roles,
    )


def signals(text: str, words: Words) -> Floats:
    """Shape (SIGNALS,), each about -1 to 1; all zero for a text without anything of the lists."""
    text = text[:READ]
    tokens = _tokens(text, words)
    roles = [words.role_of.get(token) for token in tokens]
    turn = max((i for i, role in enumerate(roles) if role == TURN), default=-1)
    hits = _valued(tokens, roles, words)
    values = [value * _share(place, turn) for place, value in hits]
    if ironic := _sours(tokens, hits):
        values[0] *= FLIPPED
    faces = words.faces(text)
    up, down, face = sum(v for v in values if v > 0), -sum(v for v in values if v < 0), sum(faces)
    total = up - down + face
    found = (
        total / (total * total + 6.0) ** 0.5,
        up / (up + 3.0),
        down / (down + 3.0),
        max([0.0, *values]) / 4.0,
        -min([0.0, *values]) / 4.0,
        values[-1] / 4.0 if values else 0.0,
        face / (abs(face) + 2.0),
        min(text.count("!") + text.count("！"), 3) / 3.0,
        float("?" in text or "？" in text),
        float(NEGATION in roles),
        float(turn >= 0),
        float(bool(values or faces)),
        float(ironic),
    )
    return np.array(found, dtype=np.float32)


def _sours(tokens: list[str], hits: list[tuple[int, float]]) -> bool:
    """Praise as an opening of its own with trouble after it ("Great, another delay"): how irony often goes, though not in Chinese."""
    if len(hits) < 2 or hits[0][1] <= 0 or hits[0][0] > LATEST_OPENING or is_han(tokens[hits[0][0]][0]):
        return False
    opening = tokens[hits[0][0] + 1 : hits[0][0] + LATEST_OPENING + 1]
    return any(token[0] in OPENING_ENDS for token in opening) and sum(value for _, value in hits[1:]) < 0


def _share(place: int, turn: int) -> float:
    """What stands after a "but" weighs more than what stands before it."""
    return 1.0 if turn < 0 else BEFORE_TURN if place < turn else AFTER_TURN


def _tokens(text: str, words: Words) -> list[str]:
    """Words in small letters, Chinese cut into words of the lists, punctuation; handles and addresses left out."""
    found: list[str] = []
    for token in _TOKEN.findall(text.casefold().replace("’", "'")):
        if is_han(token[0]):
            found += _cut(token, words)
        elif token[0] != "@" and not token.startswith("http"):
            found.append(token if token in words.valences else _STRETCHED.sub(r"\1", token))
    return found


def _cut(run: str, words: Words) -> list[str]:
    """Longest words first, from the left; a character that begins no word stands alone."""
    found, start = [], 0
    while start < len(run):
        for size in range(min(LONGEST_CHINESE, len(run) - start), 0, -1):
            piece = run[start : start + size]
            if size == 1 or piece in words.valences or piece in words.role_of:
                found.append(piece)
                start += size
                break
    return found


def _valued(tokens: list[str], roles: list[str | None], words: Words) -> list[tuple[int, float]]:
    """(place, valence in its surroundings) of every word or phrase that has one."""
    found, place = [], 0
    while place < len(tokens):
        size, valence = _longest(tokens, place, words)
        if valence:
            negated_itself = size > 1 and roles[place] == NEGATION
            found.append((place, valence if negated_itself else valence * _context(tokens, roles, place)))
        place += size
    return found


def _longest(tokens: list[str], place: int, words: Words) -> tuple[int, float]:
    if tokens[place] in words.phrase_starts:
        for size in range(min(LONGEST_PHRASE, len(tokens) - place), 1, -1):
            valence = words.valences.get(" ".join(tokens[place : place + size]))
            if valence is not None:
                return size, valence
    return 1, _valence(tokens[place], words)


def _valence(token: str, words: Words) -> float:
    known = words.valences.get(token)
    if known is not None:
        return known
    if token[:SHORTEST_STEM] not in words.stem_heads or token in words.role_of:
        return 0.0
    return next((words.stems[token[:n]] for n in range(len(token), SHORTEST_STEM - 1, -1) if token[:n] in words.stems), 0.0)


def _context(tokens: list[str], roles: list[str | None], place: int) -> float:
    """The factor of the words before `place`: within REACH of them, no further than punctuation or a turn."""
    factor = 1.0
    for before in range(place - 1, max(-1, place - 1 - REACH), -1):
        role = roles[before]
        if role == TURN or not tokens[before][0].isalnum():
            break
        if role == NEGATION:
            return factor * FLIPPED
        factor *= FACTORS.get(role or "", 1.0)
    return factor
