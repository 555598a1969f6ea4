"""What routing knows and says: facts about a conversation, people and teams; rules; a decision with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any
from uuid import UUID

from context.staff.hours import ALWAYS, Hours
from context.staff.teams import ANY_CHANNEL


class Priority(IntEnum):
    """How much it matters that a conversation is taken soon."""

    LOW = 0
    NORMAL = 1
    HIGH = 2
    URGENT = 3


HEAD_START = {
    Priority.LOW: -timedelta(minutes=10),
    Priority.NORMAL: timedelta(),
    Priority.HIGH: timedelta(minutes=15),
    Priority.URGENT: timedelta(minutes=60),
}
"""How much earlier a conversation stands in the queue than it came. Who waits longer than that stands before it: nobody waits for ever."""


@dataclass(frozen=True)
class Reason:
    """One step of a decision: a key of `desk/routing/reasons.py` with what fills its sentence."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """What is known of a conversation that waits. `sentiment` is -2 to 2; `sla` is ok, warned or breached."""

    language: str = "en"
    channel: str = "web"
    reason: str | None = None
    intents: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    sentiment: int = 0
    angry: bool = False
    urgent: bool = False
    urgency: int = 0
    attributes: Mapping[str, Any] = field(default_factory=dict)
    slots: Mapping[str, Any] = field(default_factory=dict)
    alerts: frozenset[str] = frozenset()
    sla: str = "ok"
    suggested_team: str | None = None
    last_agent: UUID | None = None
    let_go: UUID | None = None  # who has just put it back into the queue
    waited: timedelta = timedelta()


Values = tuple[str, ...]


@dataclass(frozen=True)
class When:
    """Conditions that must all hold; of each, one of its values. `named` holds those on attributes and slots, as ("slot", "color")."""

    values: Mapping[str, Values] = field(default_factory=dict)
    named: Mapping[tuple[str, str], Values] = field(default_factory=dict)
    waited: timedelta | None = None

    @property
    def anything(self) -> bool:
        """Whether every conversation fits."""
        return not self.values and not self.named and self.waited is None


@dataclass(frozen=True)
class Rule:
    """Sends what fits to a team, to someone who knows `product` and works at `level` or above. `line` is where it stands."""

    name: str
    line: int
    when: When
    team: str
    product: str | None = None
    level: int = 1
    priority: Priority | None = None


@dataclass(frozen=True)
class PriorityRule:
    """Changes the priority of what fits."""

    name: str
    line: int
    when: When
    at_least: Priority | None = None
    at_most: Priority | None = None
    raise_by: int = 0


@dataclass(frozen=True)
class Overflow:
    """After `after` in the queue of a team, people of `to` may get it as well."""

    to: str
    after: timedelta
    line: int = 0


@dataclass(frozen=True)
class Rules:
    """All rules. What is left out has the defaults that stand here."""

    rules: tuple[Rule, ...] = ()
    default_team: str | None = None
    default_line: int = 0
    priorities: tuple[PriorityRule, ...] = ()
    overflow: Mapping[str, tuple[Overflow, ...]] = field(default_factory=dict)
    sticky_for: timedelta = timedelta(days=7)
    sticky_wait: timedelta = timedelta(minutes=1)
    relax: Mapping[str, timedelta] = field(default_factory=dict)  # language, product, level: after so long it is no longer asked for
    timeout: timedelta | None = None  # after so long anybody of any open team may get it
    capacity: Mapping[str, int] = field(default_factory=lambda: {ANY_CHANNEL: 4})
    head_start: Mapping[Priority, timedelta] = field(default_factory=lambda: HEAD_START)
    vip: Mapping[str, Values] = field(default_factory=dict)  # attributes of a contact that make a VIP, beside `vip: true`
    vip_wait: timedelta = timedelta(minutes=2)  # after so long in the queue a VIP, or anybody, is an alert
    long_wait: timedelta = timedelta(minutes=10)


@dataclass(frozen=True)
class TeamFacts:
    """A team as routing sees it; `members` are people who may work now or later."""

    key: str
    name: str
    members: int = 1
    hours: Hours = ALWAYS
    auto_assign: bool = True


@dataclass(frozen=True)
class Person:
    """Somebody who may get conversations. `teams` holds the level in each; `load` the open conversations held, by channel."""

    id: UUID
    name: str
    online: bool = True
    teams: Mapping[str, int] = field(default_factory=dict)
    skills: Mapping[tuple[str, str], int] = field(default_factory=dict)
    capacity: Mapping[str, int] = field(default_factory=dict)
    load: Mapping[str, int] = field(default_factory=dict)
    last_given: datetime | None = None


@dataclass(frozen=True)
class House:
    """The people and teams at one moment."""

    teams: Mapping[str, TeamFacts]
    people: tuple[Person, ...]
    at: datetime


@dataclass(frozen=True)
class Route:
    """Where a conversation belongs: None as team means that nobody in particular is meant."""

    team: str | None
    priority: Priority
    product: str | None = None
    level: int = 1
    rule: str | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Waiting:
    """A conversation in the queue. `epoch` says which stay in the queue this is."""

    id: UUID
    facts: Facts
    since: datetime
    epoch: int = 1
    routed_epoch: int = 0
    team: str | None = None
    priority: Priority = Priority.NORMAL


@dataclass(frozen=True)
class Assignment:
    """Who gets a conversation, and why."""

    conversation_id: UUID
    epoch: int
    person: Person
    team: str
    reasons: tuple[Reason, ...]
