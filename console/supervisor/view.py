"""What the supervisors' page is told, as JSON. Nothing in it is HTML. Times are milliseconds since 1970 (UTC)."""

from __future__ import annotations

from typing import Any

from console.inbox.view import milliseconds
from desk.alerts.listing import AlertView
from desk.supervising import PersonLine, WaitingLine
from insights.today import Today

Json = dict[str, Any]


def waiting_json(one: WaitingLine) -> Json:
    """A conversation that waits."""
    return {
        "id": str(one.id),
        "name": one.name,
        "channel": one.channel,
        "language": one.language,
        "preview": one.preview,
        "reason": one.reason,
        "priority": one.priority,
        "team": one.team,
        "since": milliseconds(one.since),
        "dueAt": milliseconds(one.due_at),
        "dueMetric": one.due_metric,
    }


def person_json(one: PersonLine) -> Json:
    """Somebody with presence, load and what they hold."""
    holds = [
        {"id": str(held.id), "name": held.name, "channel": held.channel, "status": held.status, "dueAt": milliseconds(held.due_at)}
        for held in one.holds
    ]
    return {"id": str(one.id), "name": one.name, "state": one.state.value, "capacity": one.capacity, "holds": holds}


def alert_json(one: AlertView) -> Json:
    """An alert that stands."""
    return {
        "id": str(one.id), "conversation": str(one.conversation_id), "kind": one.kind, "severity": one.severity, "detail": one.detail,
        "at": milliseconds(one.at), "name": one.contact_name or "", "channel": one.channel, "handler": one.handler, "agent": one.agent_name,
    }  # fmt: skip


def today_json(one: Today) -> Json:
    """The figures: shares as whole percents, times in milliseconds."""
    return {
        "waiting": one.waiting,
        "longest": _milli(one.longest_wait),
        "opened": one.opened,
        "answered": one.answered,
        "handoffs": one.handoffs,
        "p50": _milli(one.first_response_p50),
        "p90": _milli(one.first_response_p90),
        "containment": _percent(one.containment),
        "abandonment": _percent(one.abandonment),
        "csat": _percent(one.csat),
        "ratings": one.ratings,
    }


def _milli(seconds: float | None) -> int | None:
    return None if seconds is None else round(1000 * float(seconds))


def _percent(share: float | None) -> int | None:
    return None if share is None else round(100 * share)
