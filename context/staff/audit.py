"""The record of changes: who changed what, and when; written in the transaction of the change, so that neither is without the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.models import AuditRow, StaffRow
from context.staff.rights import check_may

PAGE = 100
MOST_TEXT = 300


@dataclass(frozen=True)
class Subject:
    """What was changed: a kind of thing (person, role, token, team ...), its id, and its name for people."""

    kind: str
    id: str
    name: str


@dataclass(frozen=True)
class Entry:
    """One change. `details`: what it was and what it became, in words; never a secret."""

    id: int
    at: datetime
    actor_id: str
    actor_name: str
    action: str
    subject: Subject
    details: Mapping[str, Any]


@dataclass(frozen=True)
class AuditFilter:
    """Which changes are listed; empty means all. `text` is looked for in names and actions."""

    kind: str = ""
    actor: str = ""
    text: str = ""
    before: int | None = None


async def record_change(
    session: AsyncSession, by: StaffRow, action: str, subject: Subject, *, at: datetime, details: Mapping[str, Any] | None = None
) -> None:
    """Keeps that `by` did `action` ("person.disabled"); to be called in the transaction that does it."""
    await record_change_of(session, (str(by.id), by.name), action, subject, at=at, details=details)


async def record_change_of(
    session: AsyncSession, by: tuple[str, str], action: str, subject: Subject, *, at: datetime, details: Mapping[str, Any] | None = None
) -> None:
    """The same for someone without an account: `by` is an id and a name ("command line")."""
    row = AuditRow(
        at=at, actor_id=by[0], actor_name=by[1], action=action, subject_kind=subject.kind, subject_id=subject.id,
        subject_name=subject.name[:MOST_TEXT], details=dict(details or {}),
    )  # fmt: skip
    session.add(row)
    await session.flush()


async def access_changes(session: AsyncSession, staff: StaffRow, wanted: AuditFilter, *, limit: int = PAGE) -> list[Entry]:
    """Changes, newest first; `wanted.before` is the id of the last one that was read. Raises NotAllowedError."""
    check_may(staff, "view_audit")
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    if wanted.kind:
        query = query.where(AuditRow.subject_kind == wanted.kind)
    if wanted.actor:
        query = query.where(AuditRow.actor_id == wanted.actor)
    if wanted.before is not None:
        query = query.where(AuditRow.id < wanted.before)
    if wanted.text.strip():
        columns = (AuditRow.actor_name, AuditRow.subject_name, AuditRow.action)
        query = query.where(or_(*(column.icontains(wanted.text.strip(), autoescape=True) for column in columns)))
    return [_entry(row) for row in (await session.execute(query)).scalars()]


def _entry(row: AuditRow) -> Entry:
    subject = Subject(row.subject_kind, row.subject_id, row.subject_name)
    return Entry(row.id, row.at, row.actor_id, row.actor_name, row.action, subject, row.details)
