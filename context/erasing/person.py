"""Who is meant: a contact with all who became part of it, their conversations, addresses and proven identifiers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from context.contacts import BY_ORDER, get_whoever
from context.identity.models import IdentifierRow
from context.models import ContactRow, ConversationRow, IdentityRow, MessageRow
from kit.db import Base

NOBODY = UUID(int=0)
_LEADS_TO = ("contact", "conversation", "message")


@dataclass(frozen=True)
class Person:
    """One customer. `contacts`: the contact and all who were merged into it; `proven`: (kind, value) that no other contact has."""

    contact_id: UUID
    contacts: tuple[UUID, ...]
    conversations: tuple[UUID, ...] = ()
    addresses: frozenset[tuple[str, str, str]] = frozenset()
    proven: frozenset[tuple[str, str]] = frozenset()

    @property
    def messages(self) -> Select[UUID]:
        """The ids of all their messages."""
        return select(MessageRow.id).where(MessageRow.conversation_id.in_(self.conversations))

    def values(self, *kinds: str) -> list[str]:
        """Their proven identifiers of these kinds."""
        return sorted(value for kind, value in self.proven if kind in kinds)


async def find_person(session: AsyncSession, contact_id: UUID) -> Person:
    """The customer. Raises NotFoundError."""
    root = await get_whoever(session, contact_id)
    tree = select(ContactRow.id).where(ContactRow.id == root.id).cte(recursive=True)
    merged = aliased(ContactRow)
    tree = tree.union_all(select(merged.id).join(tree, merged.merged_into == tree.c.id))
    contacts = tuple(sorted((await session.execute(select(tree.c.id))).scalars()))
    talks = select(ConversationRow.id).where(ConversationRow.contact_id.in_(contacts)).order_by(ConversationRow.id)
    addresses = select(IdentityRow.channel, IdentityRow.account, IdentityRow.external_id).where(IdentityRow.contact_id.in_(contacts))
    return Person(
        root.id,
        contacts,
        tuple((await session.execute(talks)).scalars()),
        frozenset((row.channel, row.account, row.external_id) for row in await session.execute(addresses)),
        frozenset((row.kind, row.value) for row in await session.execute(_proven(contacts))),
    )


def _proven(contacts: tuple[UUID, ...]) -> Select[str, str]:
    """What they alone have proven: of an address that a family shares nobody knows whose order it names."""
    one, other = IdentifierRow, aliased(IdentifierRow)
    another = exists().where(other.kind == one.kind, other.value == one.value, other.contact_id.not_in(contacts))
    mine = and_(one.contact_id.in_(contacts), one.verified, ~one.shared, one.method != BY_ORDER)
    return select(one.kind, one.value).where(mine, ~another).distinct()


def belongs_to(table: Table, person: Person) -> ColumnElement[bool] | None:
    """The condition that a row is this customer's, by its foreign keys; None for a table that has none that lead to a customer."""
    if table.name == "contact":
        return table.c.id.in_(person.contacts)
    wanted: dict[str, Any] = {"contact": person.contacts, "conversation": person.conversations, "message": person.messages}
    found = [column.in_(wanted[name]) for column in table.c for name in _targets(column) if name != table.name]
    return or_(*found) if found else None


def _targets(column: ColumnElement[object]) -> list[str]:
    return [key.column.table.name for key in column.foreign_keys if key.column.table.name in _LEADS_TO]


def tables_of_customers() -> list[Table]:
    """Every table with personal data that lead to a customer by a foreign key; those that others refer to come last."""
    nobody = Person(NOBODY, ())
    found = [t for t in Base.metadata.sorted_tables if t.info["personal"] and belongs_to(t, nobody) is not None]
    return found[::-1]
