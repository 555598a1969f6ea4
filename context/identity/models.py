"""Tables of identity: identifiers, merges, suggestions to merge, one-time codes, keys of signed identity."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import ROW, Base, Id, care


class IdentifierRow(Base):
    """What a contact is known by: a telephone number (E.164), an e-mail address, a member id, a device. Claimed until it is proven.

    `method` says how it was proven (signed, code, order, channel, agent), or where the claim came from. Several contacts may have proven
    the same telephone number or address, as families share them; a proven member id belongs to one contact.
    """

    __tablename__ = "contact_identifier"
    __table_args__ = (
        UniqueConstraint("contact_id", "kind", "value"),
        Index("ix_contact_identifier_kind_value", "kind", "value"),
        Index("uq_contact_identifier_member", "value", unique=True, postgresql_where=text("kind = 'member' AND verified")),
        CheckConstraint("kind IN ('phone','email','member','device')", name="kind"),
        {"info": care(personal=("value",), keep="with its contact", erase=ROW)},
    )

    id: Mapped[Id]
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    kind: Mapped[str]
    value: Mapped[str]
    verified: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    shared: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # a person said that several people use it
    method: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    verified_at: Mapped[datetime | None]


class MergeRow(Base):
    """A merge of one contact into another, with all that moved, so that it can be undone."""

    __tablename__ = "contact_merge"
    __table_args__ = (
        Index("ix_contact_merge_from", "from_id"),
        Index("ix_contact_merge_into", "into_id"),
        {"info": care(personal=("moved", "before", "evidence"), keep="with its contacts", erase=ROW)},
    )

    id: Mapped[Id]
    from_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    into_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    method: Mapped[str]  # signed, code, order, agent, api
    actor_kind: Mapped[str]
    actor_id: Mapped[str | None]
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    moved: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))  # table name: ids
    before: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))  # the survivor's own fields
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]


class LinkSuggestionRow(Base):
    """Two contacts who may be one person, for somebody to decide. `one_id` is the smaller id."""

    __tablename__ = "link_suggestion"
    __table_args__ = (
        UniqueConstraint("one_id", "other_id"),
        Index("ix_link_suggestion_other", "other_id"),
        CheckConstraint("state IN ('open','confirmed','dismissed')", name="state"),
        CheckConstraint("one_id < other_id", name="order"),
        {"info": care(personal=("evidence",), keep="with its contacts", erase=ROW)},
    )

    id: Mapped[Id]
    one_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    other_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))  # kind, value, proven on both sides
    state: Mapped[str] = mapped_column(default="open", server_default=text("'open'"))
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]


class IdentityCodeRow(Base):
    """A one-time code that was sent to prove an identifier. Kept as a hash; `tries` are the wrong ones."""

    __tablename__ = "identity_code"
    __table_args__ = (
        Index("ix_identity_code_contact", "contact_id", "at"),
        Index("ix_identity_code_value", "kind", "value", "at"),
        {"info": care(personal=("value",), keep="30 days", erase=ROW)},
    )

    id: Mapped[Id]
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    kind: Mapped[str]
    value: Mapped[str]
    code_hash: Mapped[str]
    sent: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    tries: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class IdentityKeyRow(Base):
    """A key with which the shop's site signs who its visitor is. HS256 keeps the shared secret here, ES256 only the public key."""

    __tablename__ = "identity_key"
    __table_args__ = (CheckConstraint("algorithm IN ('HS256','ES256')", name="algorithm"), {"info": care(keep="until deleted")})

    id: Mapped[str] = mapped_column(primary_key=True)  # the `kid`
    algorithm: Mapped[str]
    key: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    retires_at: Mapped[datetime | None]  # from then on it is refused


class UsedTokenRow(Base):
    """A signed identity that was exchanged, so that it is not exchanged twice; by the hash of its `jti`."""

    __tablename__ = "identity_token_used"
    __table_args__ = (Index("ix_identity_token_used_expires", "expires_at"), {"info": care(keep="until the token would have expired")})

    jti_hash: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]
