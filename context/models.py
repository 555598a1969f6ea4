"""Tables of the customer context. `care` says of each which columns are personal data and how long rows are kept."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Integer, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import ROW, STEP, Base, BigId, Id, care

NOW = func.clock_timestamp()
ERASED_NAME = (
    "CASE WHEN external_id IS NULL OR starts_with(external_id, 'erased:') THEN external_id ELSE"
    " 'erased:' || encode(sha256(convert_to(concat_ws(E'\\n', channel, account, external_id), 'UTF8')), 'hex') END"
)
"""What stands for a provider's name of a message once its customer is erased; `contacts.erased_name` computes the same."""
ERASED_PACKET = (
    "jsonb_build_object('reason', packet -> 'reason', 'language', packet -> 'language', 'urgency', packet -> 'urgency',"
    " 'suggested_team', packet -> 'suggested_team', 'sentiment', packet -> 'sentiment')"
)


class ContactRow(Base):
    """A customer, on however many channels."""

    __tablename__ = "contact"
    __table_args__ = (
        Index("ix_contact_search", text("search_person(name, email, phone)"), postgresql_using="gin"),
        Index("ix_contact_erased", "erased_at", postgresql_where=text("erased_at IS NOT NULL")),
        {"info": care(personal=("name", "email", "phone", "attributes"), keep="until erased, or 730 days after the last message")},
    )

    id: Mapped[Id]
    name: Mapped[str | None]
    email: Mapped[str | None] = mapped_column(index=True)
    phone: Mapped[str | None] = mapped_column(index=True)
    language: Mapped[str | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    merged_into: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)  # who this is now
    erased_at: Mapped[datetime | None]  # nothing is known of them any more; the row stays for what was counted
    swept_at: Mapped[datetime | None]  # looked at once more after that, for what was still under way


class IdentityRow(Base):
    """One address of a contact on one channel account. `verified`: proven, not merely claimed."""

    __tablename__ = "identity"
    __table_args__ = (
        UniqueConstraint("channel", "account", "external_id"),
        {"info": care(personal=("external_id",), keep="with its contact", erase=ROW)},
    )

    id: Mapped[Id]
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str]
    account: Mapped[str]
    external_id: Mapped[str]
    verified: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    sees_from: Mapped[datetime | None]  # who was linked by an order sees what others wrote from then on, not what was before
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class VisitorSessionRow(Base):
    """A widget's session: the token is kept as its SHA-256 only."""

    __tablename__ = "visitor_session"
    __table_args__ = ({"info": care(personal=("visitor", "form"), keep="90 days after last use", erase=STEP)},)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    visitor: Mapped[str] = mapped_column(index=True)  # external id of the identity, which exists from the first message on
    language: Mapped[str | None]
    form: Mapped[dict[str, Any] | None]  # what was told before the chat; None: nothing yet
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    used_at: Mapped[datetime] = mapped_column(server_default=NOW)
    seen_at: Mapped[datetime | None]  # when its browser last followed the chat


