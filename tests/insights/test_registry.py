"""Which model serves: activating, rolling back, pruning, many at once."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.ledger import Ledger
from context.models import EventRow
from insights.models import ModelActivationRow
from insights.registry import (
    Doer,
    ModelFacts,
    NothingBeforeError,
    activate,
    find_active,
    find_candidates,
    list_models,
    prune,
    record_model,
    roll_back,
)
from kit.db import Database
from kit.errors import NotFoundError

pytestmark = pytest.mark.integration
EVA = Doer("11111111-1111-1111-1111-111111111111", "Eva")


async def make(session: AsyncSession, *names: str) -> None:
    for name in names:
        await record_model(session, ModelFacts(name, f"digest-{name}", 10, {}, {}, 5, ["greet"], ["en"]), by=EVA)


async def live(session: AsyncSession) -> str | None:
    found = await find_active(session)
    return found.model.id if found else None


async def test_before_the_first_model_there_is_none(session: AsyncSession, ledger: Ledger) -> None:
    assert await find_active(session) is None
    with pytest.raises(NothingBeforeError):
        await roll_back(session, ledger, by=EVA)
    with pytest.raises(NotFoundError):
        await activate(session, ledger, "nothing", by=EVA)


async def test_each_rollback_goes_one_further(session: AsyncSession, ledger: Ledger) -> None:
    await make(session, "a", "b", "c")
    for name in "abc":
        assert await activate(session, ledger, name, by=EVA)
    assert await roll_back(session, ledger, by=EVA) == "b"
    assert await roll_back(session, ledger, by=EVA) == "a"
    with pytest.raises(NothingBeforeError):
        await roll_back(session, ledger, by=EVA)
    assert await live(session) == "a"


async def test_what_is_chosen_after_a_rollback_can_be_rolled_back_too(session: AsyncSession, ledger: Ledger) -> None:
    await make(session, "a", "b", "c")
    for name in "ab":
        await activate(session, ledger, name, by=EVA)
    await roll_back(session, ledger, by=EVA)
    await activate(session, ledger, "c", by=EVA)
    assert await roll_back(session, ledger, by=EVA) == "a"


async def test_activating_the_live_model_changes_nothing(session: AsyncSession, ledger: Ledger) -> None:
    await make(session, "a")
    assert await activate(session, ledger, "a", by=EVA)
    assert not await activate(session, ledger, "a", by=EVA)
    assert len(list((await session.execute(select(ModelActivationRow))).scalars())) == 1


async def test_every_change_is_an_event_that_says_who(session: AsyncSession, ledger: Ledger) -> None:
    await make(session, "a", "b")
    await activate(session, ledger, "a", by=EVA)
    await activate(session, ledger, "b", by=EVA, reason="trained")
    rows = list((await session.execute(select(EventRow).order_by(EventRow.id))).scalars())
    assert [(row.name, row.data["model_id"], row.data["previous_id"], row.actor_id) for row in rows] == [
        ("model.activated", "a", None, EVA.id),
        ("model.activated", "b", "a", EVA.id),
    ]


async def test_pruning_keeps_the_live_one_and_the_one_before(session: AsyncSession, ledger: Ledger) -> None:
    names = [f"m{n}" for n in range(6)]
    await make(session, *names)
    await activate(session, ledger, "m0", by=EVA)
    await activate(session, ledger, "m1", by=EVA)
    gone = {model.id for model in await prune(session, keep=2)}
    assert gone == {"m2", "m3"}
    assert {m.id for m in await list_models(session) if not m.removed} == {"m0", "m1", "m4", "m5"}
    assert await roll_back(session, ledger, by=EVA) == "m0"
    with pytest.raises(NotFoundError, match="removed"):
        await activate(session, ledger, "m2", by=EVA)


async def test_a_node_without_a_model_may_try_those_before(session: AsyncSession, ledger: Ledger) -> None:
    await make(session, "a", "b")
    await activate(session, ledger, "a", by=EVA)
    await activate(session, ledger, "b", by=EVA)
    assert [one.model.id for one in await find_candidates(session)] == ["b", "a"]


async def test_many_changes_at_once_make_one_chain(database: Database, ledger: Ledger) -> None:
    names = [f"m{n}" for n in range(5)]
    async with database.transaction() as session:
        await make(session, *names)

    async def choose(name: str) -> None:
        async with database.transaction() as session:
            await activate(session, ledger, name, by=EVA)

    await asyncio.gather(*(choose(name) for name in names))
    async with database.transaction() as session:
        rows = list((await session.execute(select(ModelActivationRow).order_by(ModelActivationRow.id))).scalars())
    assert [row.returns_to for row in rows] == [None, *[row.id for row in rows[:-1]]]
