"""What a policy says, and the order in which policies are believed."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialogue_events import DialogueEvent

# Rasa's priorities: at equal confidence the higher one is believed.
RULES = 6
MEMOIZATION = 3
LEARNED = 1


@dataclass(frozen=True)
class Prediction:
    """An action with the policy's confidence; `why` is for the trace, `events` are applied before the action runs.

    `regardless` of what was said, as a running form is: such a prediction goes before all others. `hidden`: see `ActionRan`.
    `others` are further actions with their confidences, best first.
    """

    action: str
    policy: str
    confidence: float = 1.0
    priority: int = 0
    why: str = ""
    events: tuple[DialogueEvent, ...] = ()
    regardless: bool = False
    hidden: bool = False
    others: tuple[tuple[str, float], ...] = ()


def best(predictions: list[Prediction | None]) -> Prediction | None:
    """The prediction with the highest confidence, then priority; of equal ones the first."""
    given = [p for p in predictions if p]
    first = [p for p in given if p.regardless]
    return max(first or given, key=lambda p: (p.confidence, p.priority), default=None)
