"""Who holds a conversation: the state machine. Pure, and the only place that writes status, handler, agent and epoch of a row (`move`).

    bot   --hand_off--> queue --take, assign--> agent        bot --take--> agent
    agent --release, reclaim--> queue    agent --transfer, take_from--> another agent    agent --hand_back--> bot
    agent --snooze--> snoozed --wake--> agent
    agent --resolve--> resolved    queue --abandon--> resolved    bot, agent --close--> resolved    any --merge, erase--> resolved
    resolved --part--> bot    (only what was merged, when that is undone)

Exactly one of bot, queue and one agent holds an unresolved conversation. Each change of hands raises the epoch and ends the bot's lease, so
that a turn which was thinking meanwhile is dropped. A resolved conversation is held by the bot, in which nothing can be said any more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from context.models import ConversationRow
from context.types import Handler, Status
from kit.errors import ConflictError


class OwnershipError(ConflictError):
    """Someone else holds this conversation now."""


class Transition(StrEnum):
    """Every way in which a conversation changes its holder or its status."""

    HAND_OFF = "hand_off"  # the bot, or something that fails in it, passes the baton
    TAKE = "take"  # an agent takes it from the queue or from the bot
    ASSIGN = "assign"  # routing or a supervisor gives a waiting one to an agent
    TAKE_FROM = "take_from"  # an agent takes it from a colleague who is away or may be overruled
    RELEASE = "release"  # its agent puts it back into the queue, perhaps for a team
    RECLAIM = "reclaim"  # it goes back to the queue by itself: connection lost, account disabled
    TRANSFER = "transfer"  # its agent, or a supervisor, gives it to another agent
    HAND_BACK = "hand_back"  # its agent gives it to the bot
    SNOOZE = "snooze"  # its agent lets it sleep
    WAKE = "wake"  # time has come, or the customer wrote
    RESOLVE = "resolve"  # its agent is done
    CLOSE = "close"  # nobody said anything for long
    ABANDON = "abandon"  # the customer left while waiting
    MERGE = "merge"  # it became part of another
    PART = "part"  # a merge is undone: it is one of its own again
    ERASE = "erase"  # its customer's data is erased


@dataclass(frozen=True)
class Holding:
    """Who holds a conversation. `agent` is set exactly when `handler` is the agent."""

    status: Status = Status.OPEN
    handler: Handler = Handler.BOT
    agent: UUID | None = None
    epoch: int = 1


@dataclass(frozen=True)
class Rule:
    """When a transition is allowed and where it leads. `to` None: the holder stays; `holders`: only the agent who holds it may."""

    of: frozenset[Handler]
    to: Handler | None
    status: Status = Status.OPEN
    holders: bool = False
    asleep: bool | None = None  # True: only a snoozed one; False: only one that is awake; None: either
    over: bool = False  # only a resolved one, where all others are for unresolved ones


_ANY = frozenset(Handler)
_BOT, _QUEUE, _AGENT = (frozenset({handler}) for handler in (Handler.BOT, Handler.QUEUE, Handler.AGENT))
RULES: dict[Transition, Rule] = {
    Transition.HAND_OFF: Rule(_BOT, Handler.QUEUE),
    Transition.TAKE: Rule(_BOT | _QUEUE, Handler.AGENT),
    Transition.ASSIGN: Rule(_QUEUE, Handler.AGENT),
    Transition.TAKE_FROM: Rule(_AGENT, Handler.AGENT),
    Transition.RELEASE: Rule(_AGENT, Handler.QUEUE, holders=True),
    Transition.RECLAIM: Rule(_AGENT, Handler.QUEUE),
    Transition.TRANSFER: Rule(_AGENT, Handler.AGENT, holders=True),
    Transition.HAND_BACK: Rule(_AGENT, Handler.BOT, holders=True),
    Transition.SNOOZE: Rule(_AGENT, None, Status.SNOOZED, holders=True),
    Transition.WAKE: Rule(_AGENT, None, asleep=True),
    Transition.RESOLVE: Rule(_AGENT, Handler.BOT, Status.RESOLVED, holders=True),
    Transition.CLOSE: Rule(_BOT | _AGENT, Handler.BOT, Status.RESOLVED, asleep=False),
    Transition.ABANDON: Rule(_QUEUE, Handler.BOT, Status.RESOLVED),
    Transition.MERGE: Rule(_ANY, Handler.BOT, Status.RESOLVED),
    Transition.PART: Rule(_BOT, Handler.BOT, over=True),
    Transition.ERASE: Rule(_ANY, Handler.BOT, Status.RESOLVED),
}
_REFUSED = {
    Transition.HAND_OFF: "Only the bot hands over to the queue",
    Transition.TAKE: "A colleague holds this conversation",
    Transition.ASSIGN: "Only a waiting conversation can be assigned",
    Transition.WAKE: "Only a snoozed conversation can be woken",
    Transition.ABANDON: "Only a waiting conversation can be abandoned",
    Transition.CLOSE: "A conversation that waits for someone is not closed by itself",
}


def after(holding: Holding, transition: Transition, *, by: UUID | None = None, to: UUID | None = None) -> Holding:
    """What `holding` becomes. `by` is the agent who does it (of transitions that only the holder may do), `to` the agent who gets it.

    Raises OwnershipError, and nothing has changed then.
    """
    rule = RULES[transition]
    if rule.over != (holding.status == Status.RESOLVED):
        if rule.over:
            raise OwnershipError("This conversation goes on by itself")
        raise OwnershipError("This conversation is resolved", hint="A new message of the customer opens a new one.")
    if rule.holders and (holding.handler != Handler.AGENT or holding.agent != by):
        raise OwnershipError("You do not hold this conversation", hint="Take it first.")
    if holding.handler not in rule.of or rule.asleep not in (None, holding.status == Status.SNOOZED):
        raise OwnershipError(_REFUSED.get(transition))
    if rule.to is None:
        return replace(holding, status=rule.status)
    if rule.to == Handler.AGENT and (to is None or to == holding.agent):
        raise OwnershipError("This conversation has this holder already" if to else "Nobody was named who gets this conversation")
    agent = to if rule.to == Handler.AGENT else None
    return Holding(rule.status, rule.to, agent, holding.epoch + 1)


def holding_of(conversation: ConversationRow) -> Holding:
    """Who holds a stored conversation."""
    return Holding(Status(conversation.status), Handler(conversation.handler), conversation.agent_id, conversation.epoch)


def move(
    conversation: ConversationRow,
    transition: Transition,
    *,
    now: datetime,
    by: UUID | None = None,
    to: UUID | None = None,
    until: datetime | None = None,
) -> None:
    """Carries a transition out on a row that is locked. `until`: how long it sleeps. Raises OwnershipError."""
    before, new = holding_of(conversation), after(holding_of(conversation), transition, by=by, to=to)
    conversation.status, conversation.handler, conversation.agent_id, conversation.epoch = new.status, new.handler, new.agent, new.epoch
    conversation.snoozed_until = until if new.status == Status.SNOOZED else None
    if new.epoch != before.epoch:
        conversation.lease_owner = conversation.lease_until = None
    if new.status == Status.RESOLVED or before.status == Status.RESOLVED:
        conversation.resolved_at = now if new.status == Status.RESOLVED else None
