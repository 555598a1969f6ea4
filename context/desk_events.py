"""The part of the event catalogue about how people at the desk keep order: labels, mentions."""

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
