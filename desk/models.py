"""Tables of the desk."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import ROW, Base, BigId, Id, care


class PresenceRow(Base):
    """Whether a staff member is here: `state` as they chose it (online, busy, away, offline), `seen_at` from the real connection."""

    __tablename__ = "presence"
    __table_args__ = ({"info": care(personal=("staff_id",), keep="overwritten; deleted with the account")},)

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str]
    seen_at: Mapped[datetime] = mapped_column(server_default=NOW)


class SlaClockRow(Base):
    """One promise to one customer: `metric` first_response, next_response or resolution.

    It runs from `started_at` to `due_at`, unless it was paused (`left_seconds` are what was left then); ended by `met_at`, or by
    `cancelled` when the promise fell away.
    """

    __tablename__ = "sla_clock"
    __table_args__ = (
        UniqueConstraint("conversation_id", "metric", "started_seq"),
        CheckConstraint("metric IN ('first_response','next_response','resolution')", name="metric"),
        Index("ix_sla_clock_running", "warn_at", postgresql_where=text("ended_at IS NULL")),
        Index("ix_sla_clock_ended", "ended_at"),
        {"info": care(keep="with its conversation")},
    )

    id: Mapped[BigId]
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    metric: Mapped[str]
    team_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("team.id", ondelete="SET NULL"))
    started_seq: Mapped[int] = mapped_column(BigInteger)
    started_at: Mapped[datetime]
    target_seconds: Mapped[int] = mapped_column(Integer)
    business_hours: Mapped[bool]
    warn_percent: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime | None]
    warn_at: Mapped[datetime | None]
    left_seconds: Mapped[int | None] = mapped_column(Integer)
    warned_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]  # met, missed, cancelled


class ConversationMergeRow(Base):
    """A merge of two conversations by a colleague, with what is needed to undo it: `before` holds what the merge changed in both.

    `seq` is the number that the one that stays had then: what has a greater one was said after the merge.
    """

    __tablename__ = "conversation_merge"
    __table_args__ = ({"info": care(personal=("before",), keep="with its conversations", erase=ROW)},)

    id: Mapped[Id]
    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    into_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    seq: Mapped[int] = mapped_column(BigInteger)
    before: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))


class AlertRow(Base):
    """Something a supervisor should see. One of a kind stands for a conversation until it is acknowledged."""

    __tablename__ = "alert"
    __table_args__ = (
        Index("uq_alert_one_standing", "conversation_id", "kind", unique=True, postgresql_where=text("acknowledged_at IS NULL")),
        Index("ix_alert_at", "at"),
        {"info": care(personal=("detail",), keep="with its conversation")},
    )

    id: Mapped[Id]
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    kind: Mapped[str]
    severity: Mapped[int] = mapped_column(Integer)  # 1 look soon, 2 look now
    detail: Mapped[str] = mapped_column(default="", server_default=text("''"))
    message_id: Mapped[uuid.UUID | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
