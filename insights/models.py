"""Tables: the queue for learning, trained models and which of them was active when, and trainings that people asked for."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import STEP, Base, BigId, Id, care


class LearningSentenceRow(Base):
    """A sentence, redacted, that one or more customers wrote and the bot did not understand. `key` is how repeats are found.

    `taught_text` and `intent` are what an editor made of it; it is then training data.
    """

    __tablename__ = "learning_sentence"
    __table_args__ = (
        UniqueConstraint("language", "key"),
        Index("ix_learning_sentence_status", "status", "changed_at"),
        CheckConstraint("status IN ('open','taught','dismissed')", name="status"),
        CheckConstraint("(status = 'taught') = (intent IS NOT NULL)", name="taught_has_intent"),
        {
            "info": care(
                personal=("text", "taught_text", "decided_by", "decided_name"),
                keep="365 days after its last message while open or dismissed; a taught one as long as it is training data",
                erase=STEP,
            )
        },
    )

    id: Mapped[Id]
    language: Mapped[str]
    key: Mapped[str]
    text: Mapped[str]
    status: Mapped[str] = mapped_column(default="open", server_default=sql("'open'"))
    intent: Mapped[str | None]
    taught_text: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_name: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    changed_at: Mapped[datetime] = mapped_column(server_default=NOW)


class LearningMessageRow(Base):
    """One customer message in the queue: why it is there, and what the model took it for. Goes with its conversation.

    `reason` is out_of_scope, not_understood, no_knowledge or handoff; `handed_off`: a person had to take over; `answered`: the knowledge
    base answered all the same. `guess` holds [intent, probability] in falling order.
    """

    __tablename__ = "learning_message"
    __table_args__ = (
        Index("ix_learning_message_sentence_at", "sentence_id", "at"),
        {
            "info": care(
                personal=("message_id", "conversation_id", "text"), keep="with its conversation: 730 days after resolution", erase=STEP
            )
        },
    )

    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    sentence_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("learning_sentence.id", ondelete="CASCADE"))
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    text: Mapped[str]
    reason: Mapped[str]
    handed_off: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    answered: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    guess: Mapped[list[Any]]
    model: Mapped[str]
    at: Mapped[datetime]


class TrainedModelRow(Base):
    """A trained model: its archive lies in the blob store under `digest`, which is the SHA-256 over all its files.

    `scores` hold accuracies by group of languages ("cross_validated") and on held-out sentences ("held_out"). `removed_at`: its archive
    was deleted; the row stays, so that it remains known who trained what.
    """

    __tablename__ = "trained_model"
    __table_args__ = (
        {"info": care(personal=("author", "author_name"), keep="for ever: a line a training; archives go with `baton models prune`")},
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    encoders: Mapped[dict[str, Any]]
    scores: Mapped[dict[str, Any]]
    examples: Mapped[int] = mapped_column(Integer)
    intents: Mapped[list[str]]
    languages: Mapped[list[str]]
    fine_tuned: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    author: Mapped[str]
    author_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    removed_at: Mapped[datetime | None]


class ModelActivationRow(Base):
    """A model was made the live one; the newest row names the one that serves. `returns_to` is the activation that a rollback goes to."""

    __tablename__ = "model_activation"
    __table_args__ = (
        CheckConstraint("reason IN ('trained','chosen','rolled_back','adopted')", name="reason"),
        {"info": care(personal=("by", "by_name"), keep="for ever: a line a change")},
    )

    id: Mapped[BigId]
    model_id: Mapped[str] = mapped_column(ForeignKey("trained_model.id"), index=True)
    returns_to: Mapped[int | None] = mapped_column(ForeignKey("model_activation.id"))
    reason: Mapped[str]
    by: Mapped[str]
    by_name: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class TrainingRunRow(Base):
    """A training. `slot` is 1 while it is asked for or runs, which at most one can; `seen_at` is its sign of life.

    State: asked, running, held (trained, scores fell, someone must confirm), done, failed. `comparison`: old and new scores.
    """

    __tablename__ = "training_run"
    __table_args__ = (
        UniqueConstraint("slot"),
        Index("ix_training_run_asked_at", "asked_at"),
        CheckConstraint("state IN ('asked','running','held','done','failed')", name="state"),
        CheckConstraint("(slot IS NOT NULL) = (state IN ('asked','running'))", name="slot_while_open"),
        {"info": care(personal=("asked_by", "asked_name"), keep="365 days")},
    )

    id: Mapped[Id]
    slot: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str]
    fine_tune: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    asked_by: Mapped[str]
    asked_name: Mapped[str]
    progress: Mapped[float] = mapped_column(default=0.0, server_default=sql("0"))
    step: Mapped[str] = mapped_column(default="", server_default=sql("''"))
    comparison: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=sql("'{}'"))
    model_id: Mapped[str | None] = mapped_column(ForeignKey("trained_model.id"))
    error: Mapped[str | None]
    asked_at: Mapped[datetime] = mapped_column(server_default=NOW)
    started_at: Mapped[datetime | None]
    seen_at: Mapped[datetime] = mapped_column(server_default=NOW)
    ended_at: Mapped[datetime | None]
