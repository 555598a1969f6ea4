"""Tables of the shop beside its orders."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import ROW, STEP, Base, BigId, care


class ProductRow(Base):
    """What the shop sells; money in cents. `titles`: language to title. `stock` None: not counted, always there."""

    __tablename__ = "shop_product"
    __table_args__ = (CheckConstraint("stock >= 0", name="stock"), {"info": care(keep="as long as the shop carries it")})

    sku: Mapped[str] = mapped_column(primary_key=True)
    titles: Mapped[dict[str, Any]]
    price: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str]
    stock: Mapped[int | None] = mapped_column(Integer)
    restock_on: Mapped[date | None]
    place: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))  # on the shelf


class GiftCardRow(Base):
    """A gift card. Its code is money: only the SHA-256 is kept, and the last four signs to name it by."""

    __tablename__ = "gift_card"
    __table_args__ = (CheckConstraint("balance >= 0", name="balance"), {"info": care(keep="10 years after it expires")})

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    ending: Mapped[str]
    balance: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str]
    expires_on: Mapped[date]


class GiftCardTryRow(Base):
    """A try to read a gift card's balance: wrong ones are counted and limited."""

    __tablename__ = "gift_card_try"
    __table_args__ = (
        Index("ix_gift_card_try_contact_at", "contact_id", "at"),
        {"info": care(personal=("contact_id",), keep="30 days", erase=ROW)},
    )

    id: Mapped[BigId]
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    right: Mapped[bool]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class LoyaltyRow(Base):
    """The points of a customer of the loyalty programme; `expiring` of them go on `expiring_on`."""

    __tablename__ = "loyalty_account"
    __table_args__ = (
        CheckConstraint("points >= 0", name="points"),
        {"info": care(personal=("email",), keep="until the customer leaves", erase=STEP)},
    )

    email: Mapped[str] = mapped_column(primary_key=True)
    points: Mapped[int] = mapped_column(Integer)
    expiring: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    expiring_on: Mapped[date | None]


class ServiceRequestRow(Base):
    """Something a customer asked to have done: a parcel looked for, an order cancelled, an address changed, an invoice, a complaint.

    `key` makes a repeat of the same wish do nothing; `details` are what the desk needs to do it.
    """

    __tablename__ = "service_request"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("kind IN ('problem','cancel','address','invoice','complaint')", name="kind"),
        CheckConstraint("status IN ('open','done','refused')", name="status"),
        Index("ix_service_request_status_at", "status", "at"),
        {"info": care(personal=("details", "contact_id"), keep="10 years when it names an order, else 730 days")},
    )

    reference: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Identity(start=20001))  # its sequence counts the references: SR-20001 ...
    key: Mapped[str]
    kind: Mapped[str]
    order_number: Mapped[str | None] = mapped_column(ForeignKey("shop_order.number"), index=True)
    details: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(default="open")
    contact_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"), index=True)
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(server_default=NOW)
