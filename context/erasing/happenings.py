"""The event log without what was said: that something happened stays, as all figures are computed from it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import cast, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from context.customer.models import ShopEventRow
from context.erasing.person import Person
from context.models import EventRow

TOLD: dict[str, dict[str, Any]] = {
    "message.received": {"external_id": ""},
    "message.sent": {"external_id": None},
    "message.failed": {"reason": ""},
    "conversation.opened": {"thread_key": ""},
    "action.done": {"key": "", "result": {}},
    "action.failed": {"key": "", "reason": ""},
    "handback.done": {"note": None},
    "order.seen": {"order_number": ""},
    "visitor.viewed": {"page": ""},
}
"""What stands in an event instead, by its name; all other fields are ids, numbers and words of closed lists."""


async def empty_events(session: AsyncSession, person: Person) -> None:
    """Takes out of the events of this customer what was said in them."""
    for name, nothing in TOLD.items():
        mine = update(EventRow).where(EventRow.conversation_id.in_(person.conversations), EventRow.name == name)
        await session.execute(mine.values(data=EventRow.data.op("||")(cast(nothing, JSONB))))
    page = ShopEventRow.data["page"].astext
    seen = select(page).where(ShopEventRow.contact_id.in_(person.contacts), page.is_not(None))
    viewed = update(EventRow).where(EventRow.conversation_id.is_(None), EventRow.name == "visitor.viewed")
    viewed = viewed.where(EventRow.data["page"].astext.in_(seen))  # told by the shop's site, without a conversation
    await session.execute(viewed.values(data=EventRow.data.op("||")(cast(TOLD["visitor.viewed"], JSONB))))


def about_person(person: Person) -> Any:
    """The condition that an event is about this customer, in a conversation or not."""
    contacts = [str(one) for one in person.contacts]
    about = [EventRow.data[name].astext.in_(contacts) for name in ("contact_id", "into_id", "from_id")]
    outside = EventRow.conversation_id.is_(None) & EventRow.name.in_(_OF_CONTACTS) & or_(*about)
    return EventRow.conversation_id.in_(person.conversations) | outside


_OF_CONTACTS = ("contact.identified", "contact.merged", "contact.unmerged", "contact.verified", "call.recorded")
