"""What the bot's understander expects of questions, for search: see `knowledge/expecting.py`.

The attached questions are understood in the background, a few for each article and language, and what came of it is kept in a file, so that
a worker that starts again need not do it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Protocol

from kit.log import get_logger
from knowledge.expecting import Expected, expected_of, shares
from knowledge.search import SearchIndex
from nlu.intents import Prediction

A_SHELF = 5
"""So many attached questions of an article in one language are understood."""
MOST = 6000
BATCH = 16
REST = 3.0
"""For each second of reading so many of rest: answering customers goes first, and shares its processor with this."""
STORE_SECONDS = 10.0
LIKELY = 5
log = get_logger("expecting")
Chances = dict[str, float]


class Reader(Protocol):
    """As much of `nlu.understander.Understander` as is asked here."""

    @property
    def model(self) -> str:
        """Names what it was trained on."""

    def likely_intents(self, texts: Sequence[str], *, language: str) -> list[Prediction]:
        """The intents of texts in one language, in order."""


class Understood:
    """The port `knowledge.expecting.Expecting` with the live understander. `refresh` takes in what is new of index and understander."""

    def __init__(self, understander: Callable[[], Reader | None], index: Callable[[], SearchIndex | None], *, file: Path) -> None:
        self._understander, self._index, self._file = understander, index, file
        self._known: dict[str, Chances] = {}
        self._articles: Mapping[str, Mapping[str, float]] = {}
        self._taken: tuple[Reader, int] | None = None
        self._working: asyncio.Task[None] | None = None
        self._hurry = False

    def expected(self, question: str, language: str) -> Expected | None:
        """See the port; nothing is expected until the attached questions have been understood."""
        understander, articles = self._understander(), self._articles
        if understander is None or not articles or self._taken is None or self._taken[0] is not understander:
            return None
        return expected_of(_chances(understander.likely_intents([question], language=language)[0]), articles)

    def refresh(self) -> None:
        """Begins, in the background, to understand the attached questions that are new, or all where the understander is."""
        understander, index = self._understander(), self._index()
        if understander is None or index is None or (self._working is not None and not self._working.done()):
            return
        if self._taken != (understander, index.generation):
            self._working = asyncio.create_task(self._take_in(understander, index))

    async def finish(self) -> None:
        """Waits until what was begun is there, which is done without rest now."""
        self._hurry = True
        while self._working is not None and not self._working.done():
            await asyncio.wait([self._working])

    async def _take_in(self, understander: Reader, index: SearchIndex) -> None:
        try:
            self._articles = await asyncio.to_thread(self._read, understander, index)
        except Exception as error:  # search goes on without it
            log.error("what questions are about could not be learned; search goes on without it", error=str(error)[:300])
            self._articles = {}
        self._taken = (understander, index.generation)

    def _read(self, understander: Reader, index: SearchIndex) -> Mapping[str, Mapping[str, float]]:
        if self._taken is None or self._taken[0] is not understander:
            self._known = self._load(understander)
        chosen = chosen_questions(index)
        fresh = [(language, text) for language, text, _ in chosen if _key(language, text) not in self._known]
        for language, texts in groupby(sorted(dict.fromkeys(fresh)), key=lambda one: one[0]):
            self._understand(understander, language, [text for _, text in texts])
        kept = {key: self._known[key] for key in {_key(language, text) for language, text, _ in chosen}}
        if fresh or len(kept) != len(self._known):
            self._known = kept
            self._store(understander)
        return shares((article, kept[_key(language, text)]) for language, text, article in chosen)

    def _understand(self, understander: Reader, language: str, texts: list[str]) -> None:
        stored = time.monotonic()
        for begin in range(0, len(texts), BATCH):
            began, part = time.monotonic(), texts[begin : begin + BATCH]
            for text, said in zip(part, understander.likely_intents(part, language=language), strict=True):
                self._known[_key(language, text)] = _chances(said)
            if time.monotonic() - stored > STORE_SECONDS:  # a worker that is killed in the midst goes on from here
                self._store(understander)
                stored = time.monotonic()
            if not self._hurry:
                time.sleep(REST * (time.monotonic() - began))

    def _load(self, understander: Reader) -> dict[str, Chances]:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            stored = json.loads(self._file.read_text(encoding="utf-8"))
            if stored["model"] == understander.model:
                return {str(key): {str(k): float(v) for k, v in chances.items()} for key, chances in stored["questions"].items()}
        return {}

    def _store(self, understander: Reader) -> None:
        new = self._file.with_suffix(".new")
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(json.dumps({"model": understander.model, "questions": self._known}), encoding="utf-8")
            new.replace(self._file)


def chosen_questions(index: SearchIndex) -> list[tuple[str, str, str]]:
    """(language, question, article) of the first `A_SHELF` questions attached to each article in each language, at most `MOST`."""
    shelves: dict[tuple[str, str], int] = {}
    found = []
    for one in index.asked.questions:
        shelf = (one.article_id, one.language)
        shelves[shelf] = shelves.get(shelf, 0) + 1
        if shelves[shelf] <= A_SHELF:
            found.append((one.language, one.text, one.article_id))
    return found[:MOST]


def _chances(said: Prediction) -> Chances:
    return {name: round(chance, 4) for name, chance in said.ranking[:LIKELY]}


def _key(language: str, text: str) -> str:
    return hashlib.blake2b(f"{language} {text}".encode(), digest_size=8).hexdigest()
