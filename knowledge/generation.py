"""The number that says which state of the passages is current, and what each state changed."""

from __future__ import annotations

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models import ChangeRow, IndexStateRow

KEPT_CHANGES = 10_000


async def raise_generation(session: AsyncSession, *, article_id: str | None = None, everything: bool = True) -> int:
    """Says that passages have changed; holders of an index see it with `needs_refresh`. Returns the new generation.

    Those of one article, if it is named; else everything, or with `everything` False only how sure answers are.
    """
    statement = insert(IndexStateRow).values(id=1, generation=1, calibrations={})
    changed = {"generation": IndexStateRow.generation + 1, "changed_at": func.now()}
    upsert = statement.on_conflict_do_update(index_elements=[IndexStateRow.id], set_=changed).returning(IndexStateRow.generation)
    generation = (await session.execute(upsert)).scalar_one()
    values = {"generation": generation, "article_id": article_id, "everything": article_id is None and everything}
    await session.execute(insert(ChangeRow).values(**values))
    if generation % 100 == 0:
        await session.execute(delete(ChangeRow).where(ChangeRow.generation <= generation - KEPT_CHANGES))
    return generation
