"""What tests of imports share: a folder as a source, and somebody who works on its runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from kit.blobs import MemoryBlobs
from kit.db import Database
from knowledge import articles
from knowledge.imports import runs, sources
from knowledge.imports.runner import Importer
from knowledge.imports.types import Item, Person, Run, Source
from knowledge.sources.apart import Inside
from knowledge.sources.types import Options
from knowledge.types import Version
from nlu.language import identify

EVE = Person("eve", "Eve")


@dataclass
class Desk:
    """Imports in a test database. `announced` has what was published."""

    database: Database
    announced: list[str] = field(default_factory=list)
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)

    def importer(self, owner: str = "test") -> Importer:
        """One who works on runs."""

        async def announce(_session: AsyncSession, names: Sequence[str]) -> None:
            self.announced += names

        return Importer(self.database, self.blobs, owner, announce, lambda text: identify(text).language, apart=Inside)

    async def source(self, location: Path | str, *, options: Options | None = None, publish: bool = True, kind: str = "files") -> Source:
        """A source; by default a folder."""
        async with self.database.transaction() as session:
            return await sources.keep_source(
                session, kind=kind, location=str(location), options=options or Options(), by=EVE, publish=publish
            )  # fmt: skip

    async def ask(self, source: Source, *, unasked: bool = False) -> Run:
        """A new run, not yet worked on."""
        async with self.database.transaction() as session:
            return await runs.ask(session, source.id, by=EVE, unasked=unasked)

    async def preview(self, source: Source) -> Run:
        """A new run, read and compared."""
        return await self.importer().work((await self.ask(source)).id)

    async def store(self, run: Run) -> Run:
        """Has a run that waits stored."""
        async with self.database.transaction() as session:
            await runs.approve(session, run.id, by=EVE)
        return await self.importer().work(run.id)

    async def bring(self, source: Source) -> Run:
        """Reads and stores; a run that found nothing new is over at once."""
        run = await self.preview(source)
        return await self.store(run) if run.state == "ready" else run

    async def items(self, run: Run, state: str = "") -> list[Item]:
        """What a run found."""
        async with self.database.transaction() as session:
            return await runs.list_items(session, run.id, state=state)

    async def published(self, article_id: str, language: str = "en") -> Version | None:
        """What readers see."""
        async with self.database.transaction() as session:
            return await articles.find_published(session, article_id, language)


def write(folder: Path, **files: str) -> None:
    """Markdown files by their id; `returns="Text"` has a title of its own."""
    folder.mkdir(exist_ok=True)
    for name, body in files.items():
        (folder / f"{name}.md").write_text(f"---\nid: {name}\nlanguage: en\ntitle: About {name}\ncategory: shop\n---\n{body}\n")
