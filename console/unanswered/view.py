"""What the page of unanswered questions is told, as JSON. Nothing in it is HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from console.inbox.view import milliseconds
from context.redaction.redactor import without_marks
from insights.unanswered.deciding import propose_id
from insights.unanswered.reading import Question, QuestionDetail, Wording

Json = dict[str, Any]


def question_json(one: Question) -> Json:
    """A question as a card of the list."""
    return {
        "id": str(one.id),
        "text": one.text,
        "language": one.language,
        "status": one.status,
        "asked": one.asked,
        "conversations": one.conversations,
        "handoffs": one.handoffs,
        "sinceClosed": one.since_closed,
        "languages": list(one.languages),
        "lastAt": milliseconds(one.last_at),
        "found": _found_json(one),
        "article": one.article_id,
        "articleLanguage": one.article_language,
        "reason": one.reason,
        "by": one.decided_by,
        "decidedAt": milliseconds(one.decided_at),
        "closedAt": milliseconds(one.closed_at),
        "reopenedAt": milliseconds(one.reopened_at),
        "reopenedWhy": one.reopened_why,
        "reopenedTimes": one.reopened_times,
    }


def _found_json(one: Question) -> Json | None:
    if one.found_article is None:
        return None
    percent, share = round(100 * (one.found_confidence or 0)), round(100 * (one.found_share or 0))
    return {"article": one.found_article, "language": one.found_language, "percent": percent, "share": share}


def detail_json(detail: QuestionDetail, near: Sequence[tuple[UUID, str, float]]) -> Json:
    """A question opened: wordings, drafts, what the form begins with, and questions that may be the same."""
    question = detail.question
    return {
        "id": str(question.id),
        "wordings": [_wording_json(one) for one in detail.wordings],
        "drafts": {code: {"text": one.text, "replies": list(one.replies), "count": one.count} for code, one in detail.drafts.items()},
        "proposal": {
            "id": propose_id(without_marks(question.text), fallback=f"question-{str(question.id)[:8]}"),
            "title": _sentence(without_marks(question.text)),
            "language": question.language,
        },
        "near": [{"id": str(identity), "text": text, "percent": round(100 * cosine)} for identity, text, cosine in near],
    }


def _wording_json(one: Wording) -> Json:
    marked = without_marks(one.text) != one.text
    return {
        "text": one.text,
        "clean": without_marks(one.text),
        "language": one.language,
        "count": one.count,
        "handoffs": one.handoffs,
        "marked": marked,
        "conversation": str(one.conversation_id) if one.conversation_id else None,
    }


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
