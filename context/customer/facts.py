"""What rules compare, each as a number of one contact, computed by the database when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Float, Integer, Select, cast, func, literal, or_, select

from context.contacts import BY_ORDER
from context.customer.models import ContactLabelRow, ShopEventRow
from context.identity.models import IdentifierRow
from context.models import ContactRow, ConversationRow, HandoffRow, MessageRow, OrderRow, OrderTryRow, RatingRow, ReturnRow
from context.shop.models import ServiceRequestRow
from context.types import Author

Value = Callable[[datetime | None, str | None, datetime], Any]
_LOST = ("cancelled", "refunded", "returned")


@dataclass(frozen=True)
class Fact:
    """`value(since, of, now)` is an SQL expression over `contact`. `of`: it may be narrowed by a word; `within`: by days."""

    value: Value
    about: str
    of: bool = False
    of_required: bool = False
    within: bool = True


def _count(query: Select[Any], since: datetime | None, at: Any) -> Any:
    return (query.where(at >= since) if since is not None else query).scalar_subquery()


def own_order() -> Any:
    """The condition that an order is the contact's: its e-mail or number is proven, or the order itself was."""
    proven = select(IdentifierRow.value).where(
        IdentifierRow.contact_id == ContactRow.id, IdentifierRow.verified, IdentifierRow.method != BY_ORDER
    )
    tried = select(OrderTryRow.order_number).where(OrderTryRow.contact_id == ContactRow.id, OrderTryRow.right)
    of_contact = [proven.correlate(ContactRow), tried.correlate(ContactRow)]
    return or_(OrderRow.email.in_(of_contact[0]), OrderRow.phone.in_(of_contact[0]), OrderRow.number.in_(of_contact[1]))


def _orders(since: datetime | None, _of: str | None, _now: datetime) -> Any:
    return _count(select(func.count()).select_from(OrderRow).where(own_order()).correlate(ContactRow), since, OrderRow.placed_at)


def _spent(since: datetime | None, _of: str | None, _now: datetime) -> Any:
    query = select(func.coalesce(func.sum(OrderRow.total), 0) / literal(100.0)).where(own_order(), OrderRow.status.not_in(_LOST))
    return _count(query.correlate(ContactRow), since, OrderRow.placed_at)


def _days_since_order(_since: datetime | None, _of: str | None, now: datetime) -> Any:
    newest = select(func.max(OrderRow.placed_at)).where(own_order()).correlate(ContactRow).scalar_subquery()
    return func.extract("epoch", literal(now) - newest) / 86400.0


def _returns(since: datetime | None, _of: str | None, _now: datetime) -> Any:
    query = select(func.count()).select_from(ReturnRow).join(OrderRow, OrderRow.number == ReturnRow.order_number).where(own_order())
    return _count(query.correlate(ContactRow), since, ReturnRow.at)


def _conversations(since: datetime | None, _of: str | None, _now: datetime) -> Any:
    query = select(func.count()).select_from(ConversationRow).where(ConversationRow.contact_id == ContactRow.id)
    return _count(query.correlate(ContactRow), since, ConversationRow.opened_at)


def _said(what: Any, *conditions: Any) -> Select[Any]:
    query = select(what).select_from(MessageRow).join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
    query = query.where(ConversationRow.contact_id == ContactRow.id, MessageRow.author == Author.CUSTOMER, *conditions)
    return query.correlate(ContactRow)


def _messages(since: datetime | None, of: str | None, _now: datetime) -> Any:
    about = [MessageRow.understanding["intent"].astext == of] if of else []
    return _count(_said(func.count(), *about), since, MessageRow.at)


def _anger(since: datetime | None, _of: str | None, _now: datetime) -> Any:
    angry = MessageRow.understanding["sentiment"]["angry"].astext == "true"
    return _count(_said(func.count(), angry), since, MessageRow.at)


def _sentiment(since: datetime | None, _of: str | None, _now: datetime) -> Any:
    level = cast(cast(MessageRow.understanding["sentiment"]["level"].astext, Integer), Float)
    return _count(_said(func.avg(level), MessageRow.understanding.is_not(None)), since, MessageRow.at)


def _handoffs(since: datetime | None, _of: str | None, _now: datetime) -> Any:
    query = select(func.count()).select_from(HandoffRow).join(ConversationRow, ConversationRow.id == HandoffRow.conversation_id)
    return _count(query.where(ConversationRow.contact_id == ContactRow.id).correlate(ContactRow), since, HandoffRow.at)


def _rating(since: datetime | None, _of: str | None, _now: datetime) -> Any:
    query = select(func.avg(RatingRow.score)).join(ConversationRow, ConversationRow.id == RatingRow.conversation_id)
    return _count(query.where(ConversationRow.contact_id == ContactRow.id).correlate(ContactRow), since, RatingRow.given_at)


def _requests(since: datetime | None, of: str | None, _now: datetime) -> Any:
    query = select(func.count()).select_from(ServiceRequestRow).where(ServiceRequestRow.contact_id == ContactRow.id)
    query = query.where(ServiceRequestRow.kind == of) if of else query
    return _count(query.correlate(ContactRow), since, ServiceRequestRow.at)


def _events(since: datetime | None, of: str | None, _now: datetime) -> Any:
    query = select(func.count()).select_from(ShopEventRow).where(ShopEventRow.contact_id == ContactRow.id, ShopEventRow.kind == of)
    return _count(query.correlate(ContactRow), since, ShopEventRow.at)


def _labels(_since: datetime | None, of: str | None, _now: datetime) -> Any:
    query = (
        select(func.count()).select_from(ContactLabelRow).where(ContactLabelRow.contact_id == ContactRow.id, ContactLabelRow.label == of)
    )
    return query.correlate(ContactRow).scalar_subquery()


FACTS: dict[str, Fact] = {
    "orders": Fact(_orders, "orders placed"),
    "spent": Fact(_spent, "the sum of orders, in units of their currency, without those cancelled or given back"),
    "days_since_order": Fact(_days_since_order, "days since the last order", within=False),
    "returns": Fact(_returns, "returns asked for"),
    "conversations": Fact(_conversations, "conversations opened"),
    "messages": Fact(_messages, "messages of the customer; of an intent", of=True),
    "anger": Fact(_anger, "angry messages"),
    "sentiment": Fact(_sentiment, "the mean of sentiment, -2 to 2"),
    "handoffs": Fact(_handoffs, "how often a person was needed"),
    "rating": Fact(_rating, "the mean of ratings, 1 to 5"),
    "requests": Fact(_requests, "what was asked to be done; of a kind", of=True),
    "events": Fact(_events, "events of shop and website, of a kind", of=True, of_required=True),
    "label": Fact(_labels, 'whether a label is on the contact: label of "vip" = 1', of=True, of_required=True, within=False),
}
