"""Tables of unanswered questions: the questions, and which sentences belong to each."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import STEP, Base, Id, care


class QuestionRow(Base):
    """A question that customers asked in several wordings and languages, and nothing answered.

    Status: open; drafted (its article waits for publication); closed (published, and watched); dismissed; merged (into `merged_into`).
    `found_*`: the article that answers its wordings by now, if one does, the share of wordings it answers, and at which generation of the
    index that was looked up. `drafts`: by language, an answer joined from what agents replied. `stale`: they are to be made again.
    """

    __tablename__ = "unanswered_question"
    __table_args__ = (
        Index("ix_unanswered_question_status", "status", "changed_at"),
        Index("ix_unanswered_question_article", "article_id"),
        CheckConstraint("status IN ('open','drafted','closed','dismissed','merged')", name="status"),
        CheckConstraint("(status = 'merged') = (merged_into IS NOT NULL)", name="merged_has_target"),
        CheckConstraint("status NOT IN ('drafted','closed') OR article_id IS NOT NULL", name="answered_has_article"),
        {
            "info": care(
                personal=("text", "drafts", "decided_by", "decided_name"),
                keep="while open: as long as one of its messages is kept; decided ones 730 days after the decision",
                erase=STEP,
            )
        },
    )

    id: Mapped[Id]
    status: Mapped[str] = mapped_column(default="open", server_default=sql("'open'"))
    merged_into: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("unanswered_question.id", ondelete="CASCADE"))
    text: Mapped[str]
    language: Mapped[str]
    found_article: Mapped[str | None]
    found_language: Mapped[str | None]
    found_confidence: Mapped[float | None]
    found_share: Mapped[float | None]
    found_generation: Mapped[int | None] = mapped_column(Integer)
    drafts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=sql("'{}'"))
    stale: Mapped[bool] = mapped_column(default=True, server_default=sql("true"))
    article_id: Mapped[str | None]
    article_language: Mapped[str | None]
    reason: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_name: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reopened_at: Mapped[datetime | None]
    reopened_why: Mapped[str | None]  # asked_again, retired, by_hand
    reopened_times: Mapped[int] = mapped_column(Integer, default=0, server_default=sql("0"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    changed_at: Mapped[datetime] = mapped_column(server_default=NOW)


class WordingRow(Base):
    """A sentence of the queue for learning as a wording of a question, with its vector (float32, little endian) by one encoder."""

    __tablename__ = "unanswered_wording"
    __table_args__ = ({"info": care(keep="with its sentence in the queue for learning")},)

    sentence_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("learning_sentence.id", ondelete="CASCADE"), primary_key=True)
    question_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unanswered_question.id", ondelete="CASCADE"), index=True)
    encoder: Mapped[str]
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    placed_at: Mapped[datetime] = mapped_column(server_default=NOW)
