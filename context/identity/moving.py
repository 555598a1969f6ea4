"""What belongs to a contact moves to another and back: every table with a `contact_id`, so that a new one is not forgotten."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, Table, UniqueConstraint, and_, cast, exists, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from kit.db import Base

STAYS = frozenset({"contact", "contact_merge", "link_suggestion", "identity_code"})
Moved = dict[str, list[list[str]]]
"""Table name: the primary keys of the rows that moved, without the contact, as text."""


def owned_tables() -> list[Table]:
    """The tables whose rows belong to a contact, in the order of their names, so that all who lock them do so alike."""
    tables = Base.metadata.tables.values()
    return sorted((t for t in tables if "contact_id" in t.columns and t.name not in STAYS), key=lambda t: t.name)


async def move_all(session: AsyncSession, from_id: UUID, into_id: UUID) -> Moved:
    """Gives all that is `from_id`'s to `into_id`, save what that one has already; returns what moved."""
    moved: Moved = {}
    for table in owned_tables():
        keys = _keys(table)
        mine = table.c.contact_id == from_id
        statement = update(table).where(mine, *_without_collision(table, into_id)).values(contact_id=into_id)
        rows = (await session.execute(statement.returning(*keys))).all()
        if rows:
            moved[table.name] = [[str(value) for value in row] for row in rows]
    return moved


async def move_back(session: AsyncSession, moved: Moved, *, from_id: UUID, into_id: UUID) -> None:
    """The inverse: what moved then and is still `into_id`'s is `from_id`'s again."""
    for table in owned_tables():
        rows = moved.get(table.name)
        if rows:
            keys = [cast(key, String) for key in _keys(table)]
            which = tuple_(*keys).in_([tuple(row) for row in rows])
            await session.execute(update(table).where(table.c.contact_id == into_id, which).values(contact_id=from_id))


def _keys(table: Table) -> list[Any]:
    return [column for column in table.primary_key.columns if column.name != "contact_id"]


def _without_collision(table: Table, into_id: UUID) -> list[ColumnElement[bool]]:
    """Rows whose twin `into_id` has already stay where they are."""
    names = [{c.name for c in table.primary_key.columns}]
    names += [{c.name for c in u.columns} for u in table.constraints if isinstance(u, UniqueConstraint)]
    clauses: list[ColumnElement[bool]] = []
    for unique in names:
        others = sorted(unique - {"contact_id"})
        if "contact_id" in unique and others:
            twin = table.alias()
            same = and_(twin.c.contact_id == into_id, *(twin.c[name] == table.c[name] for name in others))
            clauses.append(~exists(select(1).where(same).correlate(table)))
    return clauses


async def refresh_owned(session: AsyncSession) -> None:
    """Rows that the session holds know whose they are now."""
    for row in list(session.identity_map.values()):
        if hasattr(row, "contact_id"):
            await session.refresh(row)
