"""Listing, saving and removing macros, rights checked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from context.macros.models import MacroRow
from context.macros.types import WITH_VALUE, Macro, MacroAction, MacroAudience, MacroDraft, MacroStep
from context.macros.variables import check_variables
from context.staff.models import StaffRow, TeamRow
from context.staff.rights import check_may, may
from context.staff.team_models import TeamMemberRow
from kit.clock import Clock, utc_now
from kit.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from knowledge.checking import check_language

USE, EDIT_SHARED = "converse", "manage_macros"
MOST_TITLE, MOST_BODY, MOST_QUESTIONS, MOST_ACTIONS = 120, 4000, 30, 10


async def list_macros(session: AsyncSession, staff: StaffRow, *, teams: Collection[str] = (), text: str = "") -> list[Macro]:
    """What this person may use, those used most first; `teams` are more than theirs. `text` is looked for in titles and bodies."""
    check_may_read(staff)
    query = select(MacroRow).order_by(MacroRow.used_count.desc(), MacroRow.title, MacroRow.id)
    if not may(staff, EDIT_SHARED):
        query = query.where(_usable_by(staff, {*teams, *await _teams_of(session, staff)}))
    found = [view_macro(row) for row in (await session.execute(query)).scalars()]
    wanted = text.strip().casefold()
    return [macro for macro in found if wanted in "\n".join((macro.title, *macro.draft.bodies.values())).casefold()] if wanted else found


async def access_macro(session: AsyncSession, staff: StaffRow, macro_id: UUID, *, teams: Collection[str] = ()) -> Macro:
    """One macro that this person may use. Raises NotFoundError, also for what is not theirs, and NotAllowedError."""
    check_may_read(staff)
    query = select(MacroRow).where(MacroRow.id == macro_id).execution_options(populate_existing=True)
    if not may(staff, EDIT_SHARED):
        query = query.where(_usable_by(staff, {*teams, *await _teams_of(session, staff)}))
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise NotFoundError("There is no such macro")
    return view_macro(row)


async def create_macro(session: AsyncSession, staff: StaffRow | None, draft: MacroDraft, *, clock: Clock = utc_now) -> Macro:
    """A new macro; one for others needs the permission to manage macros. `staff` None: an import.

    Raises NotAllowedError, InvalidInputError, UnknownVariableError.
    """
    if staff is not None:
        _check_may_write(staff, draft.audience, owner_id=staff.id)
    row = MacroRow(owner_id=staff.id if staff else None, changed_at=clock(), version=1, used_count=0, **_columns(draft))
    session.add(row)
    await session.flush()
    return view_macro(row)


async def change_macro(
    session: AsyncSession, staff: StaffRow, macro_id: UUID, draft: MacroDraft, *, expected_version: int, clock: Clock = utc_now
) -> Macro:
    """Changes a macro. Raises ConflictError when somebody changed it since `expected_version`; see `create_macro`."""
    check_may_read(staff)
    row = await _locked(session, macro_id)
    _check_may_write(staff, MacroAudience(row.audience), owner_id=row.owner_id)
    _check_may_write(staff, draft.audience, owner_id=row.owner_id)
    if row.version != expected_version:
        raise ConflictError("Somebody changed this macro in the meantime", hint="Read it again, then save your change.")
    for name, value in _columns(draft).items():
        setattr(row, name, value)
    row.version, row.changed_at = row.version + 1, clock()
    await session.flush()
    return view_macro(row)


async def remove_macro(session: AsyncSession, staff: StaffRow, macro_id: UUID) -> Macro:
    """Removes a macro; as it was. Raises NotFoundError, NotAllowedError."""
    check_may_read(staff)
    row = await _locked(session, macro_id)
    _check_may_write(staff, MacroAudience(row.audience), owner_id=row.owner_id)
    removed = view_macro(row)
    await session.delete(row)
    await session.flush()
    return removed


async def record_macro_used(session: AsyncSession, macro_id: UUID, *, at: datetime) -> None:
    """Counts one use; a macro that was removed meanwhile is no error."""
    await session.execute(update(MacroRow).where(MacroRow.id == macro_id).values(used_count=MacroRow.used_count + 1, used_at=at))


def view_macro(row: MacroRow) -> Macro:
    """A row as the house speaks of it."""
    draft = MacroDraft(
        title=row.title,
        bodies=dict(row.bodies),
        questions=tuple(row.questions),
        actions=tuple(MacroAction(MacroStep(one["step"]), one.get("value", "")) for one in row.actions),
        audience=MacroAudience(row.audience),
        teams=tuple(row.teams),
    )
    return Macro(row.id, draft, row.owner_id, row.version, row.used_count, row.used_at, row.changed_at)


def check_may_read(staff: StaffRow) -> None:
    """Raises NotAllowedError unless the person may use or manage macros."""
    if not may(staff, EDIT_SHARED):
        check_may(staff, USE)


async def _teams_of(session: AsyncSession, staff: StaffRow) -> Sequence[str]:
    """The keys of the teams that somebody belongs to."""
    query = select(TeamRow.key).join(TeamMemberRow, TeamMemberRow.team_id == TeamRow.id).where(TeamMemberRow.staff_id == staff.id)
    return (await session.execute(query)).scalars().all()


def _usable_by(staff: StaffRow, teams: Collection[str]) -> ColumnElement[bool]:
    mine = [MacroRow.audience == MacroAudience.EVERYONE, MacroRow.owner_id == staff.id]
    if teams:
        mine.append(and_(MacroRow.audience == MacroAudience.TEAMS, or_(*(MacroRow.teams.contains([team]) for team in teams))))
    return or_(*mine)


def _check_may_write(staff: StaffRow, audience: MacroAudience, *, owner_id: UUID | None) -> None:
    if may(staff, EDIT_SHARED):
        return
    check_may(staff, USE)
    if audience != MacroAudience.OWNER or owner_id != staff.id:
        raise NotAllowedError("Your role does not allow to change macros of others", hint="Make one of your own, for yourself only.")


async def _locked(session: AsyncSession, macro_id: UUID) -> MacroRow:
    query = select(MacroRow).where(MacroRow.id == macro_id).with_for_update().execution_options(populate_existing=True)
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise NotFoundError("There is no such macro")
    return row


def _columns(draft: MacroDraft) -> dict[str, object]:
    """The checked draft as columns. Raises InvalidInputError, UnknownVariableError."""
    bodies = {check_language(language): body.strip() for language, body in draft.bodies.items()}
    title = " ".join(draft.title.split())
    if not title or len(title) > MOST_TITLE:
        raise InvalidInputError(f"A macro needs a title of at most {MOST_TITLE} characters")
    if not bodies or not all(bodies.values()) or max(map(len, bodies.values())) > MOST_BODY:
        raise InvalidInputError(f"A macro needs a text of at most {MOST_BODY} characters, in one language or more")
    for body in bodies.values():
        check_variables(body)
    if len(draft.questions) > MOST_QUESTIONS or len(draft.actions) > MOST_ACTIONS:
        raise InvalidInputError(f"At most {MOST_QUESTIONS} questions and {MOST_ACTIONS} actions")
    if draft.audience == MacroAudience.TEAMS and not draft.teams:
        raise InvalidInputError("Name the teams that may use this macro")
    return {
        "title": title,
        "bodies": [[language, body] for language, body in bodies.items()],
        "questions": list(dict.fromkeys(q for one in draft.questions if (q := " ".join(one.split())[:300]))),
        "actions": [asdict(_checked(action)) for action in draft.actions],
        "audience": draft.audience.value,
        "teams": sorted(set(draft.teams)) if draft.audience == MacroAudience.TEAMS else [],
    }


def _checked(action: MacroAction) -> MacroAction:
    value = action.value.strip()
    if (action.step in WITH_VALUE) != bool(value):
        raise InvalidInputError(f"The action {action.step.value} {'needs' if action.step in WITH_VALUE else 'takes no'} value")
    if action.step == MacroStep.ADD_NOTE:
        check_variables(value)
    return MacroAction(action.step, value)
