"""Everything in the knowledge base as Markdown files with front matter, one for each text, which import back to the same."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import InvalidInputError
from knowledge.articles import LANGUAGES, list_articles, versions
from knowledge.frontmatter import write_markdown
from knowledge.types import Article, Version

PAGE = 200


async def export_articles(session: AsyncSession) -> list[tuple[str, str]]:
    """(path, text) of every file: `en/return-policy.md`; a draft beside a published text is `en/return-policy.draft.md`.

    Of an article that was archived the newest text of each language is written, with `status: archived`.
    """
    files: list[tuple[str, str]] = []
    offset = 0
    while articles := await list_articles(session, limit=PAGE, offset=offset):
        for article in articles:
            if article.status == "archived":
                article = await _retired(session, article)
            files += _files(article)
        offset += PAGE
    return files


async def _retired(session: AsyncSession, article: Article) -> Article:
    histories = [await versions(session, article.id, language) for language in LANGUAGES]
    return replace(article, versions=tuple(history[0] for history in histories if history))


def _files(article: Article) -> Iterator[tuple[str, str]]:
    retired = article.status == "archived"
    published = {version.language for version in article.versions if version.status == "published"}
    for version in article.versions:
        if not version.body.strip():
            continue
        name, status = _name(version, published, retired=retired)
        yield f"{version.language}/{name}", write_markdown(article, version, status=status)


def _name(version: Version, published: set[str], *, retired: bool) -> tuple[str, str]:
    if retired:
        return f"{version.article_id}.md", "archived"
    if version.status == "published":
        return f"{version.article_id}.md", "published"
    return f"{version.article_id}{'.draft' if version.language in published else ''}.md", "draft"


def write_folder(folder: Path, files: list[tuple[str, str]]) -> None:
    """Writes the files below `folder`, which must be new or empty, so that no older export is mixed in. Raises InvalidInputError."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidInputError(f"{folder} is there already and not an empty folder", hint="Name a new folder.")
    for name, text in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    folder.mkdir(parents=True, exist_ok=True)


def pack(files: list[tuple[str, str]]) -> bytes:
    """The files as a zip archive, the same bytes for the same files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files:
            archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), text.encode(), zipfile.ZIP_DEFLATED)
    return target.getvalue()
