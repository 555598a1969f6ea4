"""What the page for importing is told, as JSON. All of it is data from strangers: the browser shows it as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from console.inbox.view import milliseconds
from knowledge.imports.differences import DiffLine
from knowledge.imports.types import Item, Run, Source

Json = dict[str, Any]


def source_json(source: Source, run: Run | None) -> Json:
    """A source with its newest run."""
    return {
        "id": str(source.id),
        "kind": source.kind,
        "location": source.location,
        "publish": source.publish,
        "every": source.every_hours,
        "unasked": source.unasked,
        "nextAt": milliseconds(source.next_at),
        "by": source.by.name,
        "run": run_json(run) if run else None,
    }


def run_json(run: Run) -> Json:
    """A run: how far it is, or what it found."""
    return {
        "id": str(run.id),
        "state": run.state,
        "scheduled": run.scheduled,
        "mine": run.worker,
        "by": run.by.name,
        "done": run.done,
        "total": run.total,
        "counts": dict(run.counts),
        "error": run.error,
        "askedAt": milliseconds(run.asked_at),
        "endedAt": milliseconds(run.ended_at),
    }


def item_json(item: Item) -> Json:
    """A line of a preview or of a result."""
    return {
        "number": item.number,
        "key": item.key,
        "state": item.state,
        "reason": item.reason,
        "article": item.article_id,
        "language": item.language,
        "title": item.title,
        "notes": list(item.notes),
        "changes": list(item.changes),
        "added": item.added,
        "removed": item.removed,
        "taken": item.take if item.take is not None else item.state in {"new", "changed"},
        "outcome": item.outcome,
    }


def lines_json(lines: Sequence[DiffLine]) -> list[Json]:
    """The lines of a difference."""
    return [{"kind": line.kind, "text": line.text} for line in lines]
