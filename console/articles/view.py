"""What the article pages are told, as JSON. The only HTML among it is the preview, made safe by `knowledge.markdown.render`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.inbox.view import milliseconds
from context.staff.models import StaffRow
from knowledge.articles import LANGUAGES
from knowledge.types import Article, Version

Json = dict[str, Any]


def line_json(article: Article) -> Json:
    """An article as a line of the list: its title in the first language that has one, and how far each language is."""
    first = next((v for language in LANGUAGES for v in article.versions if v.language == language), None)
    return {
        "id": article.id,
        "title": first.title if first else article.id,
        "status": article.status,
        "category": article.category,
        "audience": article.audience,
        "changedAt": milliseconds(article.changed_at),
        "languages": {language: language_status(article, language) for language in LANGUAGES},
    }


def language_status(article: Article, language: str) -> list[str]:
    """`published` and `draft`, as far as that language has them."""
    return [status for status in ("published", "draft") if article.find(language, status) is not None]


def article_json(article: Article, history: Mapping[str, Sequence[Version]], names: Mapping[str, str]) -> Json:
    """An article for its editor: `history` holds every version of each language, newest first; `names` who wrote them."""
    return {
        "id": article.id,
        "status": article.status,
        "category": article.category,
        "tags": list(article.tags),
        "audience": article.audience,
        "languages": {language: _language_json(history.get(language, ()), names) for language in LANGUAGES},
    }


def _language_json(versions: Sequence[Version], names: Mapping[str, str]) -> Json:
    shown = next((v for v in versions if v.status in ("draft", "published")), versions[0] if versions else None)
    return {
        "title": shown.title if shown else "",
        "body": shown.body if shown else "",
        "questions": "\n".join(shown.questions) if shown else "",
        "newest": versions[0].version if versions else 0,
        "draft": any(v.status == "draft" for v in versions),
        "published": any(v.status == "published" for v in versions),
        "versions": [version_json(v, names) for v in versions],
    }


def version_json(version: Version, names: Mapping[str, str]) -> Json:
    """A line of the list of versions."""
    return {
        "version": version.version,
        "status": version.status,
        "title": version.title,
        "editor": names.get(version.editor, version.editor),
        "at": milliseconds(version.at),
    }


async def find_names(session: AsyncSession, versions: Sequence[Version]) -> dict[str, str]:
    """Names of the people who wrote these versions; other editors (an import) keep their own word."""
    ids = {UUID(v.editor) for v in versions if _is_id(v.editor)}
    if not ids:
        return {}
    rows = (await session.execute(select(StaffRow.id, StaffRow.name).where(StaffRow.id.in_(ids)))).all()
    return {str(found): name for found, name in rows}


def _is_id(editor: str) -> bool:
    try:
        UUID(editor)
    except ValueError:
        return False
    return True
