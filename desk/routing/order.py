"""The order of the queue in SQL, the same that the assigner works it off in: for the inbox, and for the place that customers are told."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, DateTime, literal_column

from desk.routing.types import HEAD_START, Priority


def place_sql(conversation: str) -> str:
    """Where a waiting conversation (named so in the statement) stands: the earliest is the next.

    Until it is routed, its urgency counts as its priority.
    """
    c, starts = conversation, {u: HEAD_START[p] // timedelta(seconds=1) for u, p in ((1, Priority.HIGH), (2, Priority.URGENT))}
    urgency = f"CASE WHEN {c}.urgency <= 0 THEN 0 WHEN {c}.urgency = 1 THEN {starts[1]} ELSE {starts[2]} END"
    routed = f"{c}.routed_epoch = {c}.epoch AND {c}.queue_at IS NOT NULL"
    return f"CASE WHEN {routed} THEN {c}.queue_at ELSE {c}.waiting_since - {urgency} * interval '1 second' END"


def queue_place() -> ColumnElement[datetime]:
    """The same for queries over ConversationRow."""
    return literal_column(f"({place_sql('conversation')})", DateTime(timezone=True))