class ConversationRow(Base):
    """A conversation. `seq` is the number of its last event; `epoch` rises with each change of ownership.

    A partial unique index allows one unresolved conversation per contact and thread key.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        Index("uq_conversation_one_open", "contact_id", "thread_key", unique=True, postgresql_where=text("status <> 'resolved'")),
        Index("ix_conversation_inbox", "status", "handler", "waiting_since"),
        Index("ix_conversation_resolved", "resolved_at", "id", postgresql_where=text("status = 'resolved'")),
        CheckConstraint("status IN ('open','snoozed','resolved')", name="status"),
        CheckConstraint("handler IN ('bot','queue','agent')", name="handler"),
        CheckConstraint("(handler = 'agent') = (agent_id IS NOT NULL)", name="agent_holds"),
        {
            "info": care(
                personal=("slots", "dialogue", "preview", "address", "thread_key"),
                keep="730 days after resolution",
                instead={"thread_key": "'erased:' || id"},
            )
        },
    )

    id: Mapped[Id]
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    thread_key: Mapped[str]
    channel: Mapped[str]
    account: Mapped[str]
    address: Mapped[str | None]  # where the customer last wrote from, on that channel and account
    status: Mapped[str] = mapped_column(default="open")
    handler: Mapped[str] = mapped_column(default="bot")
    agent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    epoch: Mapped[int] = mapped_column(Integer, default=1)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    answered_seq: Mapped[int] = mapped_column(BigInteger, default=0)  # customer messages up to here had their turn
    read_seq: Mapped[int] = mapped_column(BigInteger, default=0)  # the customer has seen messages up to here
    language: Mapped[str | None]
    slots: Mapped[dict[str, Any]] = mapped_column(default=dict)
    dialogue: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the engine's own state, opaque here
    preview: Mapped[str] = mapped_column(default="")
    urgency: Mapped[int] = mapped_column(Integer, default=0)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    last_customer_at: Mapped[datetime | None]
    opened_at: Mapped[datetime] = mapped_column(server_default=NOW)
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW, index=True)
    resolved_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    team_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("team.id", ondelete="SET NULL"), index=True)
    priority: Mapped[int] = mapped_column(Integer, default=1, server_default=text("1"))  # 0 low, 1 normal, 2 high, 3 urgent
    queue_at: Mapped[datetime | None]  # its place in the queue: waiting since, less the head start of its priority
    routed_epoch: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))  # the stay in the queue that was routed last
    due_at: Mapped[datetime | None] = mapped_column(index=True)  # the next promise that falls due: `due_metric` says which
    due_metric: Mapped[str | None]
    timed_seq: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))  # what happened up to here, clocks know of
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"), index=True)


class MessageRow(Base):
    """A message in or out. Inbound repeats are stopped by (channel, account, external_id), a turn's repeats by (turn_id, ordinal),
    a person's by `sent_key`.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("uq_message_external", "channel", "account", "external_id", unique=True, postgresql_where=text("external_id IS NOT NULL")),
        Index("uq_message_turn", "turn_id", "ordinal", unique=True, postgresql_where=text("turn_id IS NOT NULL")),
        Index("uq_message_sent_key", "sent_key", unique=True, postgresql_where=text("sent_key IS NOT NULL")),
        UniqueConstraint("conversation_id", "seq"),
        Index("ix_message_search", text("search_words(text)"), postgresql_using="gin"),
        Index("ix_message_queued", "conversation_id", "channel", "account", "seq", postgresql_where=text("delivery = 'queued'")),
        {
            "info": care(
                personal=("text", "payload", "body", "understanding", "author_name", "external_id", "address"),
                keep="730 days after resolution",
                instead={"external_id": ERASED_NAME},
            )
        },
    )

    id: Mapped[Id]
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    seq: Mapped[int] = mapped_column(BigInteger)
    direction: Mapped[str]
    author: Mapped[str]
    author_id: Mapped[str | None]
    author_name: Mapped[str | None]
    visibility: Mapped[str] = mapped_column(default="public")
    text: Mapped[str]
    payload: Mapped[str | None]
    body: Mapped[dict[str, Any]] = mapped_column(default=dict)  # buttons, citations, custom
    channel: Mapped[str]
    account: Mapped[str]
    address: Mapped[str | None]  # the customer's external id there: who wrote, or who it goes to
    external_id: Mapped[str | None]
    turn_id: Mapped[uuid.UUID | None]
    ordinal: Mapped[int | None] = mapped_column(Integer)
    sent_key: Mapped[uuid.UUID | None]
    delivery: Mapped[str]
    understanding: Mapped[dict[str, Any] | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class EventRow(Base):
    """The event log. `seq` is dense in its conversation; `position` is given after commit by the sequencer (context/sequencer.py)."""

    __tablename__ = "event"
    __table_args__ = (
        Index("uq_event_seq", "conversation_id", "seq", unique=True, postgresql_where=text("conversation_id IS NOT NULL")),
        Index("uq_event_position", "position", unique=True, postgresql_where=text("position IS NOT NULL")),
        Index("ix_event_unplaced", "id", postgresql_where=text("position IS NULL")),
        Index("ix_event_name_at", "name", "at"),
        {"info": care(personal=("data",), keep="730 days; statistics are kept without contact", erase=STEP)},
    )

    id: Mapped[BigId]
    name: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    actor_kind: Mapped[str]
    actor_id: Mapped[str | None]
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    channel: Mapped[str | None]
    seq: Mapped[int | None] = mapped_column(BigInteger)
    position: Mapped[int | None] = mapped_column(BigInteger)
    data: Mapped[dict[str, Any]]


class TurnRow(Base):
    """A turn of the bot, with the trace of how it decided."""

    __tablename__ = "turn"
    __table_args__ = ({"info": care(personal=("trace",), keep="90 days")},)

    id: Mapped[Id]
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    epoch: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str]  # taken, dropped, failed
    trace: Mapped[list[Any]] = mapped_column(default=list)
    milliseconds: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class HandoffRow(Base):
    """A handoff with its packet. State: queued, accepted, abandoned, returned."""

    __tablename__ = "handoff"
    __table_args__ = ({"info": care(personal=("packet",), keep="730 days after resolution", instead={"packet": ERASED_PACKET})},)

    id: Mapped[Id]
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str]
    urgency: Mapped[int] = mapped_column(Integer, default=0)
    state: Mapped[str] = mapped_column(default="queued")
    packet: Mapped[dict[str, Any]]
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    accepted_at: Mapped[datetime | None]
    place: Mapped[int | None] = mapped_column(Integer)  # in the queue when the customer was first told
    told_place: Mapped[int | None] = mapped_column(Integer)  # what the customer was told last, and when
    told_seconds: Mapped[int | None] = mapped_column(Integer)
    told_at: Mapped[datetime | None]


