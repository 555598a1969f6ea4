"""Tables of the channels: accounts, what webhooks brought, what was sent and what became of it, who wrote when."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Integer, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import ROW, STEP, Base, Id, care


class ChannelAccountRow(Base):
    """An account of the shop at a provider: a WhatsApp number, a bot, a mailbox. `sealed` are its secrets, sealed by `kit/sealing.py`."""

    __tablename__ = "channel_account"
    __table_args__ = (
        UniqueConstraint("channel", "account"),
        CheckConstraint("state IN ('active','paused','blocked')", name="state"),
        {"info": care(keep="until it is removed")},
    )

    id: Mapped[Id]
    channel: Mapped[str]
    account: Mapped[str]  # the provider's name of it, by which webhooks are routed
    name: Mapped[str]
    state: Mapped[str] = mapped_column(default="active", server_default=text("'active'"))
    reason: Mapped[str | None]  # why it is blocked, for people
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    sealed: Mapped[str] = mapped_column(default="", server_default=text("''"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    changed_at: Mapped[datetime] = mapped_column(server_default=NOW)


class ChannelIntakeRow(Base):
    """The body of one webhook, stored before it was acknowledged. State: waiting, done, flagged (something in it was not understood)."""

    __tablename__ = "channel_intake"
    __table_args__ = (
        Index("ix_channel_intake_waiting", "id", postgresql_where=text("state = 'waiting'")),
        Index("ix_channel_intake_received_at", "received_at"),
        Index("uq_channel_intake_delivery", "channel", "account", "delivery", unique=True, postgresql_where=text("delivery IS NOT NULL")),
        {"info": care(personal=("body",), keep="2 days once it is worked off, 30 days when flagged", erase=STEP)},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    channel: Mapped[str]
    account: Mapped[str]
    delivery: Mapped[str | None]  # the provider's name of the request, where it has one
    body: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(default="waiting", server_default=text("'waiting'"))
    note: Mapped[str | None]
    received_at: Mapped[datetime] = mapped_column(server_default=NOW)
    done_at: Mapped[datetime | None]


class ChannelSendRow(Base):
    """One part of an outbound message at a provider: what is in flight, and how far it got.

    `id` goes along with the send where the provider can echo it. State: waiting, sending, accepted, sent, delivered, read, played, failed,
    unknown. Failed and unknown ones are dead letters until somebody replays or puts them away (`closed_at`).
    """

    __tablename__ = "channel_send"
    __table_args__ = (
        UniqueConstraint("message_id", "part"),
        Index("ix_channel_send_provider", "channel", "account", "provider_id"),
        Index("ix_channel_send_carrier", "carrier", postgresql_where=text("carrier IS NOT NULL")),
        Index("ix_channel_send_dead", "claimed_at", postgresql_where=text("state IN ('failed','unknown') AND closed_at IS NULL")),
        {"info": care(personal=("address", "provider_id", "error"), keep="with its message", erase=ROW)},
    )

    id: Mapped[Id]
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    part: Mapped[int] = mapped_column(Integer)
    parts: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    channel: Mapped[str]
    account: Mapped[str]
    address: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    next_at: Mapped[datetime | None]
    provider_id: Mapped[str | None]
    error_class: Mapped[str | None]
    error_code: Mapped[str | None]
    error: Mapped[str | None]
    claimed_at: Mapped[datetime] = mapped_column(server_default=NOW)
    accepted_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    once: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # this try used a handle, so it cannot be repeated
    carrier: Mapped[uuid.UUID | None]  # the send whose mail has this message in it too


class ChannelAddressRow(Base):
    """What is known of a customer's address at an account: when they last wrote (by the provider's clock), what they do not want."""

    __tablename__ = "channel_address"
    __table_args__ = ({"info": care(personal=("address", "username", "reply_handle"), keep="with its contact", erase=STEP)},)

    channel: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    last_inbound_at: Mapped[datetime | None]
    free_entry_until: Mapped[datetime | None]
    marketing_stopped: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    username: Mapped[str | None]
    blocked: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    blocked_at: Mapped[datetime | None]  # when they blocked the account, or allowed it again
    reply_handle: Mapped[str | None]
    reply_until: Mapped[datetime | None]


class ChannelOrphanRow(Base):
    """A receipt that came before the answer to the send that it is about: it is applied when the provider's id is known."""

    __tablename__ = "channel_orphan"
    __table_args__ = (
        UniqueConstraint("channel", "account", "provider_id", "status"),
        {"info": care(personal=("provider_id",), keep="1 day", erase=STEP)},
    )

    id: Mapped[Id]
    channel: Mapped[str]
    account: Mapped[str]
    provider_id: Mapped[str]
    status: Mapped[str]
    receipt: Mapped[dict[str, Any]]
    received_at: Mapped[datetime] = mapped_column(server_default=NOW)


class ChannelMediaRow(Base):
    """A file that a customer sent. State: waiting (to be fetched), stored (as an attachment), refused (with the reason in `note`)."""

    __tablename__ = "channel_media"
    __table_args__ = (
        Index("ix_channel_media_waiting", "at", postgresql_where=text("state = 'waiting'")),
        UniqueConstraint("message_id", "ordinal"),
        {"info": care(personal=("name", "source"), keep="with its message", erase=ROW)},
    )

    id: Mapped[Id]
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    channel: Mapped[str]
    account: Mapped[str]
    source: Mapped[str]  # the provider's name of the file
    kind: Mapped[str]  # image, video, audio, voice, document, sticker
    type: Mapped[str]  # as claimed, then as found
    name: Mapped[str | None]
    sha256: Mapped[str | None]
    attachment_id: Mapped[uuid.UUID | None]
    state: Mapped[str] = mapped_column(default="waiting", server_default=text("'waiting'"))
    note: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    next_at: Mapped[datetime | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class ChannelTemplateRow(Base):
    """A message template as the provider knows it, with its approval state; read anew by `sync`, changed by webhooks."""

    __tablename__ = "channel_template"
    __table_args__ = (
        UniqueConstraint("channel", "account", "name", "language"),
        {"info": care(keep="as long as the provider lists it")},
    )

    id: Mapped[Id]
    channel: Mapped[str]
    account: Mapped[str]  # the account's settings `templates_of`: for WhatsApp the WABA, which several numbers share
    provider_id: Mapped[str | None]
    name: Mapped[str]
    language: Mapped[str]
    category: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str | None]
    quality: Mapped[str | None]
    components: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    synced_at: Mapped[datetime] = mapped_column(server_default=NOW)


class WebMailingRow(Base):
    """Replies of a web chat that went by e-mail, up to a number, as the visitor was gone; `message_id` is the mail's own message."""

    __tablename__ = "web_mailing"
    __table_args__ = (
        Index("ix_web_mailing_conversation", "conversation_id", "up_to_seq"),
        {"info": care(personal=("address",), keep="with its conversation")},
    )

    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    up_to_seq: Mapped[int] = mapped_column(BigInteger)
    address: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
