"""Articles as the shapes of /v1."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from context.editorial import schemas
from knowledge.difference import changes, compare
from knowledge.expiry import is_expired, is_stale
from knowledge.translations import outdated
from knowledge.trying import Found, Trial
from knowledge.types import Article, ArticleFile, Version


def version_out(version: Version) -> schemas.VersionOut:
    """A version with its text."""
    return schemas.VersionOut.model_validate(version, from_attributes=True)


def article_out(article: Article, now: datetime) -> schemas.ArticleOut:
    """An article with its texts."""
    head = _head(article, now)
    return schemas.ArticleOut(**head.model_dump(), versions=[version_out(version) for version in article.versions])


def article_line(article: Article, now: datetime) -> schemas.ArticleLine:
    """An article without its texts."""
    lines = [schemas.VersionLine.model_validate(version, from_attributes=True) for version in article.versions]
    return schemas.ArticleLine(**_head(article, now).model_dump(), versions=lines)


def _head(article: Article, now: datetime) -> schemas.ArticleHead:
    return schemas.ArticleHead(
        **asdict(article.details),
        id=article.id,
        status=article.status,
        changed_at=article.changed_at,
        stale=is_stale(article, now.date()),
        expired=is_expired(article, now),
        outdated=list(outdated(article)),
    )


def difference_out(before: Version, after: Version) -> schemas.DifferenceOut:
    """What changed between two versions."""
    body = compare(before.body, after.body)
    return schemas.DifferenceOut.model_validate(
        {
            "before": before.version,
            "after": after.version,
            "changes": changes(body),
            "title": compare(before.title, after.title),
            "body": body,
            "questions": compare("\n".join(before.questions), "\n".join(after.questions)),
        },
        from_attributes=True,
    )


def file_out(file: ArticleFile) -> schemas.FileOut:
    """A file with the Markdown that shows it."""
    return schemas.FileOut(**asdict(file), url=file.url, markdown=f"{'!' if file.is_image else ''}[{file.name}]({file.url})")


def trial_out(trial: Trial) -> schemas.TrialOut:
    """What a question finds."""
    return schemas.TrialOut(before=_found(trial.before), after=_found(trial.after) if trial.after else None)


def _found(found: Found) -> schemas.FoundOut:
    hits = [
        schemas.HitOut(
            article_id=hit.passage.article_id,
            language=hit.passage.language,
            passage_id=hit.passage.id,
            title_path=list(hit.passage.title_path),
            text=hit.passage.text,
            score=hit.score,
            confidence=hit.confidence,
        )
        for hit in found.hits
    ]
    turn = schemas.TurnedOut(**asdict(found.turn)) if found.turn is not None else None
    return schemas.FoundOut(said=found.answer.text, confidence=found.answer.confidence, threshold=found.threshold, hits=hits, turn=turn)
