"""Tables of the desk."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import Base, care


class PresenceRow(Base):
    """Whether a staff member is here: `state` as they chose it (online, away), `seen_at` from the real connection."""

    __tablename__ = "presence"
    __table_args__ = ({"info": care(personal=("staff_id",), keep="overwritten; deleted with the account")},)

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str]
    seen_at: Mapped[datetime] = mapped_column(server_default=NOW)
