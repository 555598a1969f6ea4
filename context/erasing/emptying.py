"""What the tables themselves say of a customer who is erased is carried out: rows go, or their personal columns are emptied."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, Table, Text, case, delete, func, literal, literal_column, null, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from context.erasing.person import Person, belongs_to, tables_of_customers
from kit.db import ROW, STEP


async def empty_tables(session: AsyncSession, person: Person) -> dict[str, int]:
    """Deals with every table of customers that needs no step of its own; how many rows of which."""
    done: dict[str, int] = {}
    for table in tables_of_customers():
        mine = belongs_to(table, person)
        assert mine is not None
        if table.info["erase"] == STEP:
            continue
        counted: ColumnElement[int] = literal_column("1")
        if table.info["erase"] == ROW:
            rows = await session.execute(delete(table).where(mine).returning(counted))
        elif values := emptied(table):
            rows = await session.execute(update(table).where(mine).values(values).returning(counted))
        else:
            continue
        done[table.name] = len(rows.all())
    return done


def emptied(table: Table) -> dict[str, ColumnElement[Any]]:
    """What the personal columns of a row get. Ids stay: they lead to rows that say nothing any more."""
    instead = table.info["instead"]
    values = {name: literal_column(instead[name]) if name in instead else _nothing(table.c[name]) for name in table.info["personal"]}
    return {name: value for name, value in values.items() if value is not None}


def _nothing(column: Column[Any]) -> ColumnElement[Any] | None:
    if isinstance(column.type, JSONB):
        if column.nullable:
            return null()
        array = func.jsonb_typeof(column) == "array"
        return case((array, literal_column("'[]'::jsonb")), else_=literal_column("'{}'::jsonb"))
    if isinstance(column.type, Text):
        return null() if column.nullable else literal("")
    return None
