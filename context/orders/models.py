"""Tables of order sources: what was asked of the shop's system, and what is to be told to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import STEP, Base, BigId, care


class OrderSyncRow(Base):
    """When an order was last asked for in the shop's system. `found` False: it has none of that number."""

    __tablename__ = "order_sync"
    __table_args__ = ({"info": care(keep="with its order; 30 days where there is none")},)

    number: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    external_id: Mapped[str | None]  # the name of the order in the shop's system
    found: Mapped[bool]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class WriteBackRow(Base):
    """Something to be told to the shop's system: a note, or a return. `key` makes a repeat do nothing."""

    __tablename__ = "order_write_back"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_order_write_back_due", "next_at", postgresql_where=text("state = 'pending'")),
        {"info": care(personal=("data",), keep="365 days", erase=STEP)},
    )

    id: Mapped[BigId]
    key: Mapped[str]
    kind: Mapped[str]  # note, return
    order_number: Mapped[str] = mapped_column(index=True)
    data: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="pending", server_default=text("'pending'"))  # pending, sent, failed, unsupported
    tries: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    error: Mapped[str | None]
    next_at: Mapped[datetime] = mapped_column(server_default=NOW)
    at: Mapped[datetime] = mapped_column(server_default=NOW)
