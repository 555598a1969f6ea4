"""The table of what articles were used for."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, BigId, care


class ArticleUseRow(Base):
    """One use of an article: the bot answered with it, it stood before an agent as a suggestion, or a reader judged its page.

    `outcome` of an answer: open (nothing speaks against it), asked_again, handed_off, thumbs_down; of a suggestion: shown, accepted,
    edited, dismissed; of a page: judged. `helped`: what the reader said of it; `rating`: what the customer gave the conversation, 1 to 5.
    `question` is redacted. `event_id`: the event that it was read from.
    """

    __tablename__ = "article_use"
    __table_args__ = (
        UniqueConstraint("event_id", "article_id"),
        Index("ix_article_use_article_at", "article_id", "at"),
        Index("ix_article_use_conversation_at", "conversation_id", "at"),
        Index("ix_article_use_suggestion", "suggestion_id"),
        CheckConstraint("kind IN ('answer','suggestion','page')", name="kind"),
        CheckConstraint(
            "outcome IN ('open','asked_again','handed_off','thumbs_down','shown','accepted','edited','dismissed','judged')", name="outcome"
        ),
        {"info": care(personal=("question", "message_id", "conversation_id"), keep="with its conversation; a page's 730 days")},
    )

    id: Mapped[BigId]
    event_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    article_id: Mapped[str]
    language: Mapped[str]
    passage_id: Mapped[str]
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    message_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    answer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"), index=True)
    suggestion_id: Mapped[uuid.UUID | None]
    question: Mapped[str | None]
    question_language: Mapped[str | None]
    outcome: Mapped[str]
    helped: Mapped[bool | None]
    rating: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime]
