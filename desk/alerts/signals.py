"""What a customer's messages say about the risk: a pure function of the newest message and the moods before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from context.types import Sentiment
from desk.alerts.kinds import Kind
from desk.alerts.words import find_words

SURE = 0.5
BEFORE, LAST = 3, 2
DROP = 0.7
"""By so much (of 2) the mood of the last two messages must lie below that of the ones before; scores go from -1 to 1."""


@dataclass(frozen=True)
class Signal:
    """A kind of alert with what showed it, in the customer's own words where there are any."""

    kind: Kind
    detail: str = ""


def read_signals(text: str, sentiment: Sentiment, before: Sequence[float]) -> list[Signal]:
    """The signals of a message. `before` holds the scores of the customer's messages before it, oldest first."""
    signals = [Signal(kind, words) for kind, words in find_words(text).items()]
    if sentiment.angry or (sentiment.level <= -2 and sentiment.confidence >= SURE):
        signals.append(Signal(Kind.ANGRY))
    elif has_dropped([*before, sentiment.score]) and sentiment.level < 0:
        signals.append(Signal(Kind.MOOD_DROP))
    return signals


def has_dropped(scores: Sequence[float]) -> bool:
    """Whether the mood of the last two messages lies far below that of up to three before them."""
    earlier, last = scores[-(BEFORE + LAST) : -LAST], scores[-LAST:]
    if not earlier or len(last) < LAST:
        return False
    return sum(earlier) / len(earlier) - sum(last) / len(last) >= DROP
