"""Tables of agent assistance."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import Base, Id, care


class SuggestionRow(Base):
    """A reply draft made for one customer message. State: made, shown, accepted, edited, dismissed."""

    __tablename__ = "suggestion"
    __table_args__ = (
        Index("uq_suggestion_rank", "message_id", "rank", unique=True),
        {"info": care(personal=("text",), keep="365 days")},
    )

    id: Mapped[Id]
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    rank: Mapped[int] = mapped_column(Integer)
    source: Mapped[str]  # knowledge, order
    text: Mapped[str]
    citations: Mapped[list[Any]] = mapped_column(default=list)
    confidence: Mapped[float] = mapped_column(Float)
    state: Mapped[str] = mapped_column(default="made")
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(server_default=NOW)
    shown_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
