"""The part of the event catalogue about how the desk keeps order: labels, mentions, where conversations belong, alerts."""

from __future__ import annotations

from dataclasses import dataclass

from context.event_base import EventData


@dataclass(frozen=True)
class ConversationLabelled(EventData, name="conversation.labelled"):
    """A label was put on a conversation."""

    label_id: str


@dataclass(frozen=True)
class ConversationUnlabelled(EventData, name="conversation.unlabelled"):
    """A label was taken off a conversation."""

    label_id: str


@dataclass(frozen=True)
class AgentMentioned(EventData, name="agent.mentioned"):
    """A note names a colleague, who is told."""

    message_id: str
    staff_id: str


@dataclass(frozen=True)
class ConversationRouted(EventData, name="conversation.routed"):
    """It was decided to which team a waiting conversation belongs and how much it matters; `rule` is the rule that said so."""

    team_id: str | None
    priority: int
    rule: str | None = None


@dataclass(frozen=True)
class AlertAcknowledged(EventData, name="alert.acknowledged"):
    """Somebody has seen to an alert."""

    alert_id: str
    kind: str
    staff_id: str
