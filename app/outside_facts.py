"""What of a handoff an outside desk can sort and search by: priority, labels, attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.labels.keeping import labels_of, list_labels
from context.models import ConversationRow, HandoffRow, MessageRow
from context.types import Author

LEVELS = ("low", "medium", "high", "urgent")
PREFIX = "baton"
MOST_ORDERS = 5


async def facts_of(session: AsyncSession, conversation: ConversationRow, handoff: HandoffRow) -> dict[str, Any]:
    """`priority` only where it is raised, `labels`, `attributes`, and `before`: the attributes that the desk told of."""
    newest = select(MessageRow).where(MessageRow.conversation_id == conversation.id, MessageRow.author == Author.CUSTOMER)
    message = (await session.execute(newest.order_by(MessageRow.seq.desc()).limit(1))).scalar_one_or_none()
    desk = message.body.get("metadata", {}).get("desk", {}) if message is not None else {}
    level = max(conversation.priority, 1 + handoff.urgency)
    there = LEVELS.index(desk["priority"]) if desk.get("priority") in LEVELS else 1
    return {
        "priority": LEVELS[min(level, 3)] if level > there else None,
        "labels": [f"{PREFIX}-{_slug(handoff.reason)}", *await _labels(session, conversation)],
        "attributes": _attributes(handoff.packet, message.understanding if message is not None else None),
        "before": {name: value for name, value in desk.get("attributes", {}).items() if not name.startswith(f"{PREFIX}_")},
    }


def said_of(facts: Mapping[str, Any]) -> str:
    """The same in a line, for Baton's own people."""
    return "→ " + ", ".join([*([facts["priority"]] if facts["priority"] else []), *(f"#{label}" for label in facts["labels"])])


def _attributes(packet: Mapping[str, Any], understanding: Mapping[str, Any] | None) -> dict[str, str]:
    known = {
        "reason": packet["reason"],
        "language": packet.get("language"),
        "intent": (understanding or {}).get("intent"),
        "mood": _mood(packet.get("sentiment") or {}),
        "orders": ", ".join(packet.get("orders_seen", ())[:MOST_ORDERS]),
        "team": packet.get("suggested_team"),
    }
    return {f"{PREFIX}_{name}": str(value) for name, value in known.items() if value}


def _mood(sentiment: Mapping[str, Any]) -> str | None:
    if sentiment.get("angry"):
        return "angry"
    return "unhappy" if sentiment.get("level", 0) < 0 else None


async def _labels(session: AsyncSession, conversation: ConversationRow) -> list[str]:
    on = (await labels_of(session, [conversation.id])).get(conversation.id, [])
    titles = {label.id: label.title for label in await list_labels(session)} if on else {}
    return [_slug(titles[one]) for one in on if _slug(titles.get(one, ""))]


def _slug(title: str) -> str:
    """As a desk writes labels: small letters and digits of any script, joined by dashes."""
    return re.sub(r"[\W_]+", "-", title.lower()).strip("-")
