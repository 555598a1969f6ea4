"""What happens in a talk, in Rasa's event kinds, and their JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

TEXT_LIMIT = 300


@dataclass(frozen=True)
class FoundEntity:
    """An entity of a customer message."""

    name: str
    value: Any
    text: str = ""
    role: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class UserSaid:
    """The customer said something that means `intent` (`full_intent` with its part after the slash)."""

    kind: ClassVar[str] = "user"
    text: str
    intent: str
    full_intent: str
    confidence: float
    entities: tuple[FoundEntity, ...] = ()


@dataclass(frozen=True)
class BotSaid:
    """The bot said something."""

    kind: ClassVar[str] = "bot"
    text: str


@dataclass(frozen=True)
class ActionRan:
    """An action was carried out, `by` this policy."""

    kind: ClassVar[str] = "action"
    name: str
    by: str = ""


@dataclass(frozen=True)
class ActionRejected:
    """A form did not take the message: others may decide."""

    kind: ClassVar[str] = "action_execution_rejected"
    name: str


@dataclass(frozen=True)
class SlotSet:
    """A slot got a value; None empties it."""

    kind: ClassVar[str] = "slot"
    name: str
    value: Any


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
    """A new session: slots stay, the rest begins anew."""

    kind: ClassVar[str] = "session_started"


@dataclass(frozen=True)
class Followup:
    """This action comes next, whatever the policies say."""

    kind: ClassVar[str] = "followup"
    name: str


DialogueEvent = (
    UserSaid | BotSaid | ActionRan | ActionRejected | SlotSet | LoopActive | LoopInterrupted | Restarted | SessionStarted | Followup
)
_KINDS: dict[str, type[Any]] = {
    k.kind: k
    for k in (UserSaid, BotSaid, ActionRan, ActionRejected, SlotSet, LoopActive, LoopInterrupted, Restarted, SessionStarted, Followup)
}


def event_as_json(event: DialogueEvent) -> dict[str, Any]:
    """An event as JSON: `event` names its kind, empty fields are left out."""
    data: dict[str, Any] = {"event": event.kind}
    for name, value in vars(event).items():
        if name == "entities":
            if value:
                data[name] = [{k: v for k, v in vars(e).items() if v not in (None, "")} for e in value]
        elif name == "text":
            data[name] = value[:TEXT_LIMIT]
        elif value != "":
            data[name] = value
    return data


def event_from_json(data: dict[str, Any]) -> DialogueEvent:
    """The event of `event_as_json`. Raises KeyError or TypeError on foreign data."""
    fields = {k: v for k, v in data.items() if k != "event"}
    if "entities" in fields:
        fields["entities"] = tuple(FoundEntity(**e) for e in fields["entities"])
    event: DialogueEvent = _KINDS[data["event"]](**fields)
    return event
