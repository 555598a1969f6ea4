"""What has changed between two texts, for people: line by line, and word by word inside lines that were rewritten. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORD = re.compile(r"[㐀-鿿豈-﫿]|[^\W㐀-鿿豈-﫿]+|\s+|.", re.DOTALL)  # a Chinese character is a word
_MOST_LINES = 4000  # beyond, a whole block counts as rewritten: comparing takes the square of this
_MOST_WORDS = 1500
_MOST_PAIRS = 400
_NEAR = 12  # how far on a rewritten line is looked for
_ALIKE = 0.4  # lines less alike than this are not one rewritten line but one gone and one new


@dataclass(frozen=True)
class Part:
    """A piece of a line. `kind` is same, added or removed."""

    kind: str
    text: str


@dataclass(frozen=True)
class Line:
    """A line of a comparison. `kind` is same, added, removed, or changed (then its parts tell what)."""

    kind: str
    parts: tuple[Part, ...]


def compare(old: str, new: str) -> tuple[Line, ...]:
    """The lines of both texts in order, nothing left out."""
    return tuple(_Comparison().lines(old.split("\n"), new.split("\n")))


def changes(lines: Sequence[Line]) -> int:
    """How many lines are not the same."""
    return sum(line.kind != "same" for line in lines)


class _Comparison:
    """One comparison; only so many pairs of lines are looked at word by word, then rewritten lines are one gone and one new."""

    def __init__(self) -> None:
        self.left = _MOST_PAIRS

    def lines(self, old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
        for tag, begin, end, start, stop in _steps(old, new, _MOST_LINES):
            if tag == "equal":
                yield from (_whole("same", text) for text in old[begin:end])
            else:
                yield from self._rewritten(old[begin:end], new[start:stop])

    def _rewritten(self, old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
        """Lines in the place of others: each beside the next one that is alike, if there is one."""
        begun = 0
        for text in old:
            place, parts = self._alike(text, new[begun : begun + _NEAR])
            if parts is None:
                yield _whole("removed", text)
                continue
            yield from (_whole("added", fresh) for fresh in new[begun : begun + place])
            yield Line("changed", parts)
            begun += place + 1
        yield from (_whole("added", text) for text in new[begun:])

    def _alike(self, text: str, candidates: Sequence[str]) -> tuple[int, tuple[Part, ...] | None]:
        for place, candidate in enumerate(candidates):
            if self.left <= 0 or not text.strip():
                break
            self.left -= 1
            parts = _words(text, candidate) if candidate.strip() else None
            if parts is not None:
                return place, parts
        return 0, None


def _words(old: str, new: str) -> tuple[Part, ...] | None:
    """The words of both lines; None when they have too little in common."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    if max(len(before), len(after)) > _MOST_WORDS:
        return None
    parts: list[Part] = []
    for tag, begin, end, start, stop in _steps(before, after, _MOST_WORDS):
        if tag == "equal":
            parts.append(Part("same", "".join(before[begin:end])))
            continue
        parts.extend(
            Part(kind, text) for kind, text in (("removed", "".join(before[begin:end])), ("added", "".join(after[start:stop]))) if text
        )
    shared = sum(len(part.text.strip()) for part in parts if part.kind == "same")
    longest = max(len(old.strip()), len(new.strip()))
    return tuple(parts) if longest and shared >= _ALIKE * longest else None


def _steps(old: Sequence[str], new: Sequence[str], most: int) -> list[tuple[str, int, int, int, int]]:
    """The steps of difflib; what both have in common at the ends is taken off first, and what is too long is one step."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    steps: list[tuple[str, int, int, int, int]] = [("equal", 0, head, 0, head)] if head else []
    if max(len(middle_old), len(middle_new)) > most:
        steps.append(("replace", head, len(old) - tail, head, len(new) - tail))
    else:
        found = SequenceMatcher(None, middle_old, middle_new).get_opcodes()
        steps.extend((tag, a + head, b + head, c + head, d + head) for tag, a, b, c, d in found)
    if tail:
        steps.append(("equal", len(old) - tail, len(old), len(new) - tail, len(new)))
    return steps


def _whole(kind: str, text: str) -> Line:
    return Line(kind, (Part("same" if kind == "same" else kind, text),))
