"""What a source says of an article beside its texts, against what is here; and texts in a form in which files are named by their bytes.

Only what is said counts: a source that says nothing of an owner leaves the owner that an article has.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from knowledge.importing import common_fields
from knowledge.models import ArticleRow
from knowledge.sources.links import relink
from knowledge.sources.types import SourceFile, SourceItem
from knowledge.types import ArticleDraft, Details

FILES = "files"
Told = dict[str, Any]
_OWN = re.compile(r"/article-files/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/|$)")


def item_from(data: Mapping[str, Any]) -> SourceItem:
    """An item as stored."""
    lists = {name: None if data.get(name) is None else tuple(data[name]) for name in ("tags", "questions", "notes")}
    more = {name: tuple(data.get(name) or ()) for name in ("attachments", "missed")}
    return SourceItem(**{**data, **lists, **more, FILES: tuple(SourceFile(**one) for one in data.get(FILES) or ())})


def draft_of(item: SourceItem, article_id: str, language: str, *, audience: str = "public") -> ArticleDraft:
    """The item as a draft, not checked yet; `audience` is for one that does not say."""
    return ArticleDraft(
        article_id, language, item.title[:300], item.body, item.category, item.tags, item.audience or audience, item.questions,
        item.owner, item.source, date.fromisoformat(item.review_by) if item.review_by else None,
        datetime.fromisoformat(item.expires_at) if item.expires_at else None,
    )  # fmt: skip


def told_of(found: Iterable[tuple[SourceItem, ArticleDraft]]) -> dict[str, Told]:
    """What is said of each article by all of its items."""
    pairs = list(found)
    told = {one.id: details_of(one) for one in common_fields([draft for _, draft in pairs])}
    for item, draft in pairs:
        beside = {file.digest for file in item.files if not file.link}
        if beside:
            told[draft.id][FILES] = sorted(beside | set(told[draft.id].get(FILES, ())))
    return told


def details_of(draft: ArticleDraft) -> Told:
    """What a draft says that holds for all languages of its article."""
    told: Told = {"category": draft.category, "tags": list(draft.tags), "audience": draft.audience}
    if draft.owner is not None:
        told["owner"] = draft.owner
    if draft.source is not None:
        told["source"] = draft.source
    if draft.review_by is not None:
        told["review_by"] = draft.review_by.isoformat()
    if draft.expires_at is not None:
        told["expires_at"] = draft.expires_at.isoformat()
    return told


def details_here(row: ArticleRow, digests: Iterable[str]) -> Told:
    """All that could be said of an article that is here."""
    told: Told = {"category": row.category, "tags": list(row.tags), "audience": row.audience, "owner": row.owner, "source": row.source}
    told["review_by"], told["expires_at"], told[FILES] = row.review_by, row.expires_at, set(digests)
    return told


def differs(told: Told, here: Told) -> bool:
    """Whether something that is said is not so here."""
    return any(_as_here(name, value) != here[name] for name, value in told.items() if name != FILES) or bool(
        set(told.get(FILES, ())) - here[FILES]
    )


def with_told(details: Details, told: Told) -> Details:
    """The details of an article with those that are said."""
    given = {name: _as_here(name, value) for name, value in told.items() if name != FILES}
    return replace(details, **{**given, "tags": tuple(given["tags"])})


def _as_here(name: str, value: Any) -> Any:
    if name == "review_by":
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if name == "expires_at" else value


def portable(body: str, files: Iterable[SourceFile]) -> str:
    """The text of an item with its files named by their bytes, wherever they lie."""
    digests = {file.link: f"file:{file.digest}" for file in files if file.link}
    return relink(body, digests.get) if digests else body


def portable_here(body: str, digests: Mapping[str, str]) -> str:
    """The text of an article with files named by their bytes; `digests` by the id of the file."""

    def named(target: str) -> str | None:
        own = own_file(target)
        return f"file:{digests[own]}" if own in digests else None

    return relink(body, named) if "/article-files/" in body else body


def own_file(target: str) -> str:
    """The id of the attachment that a link of an article names; empty when it names none."""
    found = _OWN.match(target)
    return found[1] if found else ""


def digest(title: str, body: str, questions: Sequence[str] | None) -> str:
    """Stands for a text; questions that a source does not say anything of do not count."""
    told = json.dumps([title, body, list(questions) if questions is not None else None], ensure_ascii=False)
    return hashlib.blake2b(told.encode(errors="surrogatepass"), digest_size=16).hexdigest()
