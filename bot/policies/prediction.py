"""What a policy says, and the order in which policies are believed."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialogue_events import DialogueEvent

# Rasa's priorities: at equal confidence the higher one is believed.
RULES = 6
MEMOIZATION = 3


@dataclass(frozen=True)
class Prediction:
    """An action with the policy's confidence; `why` is for the trace, `events` are applied before the action runs."""

    action: str
    policy: str
    confidence: float = 1.0
    priority: int = 0
    why: str = ""
    events: tuple[DialogueEvent, ...] = ()


def best(predictions: list[Prediction | None]) -> Prediction | None:
    """The prediction with the highest confidence, then priority."""
    given = [p for p in predictions if p]
    return max(given, key=lambda p: (p.confidence, p.priority), default=None)
