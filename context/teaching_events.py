"""The part of the event catalogue about teaching: sentences that editors assign, trainings, and the model that serves."""

from __future__ import annotations

from dataclasses import dataclass

from context.event_base import EventData


@dataclass(frozen=True)
class SentenceTaught(EventData, name="sentence.taught"):
    """An editor gave a sentence of the learning queue its intent."""

    sentence_id: str
    intent: str
    language: str


@dataclass(frozen=True)
class SentenceDismissed(EventData, name="sentence.dismissed"):
    """An editor found a sentence of the learning queue of no use."""

    sentence_id: str


@dataclass(frozen=True)
class SentenceReopened(EventData, name="sentence.reopened"):
    """What was decided about a sentence of the learning queue was taken back."""

    sentence_id: str


@dataclass(frozen=True)
class TrainingAsked(EventData, name="training.asked"):
    """Someone wants the bot trained anew."""

    run_id: str
    fine_tune: bool = False


@dataclass(frozen=True)
class TrainingEnded(EventData, name="training.ended"):
    """A training ended: outcome done, held (scores fell) or failed."""

    run_id: str
    outcome: str
    model_id: str | None = None


@dataclass(frozen=True)
class ModelActivated(EventData, name="model.activated"):
    """A model became the live one, by reason trained, chosen, rolled_back or adopted."""

    model_id: str
    previous_id: str | None
    reason: str


@dataclass(frozen=True)
class ModelRefused(EventData, name="model.refused"):
    """A node could not take the live model over and goes on with the old one."""

    model_id: str
    node: str
    why: str
