"""Trainings: at most one at a time in the whole house; their progress, what they did to the scores, and confirming a worse model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from context.ledger import Ledger
from context.staff.accounts import check_may
from context.staff.audit import Subject, record_change_of
from context.staff.models import StaffRow
from context.teaching_events import TrainingAsked, TrainingEnded
from insights.models import TrainingRunRow
from insights.registry import CHOSEN, TRAINED, Doer, activate, doer_of
from kit.errors import ConflictError, NotFoundError

ASKED, RUNNING, HELD, DONE, FAILED = "asked", "running", "held", "done", "failed"
OPEN = (ASKED, RUNNING)
SILENT = timedelta(seconds=30)  # a running training gives a sign of life every second
BOT = "manage_bot"
UNTAKEN = timedelta(minutes=15)  # so long may all workers be busy or away
WORST_FALL, WORST_SENTENCES = 0.01, 2


class TrainingRunningError(ConflictError):
    """A training is running already."""


@dataclass(frozen=True)
class Run:
    """A training as others see it. `progress` from 0 to 1; `comparison` see `compare`."""

    id: UUID
    state: str
    fine_tune: bool
    by_id: str
    by: str
    progress: float
    step: str
    comparison: Mapping[str, Any]
    model_id: str | None
    error: str | None
    asked_at: datetime
    ended_at: datetime | None


def compare(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> dict[str, Any]:
    """Old and new accuracies side by side: on the same held-out sentences when both have them, else cross-validated.

    `lines`: [name, old or None, new]; `fell`: the overall accuracy on held-out sentences, or any cross-validated one, fell by more than a
    point and by more than two sentences (of a small project one sentence is more than a point). `scores["examples"]` counts the latter.
    """
    before = old or {}
    held, was = new.get("held_out"), before.get("held_out")
    if held and was and held["set"] == was["set"]:
        lines = [["overall", was["overall"], held["overall"]]]
        lines += [[name, was["languages"].get(name), value] for name, value in sorted(held["languages"].items())]
        fell = _fell(was["overall"], held["overall"], of=held["sentences"])
        return {"kind": "held_out", "sentences": held["sentences"], "lines": lines, "fell": fell}
    known = before.get("cross_validated", {})
    lines = [[name, known.get(name), value] for name, value in sorted(new.get("cross_validated", {}).items())]
    fell = any(_fell(was, now, of=new.get("examples", 0)) for _, was, now in lines)
    return {"kind": "cross_validated", "lines": lines, "fell": fell}


def _fell(old: float | None, new: float, *, of: int) -> bool:
    return old is not None and old - new > max(WORST_FALL, WORST_SENTENCES / max(of, 1))


async def ask_for_training(session: AsyncSession, ledger: Ledger, *, staff: StaffRow, fine_tune: bool = False) -> Run:
    """Puts a training in; a worker starts it. Raises NotAllowedError and TrainingRunningError."""
    check_may(staff, BOT)
    run = await open_run(session, ledger, by=doer_of(staff), state=ASKED, fine_tune=fine_tune)
    await ledger.append(session, TrainingAsked(run_id=str(run.id), fine_tune=fine_tune), actor=doer_of(staff).actor)
    return run


async def open_run(session: AsyncSession, ledger: Ledger, *, by: Doer, state: str, fine_tune: bool) -> Run:
    """A new training in state asked or running. Raises TrainingRunningError, which says whose is running."""
    await close_silent(session, ledger)
    values = {
        "slot": 1, "state": state, "fine_tune": fine_tune, "asked_by": by.id, "asked_name": by.name,
        "asked_at": ledger.now, "seen_at": ledger.now, "started_at": ledger.now if state == RUNNING else None,
    }  # fmt: skip
    made = insert(TrainingRunRow).values(values).on_conflict_do_nothing(index_elements=["slot"]).returning(TrainingRunRow.id)
    run_id = (await session.execute(made)).scalar_one_or_none()
    if run_id is None:
        other = (await session.execute(select(TrainingRunRow).where(TrainingRunRow.slot == 1))).scalar_one_or_none()
        since = f" by {other.asked_name} since {other.asked_at:%H:%M} UTC" if other else ""
        raise TrainingRunningError(f"A training{since} is running already", hint="Wait until it has ended.")
    await record_change_of(session, (by.id, by.name), "bot.training_asked", Subject("bot", str(run_id), "training"), at=ledger.now)
    return _run(await _get(session, run_id))


async def take_run(session: AsyncSession, ledger: Ledger, run_id: UUID) -> Run | None:
    """Starts a training that was asked for; None when somebody has taken it already or it is over."""
    taken = (
        update(TrainingRunRow)
        .where(TrainingRunRow.id == run_id, TrainingRunRow.state == ASKED)
        .values(state=RUNNING, started_at=ledger.now, seen_at=ledger.now)
        .returning(TrainingRunRow.id)
    )
    found = (await session.execute(taken)).scalar_one_or_none()
    return _run(await _get(session, found)) if found is not None else None


async def end_run(session: AsyncSession, ledger: Ledger, run_id: UUID, *, activate_model: bool | None, found: Mapping[str, Any]) -> str:
    """Ends a training whose model `found["model_id"]` is stored, with `found["comparison"]`; returns done or held.

    `activate_model` None: activate unless the scores fell. Raises ConflictError when it was given up for dead meanwhile.
    """
    row = await _get(session, run_id, lock=True)
    if row.state != RUNNING:
        raise ConflictError("This training was given up for dead; its model is stored", hint="`baton models activate` makes it live.")
    row.model_id, row.comparison = found["model_id"], dict(found["comparison"])
    row.progress, row.step = 1.0, ""
    held = activate_model is None and bool(row.comparison.get("fell"))
    if not held and activate_model is not False:
        await activate(session, ledger, found["model_id"], by=Doer(row.asked_by, row.asked_name), reason=TRAINED)
    return await _close(session, ledger, row, HELD if held else DONE)


async def fail_run(session: AsyncSession, ledger: Ledger, run_id: UUID, *, error: str) -> None:
    """Ends a training that went wrong; one that has ended stays as it is."""
    row = await _get(session, run_id, lock=True)
    if row.state in OPEN:
        row.error = error
        await _close(session, ledger, row, FAILED)


async def confirm_run(session: AsyncSession, ledger: Ledger, run_id: UUID, *, staff: StaffRow, use: bool) -> None:
    """Someone decides about a model whose scores fell: `use` it, or leave the old one. Raises NotAllowedError, ConflictError."""
    check_may(staff, BOT)
    row = await _get(session, run_id, lock=True)
    if row.state != HELD or row.model_id is None:
        raise ConflictError("Nothing waits for a decision here any more")
    if use:
        await activate(session, ledger, row.model_id, by=doer_of(staff), reason=CHOSEN)
    row.state = DONE
    row.step = "used" if use else "left"


async def find_latest_run(session: AsyncSession) -> Run | None:
    """The newest training, whatever its state, or None."""
    row = (await session.execute(select(TrainingRunRow).order_by(TrainingRunRow.asked_at.desc()).limit(1))).scalar_one_or_none()
    return _run(row) if row is not None else None


async def get_run(session: AsyncSession, run_id: UUID) -> Run:
    """One training. Raises NotFoundError."""
    return _run(await _get(session, run_id))


async def close_silent(session: AsyncSession, ledger: Ledger) -> None:
    """Ends a training that has given no sign of life for half a minute."""
    query = select(TrainingRunRow).where(TrainingRunRow.slot == 1).with_for_update()
    for row in (await session.execute(query)).scalars():
        if ledger.now - row.seen_at > (SILENT if row.state == RUNNING else UNTAKEN):
            row.error = "The training ended without a word" if row.state == RUNNING else "No worker began it"
            await _close(session, ledger, row, FAILED)


async def _close(session: AsyncSession, ledger: Ledger, row: TrainingRunRow, state: str) -> str:
    row.state, row.slot, row.ended_at = state, None, ledger.now
    await session.flush()
    event = TrainingEnded(run_id=str(row.id), outcome=state, model_id=row.model_id)
    await ledger.append(session, event, actor=Doer(row.asked_by, row.asked_name).actor)
    return state


async def _get(session: AsyncSession, run_id: UUID, *, lock: bool = False) -> TrainingRunRow:
    row = await session.get(TrainingRunRow, run_id, populate_existing=True, with_for_update=lock)
    if row is None:
        raise NotFoundError("There is no such training")
    return row


def _run(row: TrainingRunRow) -> Run:
    return Run(
        id=row.id,
        state=row.state,
        fine_tune=row.fine_tune,
        by_id=row.asked_by,
        by=row.asked_name,
        progress=row.progress,
        step=row.step,
        comparison=row.comparison,
        model_id=row.model_id,
        error=row.error,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
    )
