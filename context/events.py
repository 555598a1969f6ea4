"""The event catalogue: closed, typed, versioned; all is measured from these. An unknown name or field is an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from context.contact_events import ContactIdentified as ContactIdentified  # fills the catalogue with those of customers
from context.desk_events import AgentMentioned as AgentMentioned  # fills the catalogue with those of the desk
from context.event_base import Actor as Actor
from context.event_base import EventData as EventData
from context.event_base import EventRecord as EventRecord
from context.teaching_events import ModelActivated as ModelActivated  # fills the catalogue with those of teaching


@dataclass(frozen=True)
class MessageReceived(EventData, name="message.received"):
    """A customer message was stored."""

    message_id: str
    external_id: str


@dataclass(frozen=True)
class MessageUnderstood(EventData, name="message.understood"):
    """A customer message was understood."""

    message_id: str
    language: str
    intent: str | None
    confidence: float
    out_of_scope: bool
    sentiment: int


@dataclass(frozen=True)
class MessageQueued(EventData, name="message.queued"):
    """An outbound message or note was stored."""

    message_id: str
    author: str
    visibility: str
    turn_id: str | None = None


@dataclass(frozen=True)
class MessageSent(EventData, name="message.sent"):
    """The channel took the message."""

    message_id: str
    external_id: str | None = None


@dataclass(frozen=True)
class MessageDelivered(EventData, name="message.delivered"):
    """The message reached the customer's device."""

    message_id: str


@dataclass(frozen=True)
class MessageRead(EventData, name="message.read"):
    """The customer saw the message."""

    message_id: str


@dataclass(frozen=True)
class MessageFailed(EventData, name="message.failed"):
    """The message could not be sent, or its fate is unknown."""

    message_id: str
    reason: str
    unknown: bool = False


@dataclass(frozen=True)
class ConversationOpened(EventData, name="conversation.opened"):
    """A conversation began."""

    contact_id: str
    thread_key: str


@dataclass(frozen=True)
class ConversationResolved(EventData, name="conversation.resolved"):
    """A conversation ended: outcome confirmed, assumed or closed."""

    outcome: str
    by: str


@dataclass(frozen=True)
class ConversationReopened(EventData, name="conversation.reopened"):
    """A resolved conversation goes on."""

    reason: str


@dataclass(frozen=True)
class ConversationSnoozed(EventData, name="conversation.snoozed"):
    """A conversation sleeps until a time."""

    until: str


@dataclass(frozen=True)
class ConversationMerged(EventData, name="conversation.merged"):
    """A conversation became part of another."""

    into_id: str


@dataclass(frozen=True)
class ConversationUnmerged(EventData, name="conversation.unmerged"):
    """A merge was undone: the conversation, which had become part of `from_id`, is one of its own again."""

    from_id: str


@dataclass(frozen=True)
class TurnTaken(EventData, name="turn.taken"):
    """The bot took a turn and its reply was committed."""

    turn_id: str
    message_ids: list[str]
    epoch: int
    milliseconds: int


@dataclass(frozen=True)
class TurnDropped(EventData, name="turn.dropped"):
    """A finished turn was thrown away: someone else holds the conversation."""

    turn_id: str
    reason: str


@dataclass(frozen=True)
class AnswerGiven(EventData, name="answer.given"):
    """The bot answered from an article."""

    message_id: str
    article_id: str
    passage_id: str
    confidence: float


@dataclass(frozen=True)
class AnswerAbstained(EventData, name="answer.abstained"):
    """Nothing in the knowledge base answers."""

    message_id: str
    best_article_id: str | None
    confidence: float


@dataclass(frozen=True)
class ActionDone(EventData, name="action.done"):
    """A typed action was carried out."""

    action: str
    key: str
    result: dict[str, Any]


@dataclass(frozen=True)
class ActionFailed(EventData, name="action.failed"):
    """A typed action failed or was refused."""

    action: str
    key: str
    reason: str


@dataclass(frozen=True)
class HandoffRequested(EventData, name="handoff.requested"):
    """Someone or something asked for a human."""

    reason: str
    by: str


@dataclass(frozen=True)
class HandoffQueued(EventData, name="handoff.queued"):
    """The conversation waits for a human."""

    handoff_id: str
    reason: str
    urgency: int
    team: str | None = None


