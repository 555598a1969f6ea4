"""Shapes of the /v1 API of teaching and models."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class SentenceOut(BaseModel):
    """A redacted sentence of the learning queue. `guess`: what the model took it for, with probabilities."""

    id: UUID
    text: str
    language: str
    status: str
    count: int
    reasons: list[str]
    handed_off: int
    answered: int
    guess: list[tuple[str, float]]
    model: str
    conversation_id: UUID | None
    first_at: datetime
    last_at: datetime
    intent: str | None
    taught_text: str | None
    decided_by: str | None
    decided_at: datetime | None


class LessonIn(BaseModel):
    """The intent of a sentence; `text` and `language` default to what is kept. `sure`: also against the same words of another intent."""

    model_config = ConfigDict(extra="forbid")
    intent: str = Field(min_length=2, max_length=130)
    text: str = Field(default="", max_length=500)
    language: str = Field(default="", max_length=20)
    sure: bool = False


class ClashOut(BaseModel):
    """A sentence of another intent that is the same (`same`) or nearly."""

    intent: str
    text: str
    same: bool
    place: str


class TrainingIn(BaseModel):
    """How to train."""

    model_config = ConfigDict(extra="forbid")
    fine_tune: bool = False


class DecisionIn(BaseModel):
    """Whether a model whose scores fell is used all the same."""

    model_config = ConfigDict(extra="forbid")
    use: bool


class RunOut(BaseModel):
    """A training. State: asked, running, held (a decision is needed), done, failed."""

    id: UUID
    state: str
    fine_tune: bool
    by: str
    progress: float
    step: str
    comparison: dict[str, Any]
    model_id: str | None
    error: str | None
    asked_at: datetime
    ended_at: datetime | None


class ModelOut(BaseModel):
    """A trained model; `active`: it serves now; `removed`: only this line is left of it."""

    id: str
    digest: str
    size: int
    encoders: dict[str, Any]
    scores: dict[str, Any]
    examples: int
    intents: list[str]
    languages: list[str]
    fine_tuned: bool
    author: str
    created_at: datetime
    active: bool
    removed: bool
