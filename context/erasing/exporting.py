"""All that is stored of one customer, as a zip: `data.json`, table by table, and the files."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, Select, Table, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.attachments.keeping import blob_key
from context.attachments.models import AttachmentRow
from context.contacts import get_contact
from context.erasing.own import attachments_of, orders_of
from context.erasing.person import Person, belongs_to, find_person, tables_of_customers
from context.models import OrderItemRow, OrderRow, ShipmentRow, VisitorSessionRow
from context.shop.models import LoyaltyRow
from context.staff.audit import Subject, record_change_of
from kit.blobs import BlobStore
from kit.clock import Clock
from kit.db import Base
from kit.errors import NotFoundError

EXPORTED = "contact.exported"
FORMAT = "baton-contact-1"
INTERNAL = frozenset({"dialogue", "lease_owner", "lease_until", "vector", "encoder", "features", "token_hash", "code_hash", "digest"})
"""Columns that say nothing about the customer, or are secrets."""
OF_COLLEAGUES = frozenset({"draft", "outgoing", "notification", "read_state"})
"""What belongs to a colleague's desk: what they did not send, and how far they have read."""


@dataclass(frozen=True)
class Exporting:
    """Gives customers' data out."""

    blobs: BlobStore
    clock: Clock

    async def export(self, session: AsyncSession, by: tuple[str, str], contact_id: UUID) -> bytes:
        """The zip; that it was made stands in the record of changes. Raises NotFoundError."""
        contact = await get_contact(session, contact_id)
        person = await find_person(session, contact.id)
        data = {"format": FORMAT, "made_at": self.clock(), "contact_id": person.contact_id, **await read_tables(session, person)}
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
            target.writestr("data.json", json.dumps(data, default=_plain, ensure_ascii=False, indent=1))
            await self._add_files(session, person, target)
        subject = Subject("contact", str(person.contact_id), str(person.contact_id)[:8])
        await record_change_of(session, by, EXPORTED, subject, at=self.clock())
        return archive.getvalue()

    async def _add_files(self, session: AsyncSession, person: Person, target: zipfile.ZipFile) -> None:
        query = select(AttachmentRow.id, AttachmentRow.name).where(attachments_of(person)).order_by(AttachmentRow.at)
        for file_id, name in (await session.execute(query)).all():
            try:
                data = await asyncio.to_thread(self.blobs.get, blob_key(file_id))
            except NotFoundError:  # the store lost it; its row stands in data.json
                continue
            target.writestr(f"files/{file_id}/{name}", data)


async def read_tables(session: AsyncSession, person: Person) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table that are about this customer, by the table's name, oldest first; tables without any left out."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table, mine in sorted(await _conditions(session, person), key=lambda one: one[0].name):
        rows = await _read(session, table, mine)
        if rows:
            found[table.name] = rows
    return found


async def _conditions(session: AsyncSession, person: Person) -> list[tuple[Table, ColumnElement[bool]]]:
    tables = [t for t in tables_of_customers() if t.name not in OF_COLLEAGUES]
    found = [(table, condition) for table in tables if (condition := belongs_to(table, person)) is not None]
    numbers = await orders_of(session, person)
    visitors = [external_id for channel, _, external_id in person.addresses if channel == "web"]
    found = [(table, condition) for table, condition in found if table.name != "attachment"]
    return [
        *found,
        (_table(AttachmentRow), attachments_of(person)),
        (_table(OrderRow), OrderRow.number.in_(numbers)),
        (_table(OrderItemRow), OrderItemRow.order_number.in_(numbers)),
        (_table(ShipmentRow), ShipmentRow.order_number.in_(numbers)),
        (_table(LoyaltyRow), LoyaltyRow.email.in_(person.values("email"))),
        (_table(VisitorSessionRow), VisitorSessionRow.visitor.in_(visitors)),
    ]


def _table(row: type[Base]) -> Table:
    return Base.metadata.tables[row.__tablename__]


async def _read(session: AsyncSession, table: Table, mine: ColumnElement[bool]) -> list[dict[str, Any]]:
    shown = [c for c in table.c if not isinstance(c.type, LargeBinary) and c.name not in INTERNAL]
    ordered: Select[Any] = select(*shown).where(or_(mine))
    order = [table.c[name] for name in ("at", "created_at", "opened_at", "seq") if name in table.c] or list(table.primary_key.columns)
    return [dict(row._mapping) for row in await session.execute(ordered.order_by(*order))]


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
