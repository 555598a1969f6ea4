"""What happens in a talk, in Rasa's event kinds, and their JSON."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from context.types import Content

TEXT_LIMIT = 300


@dataclass(frozen=True)
class FoundEntity:
    """An entity of a customer message; `start` and `end` are its place in the text, counted in characters."""

    name: str
    value: Any
    text: str = ""
    role: str | None = None
    group: str | None = None
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class UserSaid:
    """The customer said something that means `intent` (`full_intent` with its part after the slash).

    `ranking` are the likeliest intents with their confidences, best first; `at` is when it came, in seconds since 1970 (0: unknown).
    """

    kind: ClassVar[str] = "user"
    text: str
    intent: str
    full_intent: str
    confidence: float
    entities: tuple[FoundEntity, ...] = ()
    ranking: tuple[tuple[str, float], ...] = ()
    at: float = 0.0


@dataclass(frozen=True)
class BotSaid:
    """The bot said something; `content` is the whole message while the turn runs, it is not kept."""

    kind: ClassVar[str] = "bot"
    text: str
    content: Content | None = field(default=None, compare=False)


@dataclass(frozen=True)
class ActionRan:
    """An action was carried out, `by` this policy. `hidden`: policies that learn do not see it, as only rules know such a turn."""

    kind: ClassVar[str] = "action"
    name: str
    by: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class ActionRejected:
    """A form (or another action, predicted `by` this policy) did not take the message: others may decide."""

    kind: ClassVar[str] = "action_execution_rejected"
    name: str
    by: str = ""


@dataclass(frozen=True)
class SlotSet:
    """A slot got a value; None empties it."""

    kind: ClassVar[str] = "slot"
    name: str
    value: Any


@dataclass(frozen=True)
class SlotsReset:
    """Every slot has its initial value again."""

    kind: ClassVar[str] = "reset_slots"


@dataclass(frozen=True)
class LoopActive:
    """A form runs, or none."""

    kind: ClassVar[str] = "active_loop"
    name: str | None


@dataclass(frozen=True)
class LoopInterrupted:
    """The form comes back after something else and asks again without reading the message."""

    kind: ClassVar[str] = "loop_interrupted"
    interrupted: bool = True


@dataclass(frozen=True)
class Restarted:
    """Everything begins anew."""

    kind: ClassVar[str] = "restart"


@dataclass(frozen=True)
class SessionStarted:
    """A new session: everything begins anew, save what is set again after it."""

    kind: ClassVar[str] = "session_started"


@dataclass(frozen=True)
class Followup:
    """This action comes next, whatever the policies say."""

    kind: ClassVar[str] = "followup"
    name: str


@dataclass(frozen=True)
class Paused:
    """The bot stays silent until it is resumed or restarted."""

    kind: ClassVar[str] = "pause"


@dataclass(frozen=True)
class Resumed:
    """The bot answers again."""

    kind: ClassVar[str] = "resume"


@dataclass(frozen=True)
class Rewound:
    """The last customer message and what followed it count as not said."""

    kind: ClassVar[str] = "rewind"


@dataclass(frozen=True)
class Undone:
    """The last action and what followed it count as not done."""

    kind: ClassVar[str] = "undo"


@dataclass(frozen=True)
class ReminderSet:
    """At `at` (ISO 8601) the bot acts as if the customer had said `intent`, unless a message came before (`kill_on_user_message`)."""

    kind: ClassVar[str] = "reminder"
    intent: str
    at: str
    name: str
    entities: tuple[FoundEntity, ...] = ()
    kill_on_user_message: bool = True


@dataclass(frozen=True)
class ReminderCancelled:
    """Reminders with this name or intent will not come; with neither, none will."""

    kind: ClassVar[str] = "cancel_reminder"
    name: str | None = None
    intent: str | None = None


DialogueEvent = (
    UserSaid
    | BotSaid
    | ActionRan
    | ActionRejected
    | SlotSet
    | SlotsReset
    | LoopActive
    | LoopInterrupted
    | Restarted
    | SessionStarted
    | Followup
    | Paused
    | Resumed
    | Rewound
    | Undone
    | ReminderSet
    | ReminderCancelled
)
_KINDS: dict[str, type[Any]] = {kind.kind: kind for kind in DialogueEvent.__args__}


def event_as_json(event: DialogueEvent) -> dict[str, Any]:
    """An event as JSON: `event` names its kind, what a field has anyway is left out, long texts are cut."""
    data: dict[str, Any] = {"event": event.kind}
    for name, value in _told(event).items():
        if name == "content":
            continue
        if name == "entities":
            data[name] = [_told(e) for e in value]
        elif name == "ranking":
            data[name] = [list(pair) for pair in value]
        elif name == "text":
            data[name] = value[:TEXT_LIMIT]
        else:
            data[name] = value
    return data


def _told(thing: DialogueEvent | FoundEntity) -> dict[str, Any]:
    """The fields that must be said: those without a default, and those that have another value."""
    return {
        f.name: v for f in fields(thing) if (v := getattr(thing, f.name)) != f.default or isinstance(v, bool) != isinstance(f.default, bool)
    }


def event_from_json(data: dict[str, Any]) -> DialogueEvent:
    """The event of `event_as_json`. Raises KeyError or TypeError on foreign data."""
    given = {k: v for k, v in data.items() if k != "event"}
    if "entities" in given:
        given["entities"] = tuple(FoundEntity(**e) for e in given["entities"])
    if "ranking" in given:
        given["ranking"] = tuple((str(name), float(score)) for name, score in given["ranking"])
    if data["event"] in ("user", "bot"):
        given.setdefault("text", "")
    event: DialogueEvent = _KINDS[data["event"]](**given)
    return event
