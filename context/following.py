"""Reading the event log by position, page by page, from where a reader left it: complete, in order, and surviving a restart."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import BigInteger, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from context.models import EventRow
from kit.db import Base, care

PAGE = 2000


class FollowedRow(Base):
    """How far a reader has followed the event log."""

    __tablename__ = "insight_followed"
    __table_args__ = ({"info": care(keep="for ever: a line a reader")},)

    reader: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True)
class Page:
    """Events of a page, oldest first; `more`: another page lies behind it."""

    events: tuple[EventRow, ...]
    more: bool


async def follow(session: AsyncSession, reader: str, names: Collection[str]) -> Page:
    """The next page of events of these names, and notes that it was read when the transaction commits.

    One at a time for each reader: the caller holds a lock until then.
    """
    left = (await session.execute(select(FollowedRow.position).where(FollowedRow.reader == reader))).scalar() or 0
    last = (await session.execute(select(func.max(EventRow.position)))).scalar() or 0
    until = min(left + PAGE, last)
    if until <= left:
        return Page((), more=False)
    query = select(EventRow).where(EventRow.position > left, EventRow.position <= until, EventRow.name.in_(names))
    events = tuple((await session.execute(query.order_by(EventRow.position))).scalars())
    row = insert(FollowedRow).values(reader=reader, position=until)
    await session.execute(row.on_conflict_do_update(index_elements=["reader"], set_={"position": until}))
    return Page(events, more=until < last)
