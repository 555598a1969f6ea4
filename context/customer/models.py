"""Tables of what is known of a customer beside conversations and orders."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import ROW, STEP, Base, BigId, Id, care


class ContactLabelRow(Base):
    """A word that a person or a system outside put on a contact. Labels by rule are computed, not stored."""

    __tablename__ = "contact_label"
    __table_args__ = (
        Index("ix_contact_label_label", "label"),
        {"info": care(personal=("contact_id", "label"), keep="with its contact", erase=ROW)},
    )

    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(default="person", server_default=text("'person'"))  # person, api, or the name of a system
    by: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class ContactNoteRow(Base):
    """What a colleague wrote down about a customer, for colleagues."""

    __tablename__ = "contact_note"
    __table_args__ = ({"info": care(personal=("text",), keep="with its contact", erase=ROW)},)

    id: Mapped[Id]
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class ConsentRow(Base):
    """What a customer allowed or took back, for one purpose; the newest counts, the older ones are the proof."""

    __tablename__ = "contact_consent"
    __table_args__ = (
        Index("ix_contact_consent_contact", "contact_id", "purpose", "id"),
        {"info": care(personal=("contact_id", "source"), keep="1095 days after the contact is erased, without the contact")},
    )

    id: Mapped[BigId]
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    purpose: Mapped[str]
    granted: Mapped[bool]
    source: Mapped[str]
    version: Mapped[str | None]  # of the text that was agreed to
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class ShopEventRow(Base):
    """What a customer did in the shop or on its site: looked at a page, filled a cart, bought. Only with consent."""

    __tablename__ = "shop_event"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index("ix_shop_event_contact_at", "contact_id", "at"),
        {"info": care(personal=("contact_id", "data"), keep="365 days, or until the consent is taken back", erase=ROW)},
    )

    id: Mapped[BigId]
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    kind: Mapped[str]
    source: Mapped[str]
    external_id: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class CallRow(Base):
    """A telephone call that a telephone system told of, with what was said where there is a transcript."""

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index("ix_call_contact_at", "contact_id", "at"),
        CheckConstraint("direction IN ('in','out')", name="direction"),
        {"info": care(personal=("contact_id", "transcript", "summary", "recording_url"), keep="730 days", erase=ROW)},
    )

    id: Mapped[Id]
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"))
    source: Mapped[str]
    external_id: Mapped[str]
    direction: Mapped[str]
    seconds: Mapped[int] = mapped_column(Integer)
    summary: Mapped[str | None]
    recording_url: Mapped[str | None]
    transcript: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))  # {"by", "text", "at"}
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class RuleRow(Base):
    """A readable rule that says whom a segment or a label holds, such as `spent >= 2000 within 365 days`."""

    __tablename__ = "customer_rule"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("kind IN ('segment','label')", name="kind"),
        {"info": care(keep="until deleted")},
    )

    id: Mapped[Id]
    name: Mapped[str]
    kind: Mapped[str]
    rule: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class IdempotencyRow(Base):
    """The answer that a request of the API got, by the key that its sender chose."""

    __tablename__ = "idempotency"
    __table_args__ = (Index("ix_idempotency_at", "at"), {"info": care(personal=("body",), keep="24 hours", erase=STEP)})

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    at: Mapped[datetime] = mapped_column(server_default=NOW)
