"""What of a customer stands in tables that no foreign key leads to: files, sessions, points, requests of the API, webhooks' log, orders."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Text, cast, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from context.attachments.keeping import blob_key, customer_owner
from context.attachments.models import AttachmentRow
from context.customer.models import IdempotencyRow
from context.erasing.happenings import about_person, empty_events
from context.erasing.person import Person
from context.models import EventRow, OrderRow, OrderTryRow, ShipmentRow, VisitorSessionRow
from context.orders.models import WriteBackRow
from context.shop.models import LoyaltyRow
from context.webhooks.models import WebhookDeliveryRow
from kit.blobs import BlobStore
from kit.jobs import forget_jobs

GONE = 410
_NOTHING = cast({}, JSONB)


@dataclass(frozen=True)
class Own:
    """The steps of the customer context itself; `blobs` holds the files of messages."""

    blobs: BlobStore

    async def files(self, session: AsyncSession, person: Person) -> int:
        """Deletes their files, those too that were never sent; bytes first, so that none is left without a row that leads to it."""
        found = list((await session.execute(select(AttachmentRow.id).where(attachments_of(person)))).scalars())
        for file_id in found:
            await asyncio.to_thread(self.blobs.delete, blob_key(file_id))
        await session.execute(delete(AttachmentRow).where(AttachmentRow.id.in_(found)))
        return len(found)

    async def rest(self, session: AsyncSession, person: Person) -> None:
        """All else, in the order in which one leads to the next."""
        await _forget_webhooks(session, person)
        await _forget_write_backs(session, person)
        await empty_events(session, person)
        names = [str(one) for one in (*person.contacts, *person.conversations)]
        await _forget_answers(session, names)
        await forget_jobs(session, names)
        visitors = [external_id for channel, _, external_id in person.addresses if channel == "web"]
        await session.execute(delete(VisitorSessionRow).where(VisitorSessionRow.visitor.in_(visitors)))
        await session.execute(delete(LoyaltyRow).where(LoyaltyRow.email.in_(person.values("email"))))


def attachments_of(person: Person) -> ColumnElement[bool]:
    """The condition that a file is this customer's, or was sent to them."""
    owners = [customer_owner(channel, external_id) for channel, _, external_id in person.addresses]
    placed = or_(AttachmentRow.conversation_id.in_(person.conversations), AttachmentRow.message_id.in_(person.messages))
    return placed | (AttachmentRow.owner.in_(owners) & AttachmentRow.message_id.is_(None))


async def _forget_webhooks(session: AsyncSession, person: Person) -> None:
    """The log of outgoing webhooks keeps that something went out, not what; what has not gone out yet does not."""
    about = select(EventRow.position).where(about_person(person), EventRow.position.is_not(None))
    mine = WebhookDeliveryRow.position.in_(about)
    await session.execute(update(WebhookDeliveryRow).where(mine).values(payload=_NOTHING))
    waiting = update(WebhookDeliveryRow).where(mine, WebhookDeliveryRow.state == "pending")
    await session.execute(waiting.values(state="failed", next_at=None))


async def _forget_write_backs(session: AsyncSession, person: Person) -> None:
    """What was told, or is to be told, to the shop's system about what they asked for."""
    done = EventRow.conversation_id.in_(person.conversations) & (EventRow.name == "action.done")
    keys = select(func.concat(EventRow.data["action"].astext, ":", EventRow.data["key"].astext)).where(done)
    mine = update(WriteBackRow).where(WriteBackRow.key.in_(keys))
    await session.execute(mine.where(WriteBackRow.state == "pending").values(state="failed"))
    await session.execute(mine.values(data=_NOTHING, error=None))


async def _forget_answers(session: AsyncSession, names: list[str]) -> None:
    """A request of the API that is repeated with its key is told that this is gone, and not done anew."""
    said = cast(IdempotencyRow.body, Text)
    gone = {"body": {"error": "erased", "message": "The data of this customer was erased."}}
    mine = update(IdempotencyRow).where(or_(*(said.contains(name) for name in names)))
    await session.execute(mine.values(status=GONE, body=gone))


async def orders_of(session: AsyncSession, person: Person) -> list[str]:
    """The numbers of their orders: those of an address or number that they alone have proven, and those that they proved one by one."""
    tried = select(OrderTryRow.order_number).where(OrderTryRow.contact_id.in_(person.contacts), OrderTryRow.right)
    mine = or_(OrderRow.email.in_(person.values("email")), OrderRow.phone.in_(person.values("phone")), OrderRow.number.in_(tried))
    return list((await session.execute(select(OrderRow.number).where(mine).order_by(OrderRow.number))).scalars())


async def empty_orders(session: AsyncSession, numbers: list[str]) -> None:
    """Takes out of orders whose they are; what was bought stays."""
    nobody = {"email": "", "phone": None, "customer_name": "", "address": _NOTHING}
    await session.execute(update(OrderRow).where(OrderRow.number.in_(numbers)).values(nobody))
    await session.execute(update(ShipmentRow).where(ShipmentRow.order_number.in_(numbers)).values(tracking_number=""))
