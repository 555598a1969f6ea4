"""The table of macros."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import Base, Id, care


class MacroRow(Base):
    """A prepared reply. `bodies` are pairs of language and text, in the order in which they were written."""

    __tablename__ = "macro"
    __table_args__ = (
        CheckConstraint("audience IN ('everyone','teams','owner')", name="audience"),
        {"info": care(personal=("owner_id",), keep="until somebody removes it")},
    )

    id: Mapped[Id]
    title: Mapped[str]
    bodies: Mapped[list[Any]]
    questions: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    actions: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    audience: Mapped[str] = mapped_column(default="everyone", server_default=text("'everyone'"))
    teams: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    owner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(Integer, default=1, server_default=text("1"))
    used_count: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    changed_at: Mapped[datetime] = mapped_column(server_default=NOW)
