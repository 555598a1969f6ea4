"""Tables of agent assistance."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Identity, Index, Integer, LargeBinary
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import STEP, Base, BigId, Id, care


class SuggestionRow(Base):
    """A reply draft made for one customer message. State: made, shown, accepted, edited, dismissed.

    `origin` names what it was made from (an article, a macro, a learned reply); `internal`: it is for the agent's eyes and never sent as it
    is. `features` are what the ranker saw, `ranker` its version (0: the one that ships).
    """

    __tablename__ = "suggestion"
    __table_args__ = (
        Index("uq_suggestion_rank", "message_id", "rank", unique=True),
        Index("ix_suggestion_settled_at", "settled_at"),
        Index("ix_suggestion_internal", "staff_id", "shown_at", postgresql_where=sql("internal")),
        {"info": care(personal=("text",), keep="365 days", instead={"text": "repeat('.', length(text))"})},
    )

    id: Mapped[Id]
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    rank: Mapped[int] = mapped_column(Integer)
    source: Mapped[str]  # knowledge, macro, history
    text: Mapped[str]
    citations: Mapped[list[Any]] = mapped_column(default=list)
    confidence: Mapped[float] = mapped_column(Float)
    state: Mapped[str] = mapped_column(default="made")
    origin: Mapped[str] = mapped_column(default="", server_default=sql("''"))
    internal: Mapped[bool] = mapped_column(Boolean, default=False, server_default=sql("false"))
    features: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=sql("'{}'"))
    ranker: Mapped[int] = mapped_column(BigInteger, default=0, server_default=sql("0"))
    distance: Mapped[int | None] = mapped_column(Integer)  # characters that the agent changed
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(server_default=NOW)
    shown_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]  # copied, to be sent at an outside desk
    settled_at: Mapped[datetime | None]


class LearnedReplyRow(Base):
    """A reply that agents gave, redacted; near repeats are one. It is offered once it was not one agent's in one conversation alone.

    `vector` is that of the reply by the encoder `encoder` (float32, little endian).
    """

    __tablename__ = "learned_reply"
    __table_args__ = (
        Index("uq_learned_reply_key", "language", "key", unique=True),
        {"info": care(personal=("reply", "key"), keep="until its last example is erased, or 730 days after its last use", erase=STEP)},
    )

    id: Mapped[Id]
    language: Mapped[str]
    key: Mapped[str]
    reply: Mapped[str]
    vector: Mapped[bytes] = mapped_column(LargeBinary, default=b"", server_default=sql("''"))
    encoder: Mapped[str] = mapped_column(default="", server_default=sql("''"))
    hidden: Mapped[bool] = mapped_column(Boolean, default=False, server_default=sql("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class LearnedExampleRow(Base):
    """One time that a reply was given: what was asked, redacted, with its vector of the encoder `encoder` (float32, little endian)."""

    __tablename__ = "learned_example"
    __table_args__ = ({"info": care(personal=("staff_id", "question"), keep="730 days, and erased with its conversation", erase=STEP)},)

    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)  # in the order of commits: writers are lined up by a lock
    reply_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("learned_reply.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    question: Mapped[str]
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    encoder: Mapped[str]
    rating: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime]


class RankerRow(Base):
    """A version of what orders suggestions, learned from use; `figures` say from what, and what it gained."""

    __tablename__ = "suggestion_ranker"
    __table_args__ = ({"info": care(keep="the newest 50 versions")},)

    version: Mapped[BigId]
    weights: Mapped[dict[str, Any]]
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=sql("'{}'"))
    made_at: Mapped[datetime] = mapped_column(server_default=NOW)


class RankerActivationRow(Base):
    """Which version orders suggestions: the newest row counts; version 0 is the one that ships."""

    __tablename__ = "suggestion_ranker_activation"
    __table_args__ = ({"info": care(personal=("staff_id",), keep="730 days")},)

    id: Mapped[BigId]
    version: Mapped[int] = mapped_column(BigInteger)
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(server_default=NOW)
