"""The order of the queue in SQL, the same that the assigner works it off in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Interval, case, literal
from sqlalchemy.orm import InstrumentedAttribute

from context.models import ConversationRow
from desk.routing.types import HEAD_START, Priority


def queue_place() -> ColumnElement[datetime]:
    """Where a waiting conversation stands: the earliest is the next. Until it is routed, its urgency counts as its priority."""
    since: InstrumentedAttribute[Any] = ConversationRow.waiting_since
    starts = {
        urgency: literal(HEAD_START[priority], Interval)
        for urgency, priority in ((0, Priority.NORMAL), (1, Priority.HIGH), (2, Priority.URGENT))
    }
    unrouted = since - case(starts, value=ConversationRow.urgency, else_=literal(HEAD_START[Priority.URGENT], Interval))
    return case(
        ((ConversationRow.routed_epoch == ConversationRow.epoch) & ConversationRow.queue_at.is_not(None), ConversationRow.queue_at),
        else_=unrouted,
    )