class CallbackRow(Base):
    """A waiting customer wants to be reached by e-mail or telephone. Open until `closed_at`; at most one open for a conversation."""

    __tablename__ = "callback"
    __table_args__ = (
        Index("uq_callback_one_open", "conversation_id", unique=True, postgresql_where=text("closed_at IS NULL")),
        CheckConstraint("kind IN ('email','phone')", name="kind"),
        {"info": care(personal=("address",), keep="730 days after resolution of its conversation")},
    )

    id: Mapped[Id]
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    address: Mapped[str]
    language: Mapped[str | None]
    asked_at: Mapped[datetime] = mapped_column(server_default=NOW)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    outcome: Mapped[str | None]


class RatingRow(Base):
    """A rating asked for, and given when `score` (1 to 5) is there."""

    __tablename__ = "rating"
    __table_args__ = (CheckConstraint("score BETWEEN 1 AND 5", name="score"), {"info": care(personal=("comment",), keep="730 days")})

    id: Mapped[Id]
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    score: Mapped[int | None] = mapped_column(Integer)
    comment: Mapped[str | None]
    asked_at: Mapped[datetime] = mapped_column(server_default=NOW)
    given_at: Mapped[datetime | None]


class OrderRow(Base):
    """An order as the shop's own table knows it; money in cents."""

    __tablename__ = "shop_order"
    __table_args__ = (
        {
            "info": care(
                personal=("email", "phone", "customer_name", "address"), keep="as long as bookkeeping law asks: 10 years", erase=STEP
            )
        },
    )

    number: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    placed_at: Mapped[datetime]
    currency: Mapped[str]
    total: Mapped[int] = mapped_column(Integer)
    email: Mapped[str] = mapped_column(index=True)
    phone: Mapped[str | None] = mapped_column(index=True)
    customer_name: Mapped[str]
    address: Mapped[dict[str, Any]]


class OrderItemRow(Base):
    """A line of an order."""

    __tablename__ = "shop_order_item"
    __table_args__ = ({"info": care(keep="with its order")},)

    id: Mapped[BigId]
    order_number: Mapped[str] = mapped_column(ForeignKey("shop_order.number", ondelete="CASCADE"), index=True)
    sku: Mapped[str]
    title: Mapped[str]
    quantity: Mapped[int] = mapped_column(Integer)
    unit_price: Mapped[int] = mapped_column(Integer)
    returnable: Mapped[bool] = mapped_column(default=True)


class ShipmentRow(Base):
    """A parcel of an order."""

    __tablename__ = "shop_shipment"
    __table_args__ = ({"info": care(personal=("tracking_number",), keep="with its order", erase=STEP)},)

    id: Mapped[BigId]
    order_number: Mapped[str] = mapped_column(ForeignKey("shop_order.number", ondelete="CASCADE"), index=True)
    carrier: Mapped[str]
    tracking_number: Mapped[str]
    status: Mapped[str]
    expected_on: Mapped[date | None]
    delivered_on: Mapped[date | None]


class ReturnRow(Base):
    """A return or exchange that was asked for. `key` makes a repeat of the same request do nothing."""

    __tablename__ = "return_request"
    __table_args__ = (UniqueConstraint("key"), {"info": care(personal=("reason",), keep="10 years, with its order")})

    reference: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Identity(start=10001))  # its sequence counts the references: RT-10001 ...
    key: Mapped[str]
    order_number: Mapped[str] = mapped_column(ForeignKey("shop_order.number"), index=True)
    item: Mapped[str]
    reason: Mapped[str]
    wish: Mapped[str]  # refund, exchange
    status: Mapped[str] = mapped_column(default="requested")
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class OrderTryRow(Base):
    """A try to open an order with number and e-mail or phone: wrong ones are counted and limited."""

    __tablename__ = "order_try"
    __table_args__ = (
        Index("ix_order_try_contact_at", "contact_id", "at"),
        Index("ix_order_try_number_at", "order_number", "at"),
        {"info": care(personal=("contact_id",), keep="30 days", erase=ROW)},
    )

    id: Mapped[BigId]
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    order_number: Mapped[str]
    right: Mapped[bool]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
