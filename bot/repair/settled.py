"""What a person settled before handing back: not begun again by itself, and no reason to call a person a second time unasked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from bot.engine import TurnMessage

SETTLED = "settled"  # in the tracker's memory
ANEW = 0.8  # a customer who says it as surely as this wants it anew
ONCE = frozenset({"policy", "angry", "high_value"})
"""Reasons that would call a person again at once, by a rule: after a handback the customer is asked first."""


def settled_by(dialogue: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the state after a handback says of it, as the talk's memory keeps it; None when nobody handed back."""
    if not dialogue.get("handed_back"):
        return None
    return {"intents": list(dialogue.get("settled") or ()), "reason": dialogue.get("reason")}


def settled_intents(memory: Mapping[str, Any]) -> tuple[str, ...]:
    """The intents, without what stands behind a slash."""
    return tuple(str(name).split("/", 1)[0] for name in (memory.get(SETTLED) or {}).get("intents", ()))


def is_asked_first(memory: Mapping[str, Any], reason: str) -> bool:
    """Whether a person dealt with this reason just before: then the customer is asked whether they need one again."""
    return reason in ONCE and (memory.get(SETTLED) or {}).get("reason") == reason


def forget_reason(memory: dict[str, Any]) -> None:
    """The customer was asked; the next time a person is called."""
    if memory.get(SETTLED):
        memory[SETTLED] = {**memory[SETTLED], "reason": None}


def forget_intent(memory: dict[str, Any], intent: str) -> None:
    """It was begun anew, and is settled no more."""
    if memory.get(SETTLED):
        left = [name for name in memory[SETTLED]["intents"] if str(name).split("/", 1)[0] != intent]
        memory[SETTLED] = {**memory[SETTLED], "intents": left}


def rather_another(message: TurnMessage, settled: Collection[str], *, margin: float) -> TurnMessage:
    """Where the likeliest intent is settled and the next one nearly as likely, the message means that one."""
    known = message.understanding
    (first, likely), (second, nearly) = (*known.ranking[:2], ("", 0.0), ("", 0.0))[:2]
    close = bool(second) and known.intent == first and likely - nearly < margin
    if not close or first.split("/", 1)[0] not in settled or second.split("/", 1)[0] in settled:
        return message
    return replace(message, understanding=replace(known, intent=second, confidence=nearly, ranking=known.ranking[1:]))