@dataclass(frozen=True)
class HandoffAccepted(EventData, name="handoff.accepted"):
    """A human took a waiting conversation."""

    handoff_id: str
    staff_id: str
    waited_seconds: float


@dataclass(frozen=True)
class HandoffAbandoned(EventData, name="handoff.abandoned"):
    """The customer left while waiting."""

    handoff_id: str
    waited_seconds: float


@dataclass(frozen=True)
class CallbackRequested(EventData, name="callback.requested"):
    """A waiting customer wants to be reached later: kind email or phone."""

    callback_id: str
    kind: str


@dataclass(frozen=True)
class CallbackClosed(EventData, name="callback.closed"):
    """A call-back was dealt with: reached, not_reached, or ended with its conversation."""

    callback_id: str
    outcome: str


@dataclass(frozen=True)
class AgentAssigned(EventData, name="agent.assigned"):
    """A staff member now holds the conversation."""

    staff_id: str
    by: str


@dataclass(frozen=True)
class AgentReleased(EventData, name="agent.released"):
    """A staff member no longer holds the conversation."""

    staff_id: str
    reason: str


@dataclass(frozen=True)
class AgentReplied(EventData, name="agent.replied"):
    """A staff member wrote to the customer."""

    message_id: str
    staff_id: str
    suggestion_id: str | None = None


@dataclass(frozen=True)
class HandbackDone(EventData, name="handback.done"):
    """A human gave the conversation back to the bot."""

    staff_id: str
    note: str | None = None


@dataclass(frozen=True)
class SuggestionShown(EventData, name="suggestion.shown"):
    """A suggestion stood before an agent."""

    suggestion_id: str
    message_id: str
    source: str
    rank: int


@dataclass(frozen=True)
class SuggestionAccepted(EventData, name="suggestion.accepted"):
    """A suggestion was sent as it was."""

    suggestion_id: str
    staff_id: str
    message_id: str


@dataclass(frozen=True)
class SuggestionEdited(EventData, name="suggestion.edited"):
    """A suggestion was sent after changes."""

    suggestion_id: str
    staff_id: str
    message_id: str
    edit_distance: int


@dataclass(frozen=True)
class SuggestionDismissed(EventData, name="suggestion.dismissed"):
    """A suggestion was waved away."""

    suggestion_id: str
    staff_id: str


@dataclass(frozen=True)
class RatingAsked(EventData, name="rating.asked"):
    """The customer was asked for a rating."""

    rating_id: str


@dataclass(frozen=True)
class RatingGiven(EventData, name="rating.given"):
    """The customer rated, from 1 to 5."""

    rating_id: str
    score: int
    comment_given: bool


@dataclass(frozen=True)
class ArticlePublished(EventData, name="article.published"):
    """A version of an article went live."""

    article_id: str
    language: str
    version: int


@dataclass(frozen=True)
class ArticleRetired(EventData, name="article.retired"):
    """An article was taken back."""

    article_id: str
    language: str


@dataclass(frozen=True)
class ArticleHelped(EventData, name="article.helped"):
    """A reader said that an article helped; `language` is that of the page."""

    article_id: str
    message_id: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class ArticleNotHelped(EventData, name="article.not_helped"):
    """A reader said that an article did not help; `language` is that of the page."""

    article_id: str
    message_id: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class OrderSeen(EventData, name="order.seen"):
    """Order details were shown."""

    order_number: str
    by: str


@dataclass(frozen=True)
class VisitorViewed(EventData, name="visitor.viewed"):
    """A visitor looked at a page, with consent."""

    page: str


@dataclass(frozen=True)
class SlaWarned(EventData, name="sla.warned"):
    """A service level is about to be missed."""

    metric: str
    due_at: str


@dataclass(frozen=True)
class SlaBreached(EventData, name="sla.breached"):
    """A service level was missed."""

    metric: str
    due_at: str


@dataclass(frozen=True)
class AlertRaised(EventData, name="alert.raised"):
    """A supervisor should look."""

    kind: str
    message_id: str | None = None


@dataclass(frozen=True)
class CallRecorded(EventData, name="call.recorded"):
    """A telephone call was put on the timeline."""

    contact_id: str
    direction: str
    seconds: int
