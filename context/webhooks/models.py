"""Tables of outgoing webhooks."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import STEP, Base, BigId, Id, care


class WebhookRow(Base):
    """An address outside that wants events. `position` is how far the event log was looked through for it."""

    __tablename__ = "webhook"
    __table_args__ = ({"info": care(keep="until deleted")},)

    id: Mapped[Id]
    url: Mapped[str]
    events: Mapped[list[str]]  # names, or `noun.*`; `*` is all
    secrets: Mapped[list[str]]  # the newest first; the older one still signs while it is being replaced
    active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    position: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    failing_since: Mapped[datetime | None]
    stopped_for: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class WebhookDeliveryRow(Base):
    """One event for one address, until it was taken there. `id` is the `webhook-id`, the same over all tries."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_due", "next_at", postgresql_where=text("state = 'pending'")),
        Index("ix_webhook_delivery_webhook_at", "webhook_id", "at"),
        Index("uq_webhook_delivery_event", "webhook_id", "position", unique=True),
        CheckConstraint("state IN ('pending','sent','failed')", name="state"),
        {"info": care(personal=("payload",), keep="30 days", erase=STEP)},
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    webhook_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    position: Mapped[int | None] = mapped_column(BigInteger)  # of the event; None for a trial
    type: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="pending", server_default=text("'pending'"))
    tries: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    next_at: Mapped[datetime | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    done_at: Mapped[datetime | None]


class WebhookTryRow(Base):
    """One try of a delivery: when, what the other side answered, how long it took."""

    __tablename__ = "webhook_try"
    __table_args__ = (Index("ix_webhook_try_delivery", "delivery_id"), {"info": care(keep="30 days")})

    id: Mapped[BigId]
    delivery_id: Mapped[str] = mapped_column(ForeignKey("webhook_delivery.id", ondelete="CASCADE"))
    status: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str | None]
    milliseconds: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(server_default=NOW)
