"""What a search index holds of each passage: as objects while there are few, in columns when there are many."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import overload

import numpy as np
from numpy.typing import NDArray

from knowledge.asked import Asked
from knowledge.dense import DenseIndex
from knowledge.ports import Vectors
from knowledge.types import Filters, Passage

Rowwise = NDArray[np.int32]
NAMED = ("article", "language", "audience", "category")


@dataclass(frozen=True)
class Entry:
    """A passage as the index holds it: with its vectors (views, dimension; none when not embedded yet) and what filters look at.

    Only the opening of an article has `questions`, those attached to it; their vectors are the last ones.
    """

    passage: Passage
    vectors: Vectors
    audience: str = "public"
    category: str = ""
    tags: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    @property
    def text_vectors(self) -> Vectors:
        """The vectors of the passage itself, without those of the questions."""
        return self.vectors[: max(0, len(self.vectors) - len(self.questions))]

    def asked(self, place: int) -> list[Asked]:
        """The questions with their vectors, if they have been encoded."""
        article, language, first = self.passage.article_id, self.passage.language, len(self.vectors) - len(self.questions)
        rows = self.vectors[first:] if first > 0 else [None] * len(self.questions)
        return [Asked(question, article, language, place, row) for question, row in zip(self.questions, rows, strict=True)]


class Names:
    """Texts by number, in the order in which they came."""

    def __init__(self, texts: Iterable[str] = (), *, before: Names | None = None) -> None:
        """`before`: others, with the lower numbers, which are not touched."""
        self.texts, self._before = list(texts), before
        self._first = len(before) if before is not None else 0
        self._numbers = {text: number for number, text in enumerate(self.texts, start=self._first)}

    def __len__(self) -> int:
        return self._first + len(self.texts)

    def __getitem__(self, number: int) -> str:
        if self._before is not None and number < self._first:
            return self._before[number]
        return self.texts[number - self._first]

    def find(self, text: str) -> int | None:
        """Its number, if it has one."""
        found = self._before.find(text) if self._before is not None else None
        return self._numbers.get(text) if found is None else found

    def number(self, text: str) -> int:
        """Its number, a new one if need be."""
        found = self.find(text)
        if found is None:
            found = self._numbers[text] = len(self)
            self.texts.append(text)
        return found


@dataclass(frozen=True)
class Columns:
    """Of each passage the numbers of its article, language, audience and category among `names`, and its `ordinal`."""

    names: dict[str, Names]
    numbers: dict[str, Rowwise]

    def passing(self, filters: Filters) -> NDArray[np.bool_]:
        """bool (passages,): which passages the filters let through."""
        found = np.ones(len(self.numbers["article"]), dtype=np.bool_)
        if filters.audience != "internal":
            found &= self.among("audience", ("public",))
        if filters.languages:
            found &= self.among("language", filters.languages)
        if filters.categories:
            found &= self.among("category", filters.categories)
        return found

    def among(self, column: str, texts: Sequence[str], places: NDArray[np.int64] | None = None) -> NDArray[np.bool_]:
        """bool (passages,), or (places,): which passages have one of these texts there."""
        names = self.names[column]
        wanted = np.array([names[number] in texts for number in range(len(names))] or [False], dtype=np.bool_)
        numbers = self.numbers[column]
        found: NDArray[np.bool_] = wanted[numbers if places is None else numbers[places]]
        return found


class ColumnsBuilder:
    """Takes entries one after the other, after those of other columns if there are any."""

    def __init__(self, before: Columns | None = None) -> None:
        self.names = {name: Names(before=before.names[name] if before else None) for name in NAMED}
        self._before = before
        self._numbers = {name: array("i") for name in (*NAMED, "ordinal")}

    def add(self, entry: Entry) -> None:
        """The next entry."""
        texts = (entry.passage.article_id, entry.passage.language, entry.audience, entry.category)
        for name, text in zip(NAMED, texts, strict=True):
            self._numbers[name].append(self.names[name].number(text))
        self._numbers["ordinal"].append(entry.passage.ordinal)

    def build(self) -> Columns:
        """Those before and what was added."""
        found = {name: np.array(numbers, dtype=np.int32) for name, numbers in self._numbers.items()}
        if self._before is not None:
            found = {name: np.concatenate([self._before.numbers[name], numbers]) for name, numbers in found.items()}
        return Columns(self.names, found)


@dataclass
class EntryTable(Sequence[Entry]):
    """Entries without an object for each: 40 bytes and the text, in UTF-8. Vectors come from the index, as exactly as it keeps them."""

    columns: Columns
    dense: DenseIndex
    rest: bytes
    ends: NDArray[np.int64]
    questions: dict[int, list[Asked]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ends) - 1

    @overload
    def __getitem__(self, place: int) -> Entry: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Entry]: ...
    def __getitem__(self, place: int | slice) -> Entry | Sequence[Entry]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        place = range(len(self))[place]
        passage, tags = self._text(place)
        asked = self.questions.get(place, [])
        rows = [self.dense.vectors_of(place), *(one.row[None, :] for one in asked if one.row is not None)]
        audience, category = self._name("audience", place), self._name("category", place)
        return Entry(passage, np.concatenate(rows), audience, category, tags, tuple(one.text for one in asked))

    def passage(self, place: int) -> Passage:
        """The passage alone."""
        return self._text(place)[0]

    def _text(self, place: int) -> tuple[Passage, tuple[str, ...]]:
        row = self.rest[self.ends[place] : self.ends[place + 1]]
        identity, ordinal, text, path, tags = json.loads(row.decode("utf-8", "surrogatepass"))
        article, language = self._name("article", place), self._name("language", place)
        return Passage(identity, article, language, tuple(path), text, ordinal), tuple(tags)

    def _name(self, column: str, place: int) -> str:
        return self.columns.names[column][int(self.columns.numbers[column][place])]


class TextsBuilder:
    """The texts of entries, one after the other, in one piece of memory."""

    def __init__(self) -> None:
        self._rest, self._ends = bytearray(), array("q", [0])

    def add(self, entry: Entry) -> None:
        """The next entry."""
        passage = entry.passage
        row = (passage.id, passage.ordinal, passage.text, passage.title_path, entry.tags)
        self._rest += json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        self._ends.append(len(self._rest))

    def build(self) -> tuple[bytes, NDArray[np.int64]]:
        """All of them, and where each ends."""
        return bytes(self._rest), np.array(self._ends, dtype=np.int64)


@dataclass(frozen=True)
class Joined(Sequence[Entry]):
    """Entries of a large index, and those that came since."""

    first: Sequence[Entry]
    then: Sequence[Entry]

    def __len__(self) -> int:
        return len(self.first) + len(self.then)

    @overload
    def __getitem__(self, place: int) -> Entry: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Entry]: ...
    def __getitem__(self, place: int | slice) -> Entry | Sequence[Entry]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        place = range(len(self))[place]
        return self.first[place] if place < len(self.first) else self.then[place - len(self.first)]
