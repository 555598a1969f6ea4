"""Lists that people put together and keep; a shared one is everybody's, and only whoever made it or may supervise changes it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.accounts import check_may, may
from context.staff.models import StaffRow
from desk.personal.models import SavedViewRow
from desk.views import Filters, View, parse_filters
from kit.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError

MOST_TITLE, MOST_VIEWS = 40, 50


@dataclass(frozen=True)
class SavedView:
    """A kept list. `own`: whether the one who asks made it."""

    id: UUID
    title: str
    shared: bool
    own: bool
    view: View
    filters: Filters


async def list_saved(session: AsyncSession, staff: StaffRow) -> list[SavedView]:
    """Those of this person and the shared ones, by title. Raises NotAllowedError."""
    check_may(staff, "converse")
    query = select(SavedViewRow).where(or_(SavedViewRow.staff_id == staff.id, SavedViewRow.shared))
    rows = (await session.execute(query.order_by(func.lower(SavedViewRow.title), SavedViewRow.id))).scalars()
    return [_view(row, staff) for row in rows]


async def save_view(session: AsyncSession, staff: StaffRow, *, title: str, view: View, filters: Filters, shared: bool) -> SavedView:
    """Keeps a list; one of this person with the same title is replaced. Raises InvalidInputError, ConflictError, NotAllowedError."""
    check_may(staff, "converse")
    said = " ".join(title.split())
    if not said or len(said) > MOST_TITLE:
        raise InvalidInputError(f"A view needs a title of up to {MOST_TITLE} characters")
    own = list((await session.execute(select(SavedViewRow).where(SavedViewRow.staff_id == staff.id))).scalars())
    row = next((r for r in own if r.title == said), None)
    if row is None and len(own) >= MOST_VIEWS:
        raise ConflictError(f"You have {MOST_VIEWS} views already", hint="Delete some first.")
    row = row or SavedViewRow(staff_id=staff.id, title=said)
    row.shared, row.filters = shared, {"view": view.value, "filters": filters.as_json()}
    session.add(row)
    await session.flush()
    return _view(row, staff)


async def delete_view(session: AsyncSession, staff: StaffRow, view_id: UUID) -> None:
    """Forgets a list. Raises NotFoundError, NotAllowedError."""
    check_may(staff, "converse")
    row = await session.get(SavedViewRow, view_id)
    if row is None or (row.staff_id != staff.id and not row.shared):
        raise NotFoundError("There is no such view")
    if row.staff_id != staff.id and not may(staff, "supervise"):
        raise NotAllowedError("This view belongs to a colleague")
    await session.delete(row)


def _view(row: SavedViewRow, staff: StaffRow) -> SavedView:
    return SavedView(
        row.id, row.title, row.shared, row.staff_id == staff.id, View(row.filters["view"]), parse_filters(row.filters["filters"])
    )
