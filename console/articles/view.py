"""What the article pages are told, as JSON. The only HTML among it is what `knowledge.markdown.render` has made safe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from console.inbox.view import milliseconds
from knowledge import markdown
from knowledge.articles import LANGUAGES
from knowledge.difference import Line
from knowledge.expiry import is_expired, is_stale
from knowledge.translations import outdated
from knowledge.trying import Found, Trial
from knowledge.types import Article, ArticleFile, Version, WorkingCopy

Json = dict[str, Any]
_WORKING = ("draft", "in_review")


def staff_html(body: str) -> str:
    """Safe HTML in which files are asked for from the console, which also has those of internal articles."""
    html = markdown.render(body)
    return html.replace('src="/article-files/', 'src="/console/article-files/').replace(
        'href="/article-files/', 'href="/console/article-files/'
    )


def line_json(article: Article, names: Mapping[str, str], now: datetime) -> Json:
    """An article as a line of the list: its title in the source language or the first that has one, and how far each language is."""
    first = next((v for language in (article.source, *LANGUAGES) if (v := article.newest(language))), None)
    return _head(article, now) | {
        "title": first.title if first else article.id,
        "ownerName": names.get(article.owner, article.owner),
        "changedAt": milliseconds(article.changed_at),
        "languages": {language: language_status(article, language) for language in LANGUAGES},
    }


def _head(article: Article, now: datetime) -> Json:
    return {
        "id": article.id,
        "status": article.status,
        "category": article.category,
        "tags": list(article.tags),
        "audience": article.audience,
        "owner": article.owner,
        "source": article.source,
        "reviewBy": article.review_by.isoformat() if article.review_by else "",
        "expiresAt": milliseconds(article.expires_at) if article.expires_at else None,
        "stale": is_stale(article, now.date()),
        "expired": is_expired(article, now),
        "outdated": list(outdated(article)),
    }


def language_status(article: Article, language: str) -> list[str]:
    """`published`, `draft` and `in_review`, as far as that language has them."""
    return [status for status in ("published", *_WORKING) if article.find(language, status) is not None]


def article_json(article: Article, history: Mapping[str, Sequence[Version]], names: Mapping[str, str], now: datetime) -> Json:
    """An article for its editor: `history` holds every version of each language, newest first; `names` who wrote them."""
    return _head(article, now) | {
        "ownerName": names.get(article.owner, article.owner),
        "languages": {language: _language_json(history.get(language, ()), names) for language in LANGUAGES},
    }


def _language_json(versions: Sequence[Version], names: Mapping[str, str]) -> Json:
    shown = next((v for v in versions if v.status != "archived"), versions[0] if versions else None)
    working = next((v for v in versions if v.status in _WORKING), None)
    return {
        "title": shown.title if shown else "",
        "body": shown.body if shown else "",
        "questions": "\n".join(shown.questions) if shown else "",
        "newest": versions[0].version if versions else 0,
        "draft": working is not None,
        "review": working is not None and working.status == "in_review",
        "writers": [working.editor, working.submitted_by] if working else [],
        "submitter": names.get(working.submitted_by, working.submitted_by) if working else "",
        "note": working.note if working else "",
        "published": any(v.status == "published" for v in versions),
        "translatedFrom": shown.translated_from if shown else None,
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


def copy_json(copy: WorkingCopy) -> Json:
    """What somebody has typed, for themselves."""
    text = {"title": copy.title, "body": copy.body, "questions": "\n".join(copy.questions)}
    return text | {"expected": copy.base, "typed": milliseconds(copy.at)}


def file_json(file: ArticleFile) -> Json:
    """An attachment, with the Markdown that shows it."""
    return {
        "id": str(file.id),
        "name": file.name,
        "type": file.media_type,
        "size": file.size,
        "image": file.is_image,
        "url": f"/console{file.url}",
        "markdown": f"{'!' if file.is_image else ''}[{file.name}]({file.url})",
    }


def difference_json(lines: Sequence[Line]) -> list[Json]:
    """The lines of a comparison."""
    return [asdict(line) for line in lines]


def trial_json(trial: Trial) -> Json:
    """A question before and after publishing."""
    return {"before": _found_json(trial.before), "after": _found_json(trial.after) if trial.after else None}


def _found_json(found: Found) -> Json:
    hits = [
        {
            "article": hit.passage.article_id,
            "language": hit.passage.language,
            "passage": hit.passage.id,
            "path": list(hit.passage.title_path),
            "text": hit.passage.text[:300],
            "score": round(hit.score, 3),
            "confidence": round(hit.confidence, 3),
        }
        for hit in found.hits
    ]
    said = found.answer
    turn = asdict(found.turn) | {"confidence": round(found.turn.confidence, 3)} if found.turn is not None else None
    sure = {"confidence": round(said.confidence, 3), "threshold": round(found.threshold, 3)}
    return {"said": said.text, **sure, "hits": hits, "turn": turn}
