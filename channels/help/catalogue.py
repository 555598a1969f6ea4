"""What the lists and the search box show: a picture of the public articles, looked after for changes at most once a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from channels.help.words import LANGUAGES, words
from kit.db import Database
from knowledge.categories import Category, list_categories
from knowledge.finder import Finder
from knowledge.public import PublicLine, fingerprint, public_lines

LOOK_SECONDS = 1.0
AT_LEAST_SECONDS = 60.0  # an article may stop being public by time alone


@dataclass(frozen=True)
class Section:
    """The articles of one category in one language, by title."""

    category: str
    title: str
    lines: tuple[PublicLine, ...]


@dataclass(frozen=True)
class Catalogue:
    """All public articles of all languages at one moment."""

    sections: Mapping[str, tuple[Section, ...]] = field(default_factory=dict)
    finders: Mapping[str, Finder] = field(default_factory=dict)
    by_id: Mapping[str, Mapping[str, PublicLine]] = field(default_factory=dict)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have articles."""
        return tuple(language for language in LANGUAGES if self.sections.get(language))

    def section(self, language: str, category: str) -> Section | None:
        """The category in that language, if it has articles."""
        return next((one for one in self.sections.get(language, ()) if one.category == category), None)

    def find(self, typed: str, *, language: str, limit: int) -> list[PublicLine]:
        """See `Finder.find`."""
        finder = self.finders.get(language)
        return finder.find(typed, limit=limit) if finder else []


def build_catalogue(lines: Sequence[PublicLine], categories: Sequence[Category]) -> Catalogue:
    """The picture of these articles."""
    by_id: dict[str, dict[str, PublicLine]] = {}
    for line in lines:
        by_id.setdefault(line.article_id, {})[line.language] = line
    of_language = {language: [line for line in lines if line.language == language] for language in LANGUAGES}
    sections = {language: _sections(found, categories, language) for language, found in of_language.items() if found}
    return Catalogue(sections, {language: Finder(found) for language, found in of_language.items() if found}, by_id)


def _sections(lines: Sequence[PublicLine], categories: Sequence[Category], language: str) -> tuple[Section, ...]:
    grouped: dict[str, list[PublicLine]] = {}
    for line in lines:
        grouped.setdefault(line.category, []).append(line)
    named = [Section(one.name, one.title(language), tuple(grouped[one.name])) for one in categories if one.name in grouped]
    rest = (Section("", words(language)["other"], tuple(grouped[""])),) if "" in grouped else ()
    return (*named, *rest)


class Catalogues:
    """The present catalogue of one process."""

    def __init__(self, database: Database, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.database, self._now = database, monotonic
        self._current, self._seen = Catalogue(), tuple[object, ...]()
        self._looked, self._loaded = -LOOK_SECONDS, -AT_LEAST_SECONDS
        self._lock = asyncio.Lock()

    async def current(self) -> Catalogue:
        """The catalogue, at most a second old. One request at a time looks after it; others get the one before meanwhile."""
        if self._lock.locked() and self._seen:
            return self._current
        async with self._lock:
            now = self._now()
            if now - self._looked >= LOOK_SECONDS:
                await self._look(now)
                self._looked = now
        return self._current

    async def _look(self, now: float) -> None:
        async with self.database.transaction() as session:
            seen = await fingerprint(session)
            if seen == self._seen and now - self._loaded < AT_LEAST_SECONDS:
                return
            lines, categories = await public_lines(session), await list_categories(session)
        self._current = await asyncio.to_thread(build_catalogue, lines, categories)
        self._seen, self._loaded = seen, now
