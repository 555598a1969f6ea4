"""Strict mode: only approved words are said, everywhere or in some categories.

It is read for each answer, so that a switch holds on all nodes at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.db import Database
from knowledge.models import CategoryRow, PolicyRow


@dataclass(frozen=True)
class Policy:
    """What holds now. `strict`: for everything; `categories`: for these."""

    strict: bool = False
    categories: frozenset[str] = frozenset()

    def forbids(self, category: str) -> bool:
        """Whether articles of a category may only be quoted."""
        return self.strict or category in self.categories


async def read_policy(session: AsyncSession) -> Policy:
    """The present policy."""
    strict = (await session.execute(select(PolicyRow.strict))).scalar() or False
    names = (await session.execute(select(CategoryRow.name).where(CategoryRow.strict))).scalars()
    return Policy(strict, frozenset(names))


async def set_strict(session: AsyncSession, *, strict: bool, by: str) -> None:
    """Switches strict mode for everything."""
    values = {"strict": strict, "changed_by": by, "changed_at": func.clock_timestamp()}
    statement = insert(PolicyRow).values(id=1, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=[PolicyRow.id], set_=values))


@dataclass(frozen=True)
class StoredPolicy:
    """The policy in the database."""

    database: Database

    async def read(self) -> Policy:
        """See `read_policy`."""
        async with self.database.transaction() as session:
            return await read_policy(session)
