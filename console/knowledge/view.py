"""What the page about the knowledge base is told, as JSON. Nothing in it is HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from console.inbox.view import milliseconds
from insights.health.reading import BrokenLink, Finding, Overview, Side
from insights.health.stale import Stale
from insights.usage.reading import AskedFor, Usage, WhoAsks
from knowledge.calibration import WEIGHT_OF_HEADINGS

Json = dict[str, Any]


def usage_json(one: Usage) -> Json:
    """A line of the usage table."""
    return {
        "article": one.article_id,
        "language": one.language,
        "title": one.title,
        "status": one.status,
        "cited": one.cited,
        "failed": one.failed,
        "shown": one.shown,
        "used": one.used,
        "helped": one.helped,
        "not_helped": one.not_helped,
        "thumbs_up": one.thumbs_up,
        "thumbs_down": one.thumbs_down,
        "last_at": milliseconds(one.last_at),
    }


def who_asks_json(one: WhoAsks, title: str) -> Json:
    """Who asks for an article."""
    return {"article": one.article_id, "title": title, "answered": _asked(one.answered), "notAnswered": _asked(one.not_answered)}


def _asked(lines: Sequence[AskedFor]) -> list[Json]:
    return [
        {
            "text": one.text,
            "language": one.language,
            "count": one.count,
            "outcomes": list(one.outcomes),
            "lastAt": milliseconds(one.last_at),
        }
        for one in lines
    ]


def finding_json(one: Finding) -> Json:
    """A candidate, side by side."""
    return {
        "id": str(one.id),
        "kind": one.kind,
        "one": _side(one.one),
        "other": _side(one.other),
        "percent": round(100 * one.score),
        "differs": [{"kind": kind, "one": first, "other": second} for kind, first, second in one.differs],
        "by": one.dismissed_by,
    }


def _side(one: Side) -> Json:
    return {"article": one.article_id, "language": one.language, "text": one.text}


def stale_json(one: Stale) -> Json:
    """An article that may be out of date."""
    return {
        "article": one.article_id, "language": one.language, "title": one.title, "why": one.why, "since": milliseconds(one.since),
        "asked": one.asked, "source": one.source,
    }  # fmt: skip


def link_json(one: BrokenLink) -> Json:
    """A link that leads nowhere."""
    return {
        "article": one.article_id, "language": one.language, "written": one.written, "why": one.why, "detail": one.detail,
        "checkedAt": milliseconds(one.checked_at),
    }  # fmt: skip


def overview_json(one: Overview) -> Json:
    """The numbers on the tabs."""
    return {
        "duplicate": one.duplicates, "contradiction": one.contradictions, "stale": one.stale, "links": one.broken, "read": one.read,
        "published": one.published, "allLinks": one.links, "unchecked": one.unchecked,
        "expected": [
            {"language": family, "precision": round(100 * curve.precision), "answered": round(100 * curve.answered),
             "abstained": round(100 * curve.abstained), "examples": curve.examples, "real": curve.real_answered + curve.real_unanswered,
             "made": curve.examples - curve.real_answered - curve.real_unanswered, "realAnswered": curve.real_answered,
             "realUnanswered": curve.real_unanswered, "asked": curve.weight > WEIGHT_OF_HEADINGS}
            for family, curve in sorted(one.expected.items())
        ],
        "calibratedAt": milliseconds(one.calibrating.calibrated_at), "calibrationAskedAt": milliseconds(one.calibrating.asked_at),
    }  # fmt: skip
