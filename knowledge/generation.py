"""The number that says which state of the passages is current."""

from __future__ import annotations

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models import IndexStateRow


async def raise_generation(session: AsyncSession) -> int:
    """Says that the passages have changed; holders of an index see it with `needs_refresh`. Returns the new generation."""
    statement = insert(IndexStateRow).values(id=1, generation=1, calibrations={})
    changed = {"generation": IndexStateRow.generation + 1, "changed_at": func.now()}
    upsert = statement.on_conflict_do_update(index_elements=[IndexStateRow.id], set_=changed).returning(IndexStateRow.generation)
    return (await session.execute(upsert)).scalar_one()
