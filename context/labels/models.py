"""Tables of labels."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import Base, Id, care


class LabelRow(Base):
    """A word that people put on conversations. `colour` is one of `keeping.COLOURS`."""

    __tablename__ = "label"
    __table_args__ = ({"info": care(keep="until it is deleted")},)

    id: Mapped[Id]
    title: Mapped[str] = mapped_column(unique=True)
    colour: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class ConversationLabelRow(Base):
    """A label that is on a conversation."""

    __tablename__ = "conversation_label"
    __table_args__ = ({"info": care(keep="with its conversation")},)

    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    label_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("label.id", ondelete="CASCADE"), primary_key=True, index=True)
    at: Mapped[datetime] = mapped_column(server_default=NOW)
