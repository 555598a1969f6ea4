"""The demo logins of the invented sample shop, and whether a database is empty enough to be seeded. Light: imports no model."""

from __future__ import annotations

import asyncio

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.wiring import build_base
from context.models import OrderRow
from context.staff.models import StaffRow
from context.types import Role

DEMO_PASSWORD = "lantern-demo"  # noqa: S105 - invented, printed at start, exists only in the seeded sample shop
DEMO_STAFF = (
    ("ana@lantern.example.com", "Ana (demo agent)", Role.AGENT),
    ("bo@lantern.example.com", "Bo (demo agent)", Role.AGENT),
    ("eva@lantern.example.com", "Eva (demo editor)", Role.EDITOR),
    ("sam@lantern.example.com", "Sam (demo supervisor)", Role.SUPERVISOR),
    ("admin@lantern.example.com", "Demo admin", Role.ADMIN),
)


async def holds_nothing(session: AsyncSession) -> bool:
    """Whether the database has neither people nor orders."""
    for table in (StaffRow, OrderRow):
        if (await session.execute(select(func.count()).select_from(table))).scalar_one():
            return False
    return True


def is_empty(url: str) -> bool:
    """`holds_nothing` of the database at `url`."""
    return asyncio.run(_is_empty(url))


async def _is_empty(url: str) -> bool:
    base = build_base(url)
    try:
        async with base.database.transaction() as session:
            return await holds_nothing(session)
    finally:
        await base.database.close()


def demo_logins(url: str) -> list[tuple[str, str]]:
    """The demo logins that exist here: e-mail and password; none when the sample shop was not seeded."""
    return asyncio.run(_demo_logins(url))


async def _demo_logins(url: str) -> list[tuple[str, str]]:
    base = build_base(url)
    try:
        async with base.database.transaction() as session:
            emails = (
                await session.execute(select(StaffRow.email).where(StaffRow.demo, StaffRow.active).order_by(StaffRow.email))
            ).scalars()
            return [(email, DEMO_PASSWORD) for email in emails]
    finally:
        await base.database.close()
