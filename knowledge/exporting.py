"""Everything in the knowledge base as Markdown files with front matter, one for each text, which import back to the same.

Pictures and attachments lie beside them in `_files/`, a folder for each article, and are linked relatively.
"""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.blobs import BlobStore
from kit.errors import InvalidInputError
from knowledge.articles import LANGUAGES, list_articles, versions
from knowledge.files import FileMissingError, as_file, read_bytes
from knowledge.frontmatter import write_markdown
from knowledge.imports.details import own_file
from knowledge.models import FileRow
from knowledge.sources.files import ATTACHED
from knowledge.sources.links import find_links, relink
from knowledge.types import Article, ArticleFile, Version

PAGE = 200
_WHEN = (2000, 1, 1, 0, 0, 0)


@dataclass
class Export:
    """What an export holds: texts by path (`en/return-policy.md`), and attachments by theirs. `lost` are those without bytes."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, ArticleFile]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


async def export_articles(session: AsyncSession) -> Export:
    """All articles. A draft beside a published text is `en/return-policy.draft.md`.

    Of an article that was archived the newest text of each language is written, with `status: archived`. What waits for a reviewer is a
    draft; older versions, notes and what somebody has typed and not saved are not in it.
    """
    known = {str(row.id): as_file(row) for row in (await session.execute(select(FileRow))).scalars()}
    export = Export()
    offset = 0
    while articles := await list_articles(session, limit=PAGE, offset=offset):
        for article in articles:
            if article.status == "archived":
                article = await _retired(session, article)
            _add(export, article, known)
        offset += PAGE
    export.texts.sort()
    export.files.sort(key=lambda one: one[0])
    return export


async def _retired(session: AsyncSession, article: Article) -> Article:
    histories = [await versions(session, article.id, language) for language in LANGUAGES]
    return replace(article, versions=tuple(history[0] for history in histories if history))


def _add(export: Export, article: Article, known: dict[str, ArticleFile]) -> None:
    """An article's texts, and its files: its own and those of others that it shows."""
    chosen = [(version, *named) for version in article.versions if (named := _name(version, article)) is not None]
    if not chosen:
        return
    shown = {name for version, _, _ in chosen for name in _shown(version.body, known)}
    own = {name for name, file in known.items() if file.article_id == article.id}
    paths = _paths(article.id, [known[name] for name in shown | own])
    linked = {paths[_mark(known[name])] for name in shown}
    export.files += {paths[_mark(known[name])]: known[name] for name in sorted(shown | own)}.items()
    beside = [f"../{path}" for path in sorted(set(paths.values()) - linked)]
    targets = {name: f"../{paths[_mark(known[name])]}" for name in shown}
    for version, path, status in chosen:
        moved = replace(version, body=relink(version.body, lambda target, to=targets: to.get(own_file(target))))  # type: ignore[misc]
        export.texts.append((f"{version.language}/{path}", write_markdown(article, moved, status=status, attachments=beside)))


def _shown(body: str, known: dict[str, ArticleFile]) -> Iterator[str]:
    return (name for link in find_links(body) if (name := own_file(link.target)) in known) if "/article-files/" in body else iter(())


def _mark(file: ArticleFile) -> tuple[str, str]:
    """The same file twice is one."""
    return file.name, file.digest


def _paths(article_id: str, files: Iterable[ArticleFile]) -> dict[tuple[str, str], str]:
    """Where files lie: under their names, and where two differ under the same name, the second with its digest before it."""
    paths: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for name, digest in sorted({_mark(file) for file in files}):
        folder = f"{ATTACHED}/{article_id}" + (f"/{digest[:12]}" if name.casefold() in taken else "")
        taken.add(name.casefold())
        paths[name, digest] = f"{folder}/{name}"
    return paths


def _name(version: Version, article: Article) -> tuple[str, str] | None:
    """(file name, status) of a version; None for one that cannot be brought back: an empty text that was retired."""
    if article.status == "archived":
        return (f"{version.article_id}.md", "archived") if version.body.strip() else None
    if version.status == "published":
        return f"{version.article_id}.md", "published"
    published = any((one.language, one.status) == (version.language, "published") for one in article.versions)
    return f"{version.article_id}{'.draft' if published else ''}.md", "draft"


async def write_folder(folder: Path, export: Export, blobs: BlobStore) -> int:
    """Writes the files below `folder`, which must be new or empty, so that no older export is mixed in; returns how many.

    Raises InvalidInputError.
    """
    await asyncio.to_thread(_begin, folder)
    written = 0
    async for name, data in _all(export, blobs):
        await asyncio.to_thread(_write, folder / name, data)
        written += 1
    return written


def _begin(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidInputError(f"{folder} is there already and not an empty folder", hint="Name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


async def pack(target: BinaryIO, export: Export, blobs: BlobStore) -> int:
    """The files as a zip archive, the same bytes for the same files; returns how many."""
    written = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        async for name, data in _all(export, blobs):
            await asyncio.to_thread(archive.writestr, zipfile.ZipInfo(name, _WHEN), data, zipfile.ZIP_DEFLATED)
            written += 1
    return written


async def _all(export: Export, blobs: BlobStore) -> AsyncIterator[tuple[str, bytes]]:
    """One after the other, so that only one attachment is in memory."""
    for name, text in export.texts:
        yield name, text.encode()
    for name, file in export.files:
        try:
            yield name, await read_bytes(blobs, file)
        except FileMissingError:
            export.lost.append(name)
