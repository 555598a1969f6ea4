"""Tables of the link to a customer system outside."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import ROW, Base, care


class CrmLinkRow(Base):
    """Which record of the customer system is this contact."""

    __tablename__ = "crm_link"
    __table_args__ = (
        UniqueConstraint("system", "external_id", "contact_id"),
        {"info": care(personal=("external_id",), keep="with its contact", erase=ROW)},
    )

    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    system: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str]
    synced_at: Mapped[datetime] = mapped_column(server_default=NOW)


class CrmNoteRow(Base):
    """A conversation's outcome that was written to the customer system, so that it is written once."""

    __tablename__ = "crm_note"
    __table_args__ = ({"info": care(keep="with its conversation")},)

    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    system: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
