"""One training at a time; what it does to the scores decides whether its model serves."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.wiring import RETRAIN
from context.ledger import Ledger
from context.staff.accounts import create_staff
from context.staff.models import StaffRow
from context.types import Role
from insights.models import TrainingRunRow
from insights.registry import Doer, ModelFacts, activate, find_active, record_model
from insights.retraining import (
    Run,
    TrainingRunningError,
    ask_for_training,
    compare,
    confirm_run,
    end_run,
    fail_run,
    find_latest_run,
    open_run,
    take_run,
)
from kit.db import Database
from kit.errors import ConflictError, NotAllowedError
from kit.jobs import RecordingEnqueuer
from tests.console.desk import PASSWORD

pytestmark = pytest.mark.integration
CLI = Doer("command line: ops", "ops")


async def hire(database: Database, role: Role = Role.EDITOR) -> StaffRow:
    async with database.transaction() as session:
        return await create_staff(session, email=f"{uuid.uuid4().hex}@shop.example", name="Eva", role=role, password=PASSWORD)


async def ask(database: Database, ledger: Ledger, staff: StaffRow) -> Run:
    async with database.transaction() as session:
        return await ask_for_training(session, ledger, staff=staff)


async def finish(database: Database, ledger: Ledger, run: Run, *, fell: bool, activate_model: bool | None = None) -> str:
    """The training ends with a model `new`; an `old` one serves."""
    async with database.transaction() as session:
        for name in ("old", "new"):
            await record_model(session, ModelFacts(name, name, 1, {}, {}, 1, ["greet"], ["en"]), by=CLI)
        await activate(session, ledger, "old", by=CLI)
        found: dict[str, Any] = {"model_id": "new", "comparison": {"kind": "held_out", "lines": [], "fell": fell}}
        return await end_run(session, ledger, run.id, activate_model=activate_model, found=found)


async def live(database: Database) -> str | None:
    async with database.transaction() as session:
        found = await find_active(session)
        return found.model.id if found else None


async def test_asking_puts_the_job_in_and_a_second_one_is_told_whose_runs(
    database: Database, ledger: Ledger, enqueuer: RecordingEnqueuer
) -> None:
    eva = await hire(database)
    run = await ask(database, ledger, eva)
    assert [(name, job["event_data"]["run_id"]) for name, job in enqueuer.jobs if name == RETRAIN] == [(RETRAIN, str(run.id))]
    with pytest.raises(TrainingRunningError, match="Eva"):
        await ask(database, ledger, eva)


async def test_of_many_who_ask_at_once_one_gets_it(database: Database, ledger: Ledger) -> None:
    eva = await hire(database)
    outcomes = await asyncio.gather(*(ask(database, ledger, eva) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(one, Run) for one in outcomes) == 1
    assert sum(isinstance(one, TrainingRunningError) for one in outcomes) == 4


async def test_agents_may_not_ask(database: Database, ledger: Ledger) -> None:
    with pytest.raises(NotAllowedError):
        await ask(database, ledger, await hire(database, Role.AGENT))


async def test_a_training_is_taken_once(database: Database, ledger: Ledger) -> None:
    run = await ask(database, ledger, await hire(database))
    async with database.transaction() as session:
        assert await take_run(session, ledger, run.id) is not None
        assert await take_run(session, ledger, run.id) is None


async def test_a_better_model_is_made_live_in_the_name_of_who_asked(database: Database, ledger: Ledger) -> None:
    run = await ask(database, ledger, await hire(database))
    async with database.transaction() as session:
        await take_run(session, ledger, run.id)
    assert await finish(database, ledger, run, fell=False) == "done"
    assert await live(database) == "new"


@pytest.mark.parametrize(("use", "serves"), [(True, "new"), (False, "old")])
async def test_a_worse_model_waits_until_somebody_decides(database: Database, ledger: Ledger, use: bool, serves: str) -> None:
    eva = await hire(database)
    run = await ask(database, ledger, eva)
    async with database.transaction() as session:
        await take_run(session, ledger, run.id)
    assert await finish(database, ledger, run, fell=True) == "held"
    assert await live(database) == "old"
    async with database.transaction() as session:
        await confirm_run(session, ledger, run.id, staff=eva, use=use)
    assert await live(database) == serves
    async with database.transaction() as session:
        with pytest.raises(ConflictError):
            await confirm_run(session, ledger, run.id, staff=eva, use=True)


async def test_the_command_line_can_leave_the_old_model_serving(database: Database, ledger: Ledger) -> None:
    async with database.transaction() as session:
        run = await open_run(session, ledger, by=CLI, state="running", fine_tune=False)
    assert await finish(database, ledger, run, fell=False, activate_model=False) == "done"
    assert await live(database) == "old"


async def test_a_failed_training_frees_the_place_and_says_why(database: Database, ledger: Ledger) -> None:
    eva = await hire(database)
    run = await ask(database, ledger, eva)
    async with database.transaction() as session:
        await fail_run(session, ledger, run.id, error="shop.yml:3: malformed")
    assert (await ask(database, ledger, eva)).id != run.id


async def test_a_training_that_fell_silent_is_given_up(database: Database, ledger: Ledger) -> None:
    eva = await hire(database)
    async with database.transaction() as session:
        dead = await open_run(session, ledger, by=CLI, state="running", fine_tune=False)
        await session.execute(update(TrainingRunRow).values(seen_at=ledger.now - timedelta(minutes=1)))
    await ask(database, ledger, eva)
    with pytest.raises(ConflictError, match="dead"):
        await finish(database, ledger, dead, fell=False)
    async with database.transaction() as session:
        newest = await find_latest_run(session)
    assert newest is not None
    assert newest.state == "asked"


def test_scores_are_compared_on_the_same_held_out_sentences() -> None:
    old = {"held_out": {"set": "s", "sentences": 1000, "overall": 0.90, "languages": {"en": 0.9}}, "cross_validated": {"en": 0.99}}
    held = {"set": "s", "sentences": 1000, "overall": 0.895, "languages": {"en": 0.7}}
    new = {"held_out": held, "cross_validated": {"en": 0.5}}
    found = compare(old, new)
    assert (found["kind"], found["fell"], found["lines"]) == ("held_out", False, [["overall", 0.90, 0.895], ["en", 0.9, 0.7]])
    assert compare(old, {"held_out": {**held, "overall": 0.88}})["fell"]


def test_without_the_same_held_out_sentences_cross_validation_decides() -> None:
    old = {"held_out": {"set": "other", "overall": 0.9, "languages": {}, "sentences": 1}, "cross_validated": {"en": 0.95, "*": 0.9}}
    new = {"held_out": {"set": "s", "overall": 0.1, "languages": {}, "sentences": 1}, "cross_validated": {"en": 0.93, "*": 0.9, "pt": 0.5}}
    found = compare(old, {**new, "examples": 1000})
    assert not compare(old, {**new, "examples": 40})["fell"], "that is less than one sentence"
    assert (found["kind"], found["fell"]) == ("cross_validated", True)
    assert not compare(None, new)["fell"]
