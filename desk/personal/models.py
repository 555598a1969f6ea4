"""Tables of what belongs to one person at the desk."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import ROW, Base, Id, care


class SavedViewRow(Base):
    """A list of conversations that somebody put together; a shared one is everybody's. `filters` is JSON of `views.Filters`."""

    __tablename__ = "saved_view"
    __table_args__ = ({"info": care(personal=("staff_id",), keep="until it is deleted, or with the account")},)

    id: Mapped[Id]
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    shared: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    filters: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class NotificationRow(Base):
    """Something that one person should look at: a note names them, or what they sent did not go out."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_unread", "staff_id", "at", postgresql_where=sql("read_at IS NULL")),
        {"info": care(personal=("staff_id", "by_id"), keep="90 days")},
    )

    id: Mapped[Id]
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    kind: Mapped[str]
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[uuid.UUID | None]
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    read_at: Mapped[datetime | None]


class ReadStateRow(Base):
    """How far one person has read a conversation."""

    __tablename__ = "read_state"
    __table_args__ = ({"info": care(personal=("staff_id",), keep="with its conversation")},)

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True, index=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class DraftRow(Base):
    """What one person was writing in a conversation. `body` holds what is beside the text: note or reply, suggestion, files."""

    __tablename__ = "draft"
    __table_args__ = (
        {"info": care(personal=("text", "body"), keep="until it is sent or emptied; 30 days after the last change", erase=ROW)},
    )

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True, index=True)
    text: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=sql("'{}'"))
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class OutgoingRow(Base):
    """What one person sent from the console: held back for a moment, so that it can be undone, and then stored as a message.

    `client_id` is what the browser called it: the same one again is the same message. The message's id is that of this row.
    """

    __tablename__ = "outgoing"
    __table_args__ = (
        UniqueConstraint("staff_id", "client_id"),
        Index("ix_outgoing_held", "send_at", postgresql_where=sql("state = 'held'")),
        CheckConstraint("state IN ('held','sent','undone','refused')", name="state"),
        {"info": care(personal=("text", "body", "staff_id"), keep="30 days after it was settled", erase=ROW)},
    )

    id: Mapped[Id]
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    client_id: Mapped[str]
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    text: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=sql("'{}'"))
    state: Mapped[str]
    reason: Mapped[str | None]
    send_at: Mapped[datetime]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class PreferenceRow(Base):
    """How one person likes the console; JSON of `preferences.Preferences`."""

    __tablename__ = "preference"
    __table_args__ = ({"info": care(personal=("staff_id",), keep="with the account")},)

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    data: Mapped[dict[str, Any]]
