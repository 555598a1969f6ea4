"""The trace of a turn, as the engines note it, in an order that people read: understanding, decisions, slots, passages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Entry = Mapping[str, Any]
ROW_OF = {"opened": "response", "repaired": "why", "rejected": "why", "stopped": "why", "reminded": "intent", "handoff": "reason"}


@dataclass(frozen=True)
class Understood:
    """What a message was taken for; `entities` are (name, value)."""

    intent: str
    confidence: float | None
    entities: tuple[tuple[str, str], ...] = ()
    language: str = ""


@dataclass(frozen=True)
class Decision:
    """One action, the rule or policy that chose it, how sure it was, and why."""

    action: str
    policy: str
    confidence: float | None
    why: str = ""


@dataclass(frozen=True)
class SlotChange:
    """A slot of the turn; `before` and `after` are empty where it is not set."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Found:
    """A passage of the knowledge base that was looked at."""

    article: str
    passage: str
    confidence: float | None


@dataclass(frozen=True)
class Step:
    """One thing in its order: `understood` and `decided` carry what they are named after, everything else only `text`."""

    kind: str
    text: str = ""
    understood: Understood | None = None
    decision: Decision | None = None


@dataclass(frozen=True)
class TurnTrace:
    """A whole turn: its steps in order, every slot that was set before or after, the passages."""

    steps: tuple[Step, ...] = ()
    slots: tuple[SlotChange, ...] = ()
    passages: tuple[Found, ...] = ()


@dataclass
class _Slots:
    """The slots at the beginning of the turn and at its end, as far as the trace tells."""

    before: dict[str, Any] | None = None
    after: dict[str, Any] = field(default_factory=dict)

    def note(self, entry: Entry) -> None:
        if entry.get("step") == "understood" and self.before is None and isinstance(entry.get("slots"), Mapping):
            self.before = dict(entry["slots"])
            self.after = dict(entry["slots"])
        elif entry.get("step") == "slots" and isinstance(entry.get("set"), Mapping):
            self.after |= entry["set"]
        elif entry.get("step") == "slots" and isinstance(entry.get("after"), Mapping):
            self.before = dict(entry.get("before") or {}) if self.before is None else self.before
            self.after = dict(entry["after"])

    def changes(self) -> Iterable[SlotChange]:
        before = self.before or {}
        for name in sorted({*before, *self.after}):
            change = SlotChange(name, _shown(before.get(name)), _shown(self.after.get(name)))
            if change.before or change.after:
                yield change


def read_trace(trace: Sequence[Any]) -> TurnTrace:
    """The trace in order. What an entry lacks is left empty, and an entry of an unknown kind is shown by its values."""
    entries = [entry for entry in trace if isinstance(entry, Mapping)]
    slots = _Slots()
    for entry in entries:
        slots.note(entry)
    steps = tuple(step for entry in entries if (step := _step(entry)))
    return TurnTrace(steps, tuple(slots.changes()), tuple(found for entry in entries for found in _passages(entry)))


def _step(entry: Entry) -> Step | None:
    kind = str(entry.get("step") or ("failed" if "failed" in entry else "noted"))
    if kind == "slots":
        return None
    if kind == "understood":
        entities = tuple((str(e.get("name")), _shown(e.get("value"))) for e in entry.get("entities") or () if isinstance(e, Mapping))
        intent, language = str(entry.get("intent") or ""), str(entry.get("language") or "")
        return Step(kind, understood=Understood(intent, _number(entry.get("confidence")), entities, language))
    if kind == "decided":
        policy, why = str(entry.get("policy") or ""), str(entry.get("why") or "")
        return Step(kind, decision=Decision(str(entry.get("action") or ""), policy, _number(entry.get("confidence")), why))
    if kind in ROW_OF:
        return Step(kind, str(entry.get(ROW_OF[kind]) or ""))
    said = ", ".join(f"{name}: {_shown(value)}" for name, value in entry.items() if name not in ("step", "passages") and _shown(value))
    return Step(kind, said or kind)


def _passages(entry: Entry) -> Iterable[Found]:
    for found in entry.get("passages") or ():
        if isinstance(found, Mapping):
            yield Found(str(found.get("article") or ""), str(found.get("id") or ""), _number(found.get("confidence")))


def _shown(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(_shown(part) for part in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_shown(part)}" for name, part in value.items() if _shown(part))
    return str(value)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
