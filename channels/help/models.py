"""What readers said of articles."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer, func
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, care


class FeedbackRow(Base):
    """A reader's answer to "was this helpful", once for each version of an article in a language."""

    __tablename__ = "help_feedback"
    __table_args__ = (
        Index("ix_help_feedback_article", "article_id", "at"),
        {"info": care(personal=("visitor_hash", "comment"), keep="730 days")},
    )

    visitor_hash: Mapped[str] = mapped_column(primary_key=True)
    article_id: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    helped: Mapped[bool]
    comment: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
