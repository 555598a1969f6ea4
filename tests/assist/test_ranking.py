"""Ranking learns from what became of suggestions: drawn to what ships, capped by agent, versioned, reversible."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from assist.learning.figures import By, suggestion_use
from assist.learning.fitting import first_used, fit_ranker, log_loss
from assist.learning.outcomes import MOST_PER_ORIGIN, Outcome, capped, read_outcomes
from assist.learning.retraining import Retrainer, judge
from assist.learning.storing import activate_ranker, find_live_ranker, list_rankers, live_version, store_ranker
from assist.models import SuggestionRow
from assist.ranking import MOST_SHIFT, SHIPPED, Ranker
from context.ledger import Ledger
from context.staff.accounts import create_staff
from context.types import Role
from kit.clock import utc_now
from kit.db import Database
from kit.errors import NotFoundError
from tests.assist.test_suggest import say

START = datetime(2026, 1, 1, tzinfo=UTC)
AGENTS = [UUID(int=n) for n in range(1, 5)]


def outcome(origin: str, label: float, *, staff: UUID = AGENTS[0], own: float = 0.5, message: UUID | None = None, day: int = 0) -> Outcome:
    return Outcome(START + timedelta(days=day), message or uuid4(), "macro", origin, own, "ask", 1, staff, label)


def history(count: int, *, seed: int) -> list[Outcome]:
    """Messages with two drafts each; "good" is mostly used, "bad" hardly, whatever their sources believe."""
    chance, found = random.Random(seed), []
    for number in range(count):
        message, staff = uuid4(), AGENTS[number % len(AGENTS)]
        used = chance.random() < 0.85
        found += [
            outcome("good", float(used), staff=staff, own=0.4, message=message, day=number),
            outcome("bad", float(not used), staff=staff, own=0.6, message=message, day=number),
        ]
    return found


def test_nothing_learned_is_what_ships() -> None:
    assert fit_ranker([]).chance_of("macro", "x", own=0.4, intent=None) == pytest.approx(0.4)


def test_what_is_used_rises_and_what_is_not_falls() -> None:
    later = history(80, seed=2)
    ranker = fit_ranker(history(120, seed=1))
    assert first_used(SHIPPED, later)["hit1"] < 0.3
    assert first_used(ranker, later)["hit1"] > 0.7
    assert log_loss(ranker, later) < log_loss(SHIPPED, later)


def test_one_agent_alone_moves_no_origin_however_often() -> None:
    ranker = fit_ranker([outcome("m", 0.0, day=n) for n in range(50)])
    assert ranker.origins == {}
    both = fit_ranker([outcome("m", 0.0, day=n, staff=AGENTS[n % 2]) for n in range(50)])
    assert both.origins["macro:m"] < -0.2


def test_what_one_agent_teaches_is_capped() -> None:
    kept = capped([outcome("m", 0.0) for _ in range(50)])
    assert sum(one.weight for one in kept) == pytest.approx(MOST_PER_ORIGIN)
    loud = [outcome(f"m{n}", 0.0) for n in range(90)] + [outcome("m", 1.0, staff=staff) for staff in AGENTS[1:] for _ in range(3)]
    weights = capped(loud)
    mine = sum(one.weight for one in weights if one.staff_id == AGENTS[0])
    assert mine <= 0.4 * (90 + 9) + 1e-6


def test_few_outcomes_change_little() -> None:
    few = fit_ranker([outcome("m", 0.0, staff=staff) for staff in AGENTS[:2]])
    assert few.chance_of("macro", "m", own=0.5, intent="ask") > 0.25


def test_a_ranker_survives_its_json_and_stays_within_bounds() -> None:
    ranker = fit_ranker(history(40, seed=1))
    assert Ranker.from_json(0, ranker.as_json()) == ranker
    wild = Ranker.from_json(2, {"origins": {"macro:m": -99.0}})
    assert wild.origins["macro:m"] == -MOST_SHIFT


def test_a_new_version_is_better_only_where_it_foretells_what_came_later() -> None:
    assert judge(history(200, seed=1), SHIPPED).better
    noise = random.Random(3)
    mixed = [outcome(f"m{n % 40}", float(noise.random() < 0.5), staff=AGENTS[n % 4], day=n) for n in range(200)]
    perfect = Ranker(5, slopes={"macro": 1.0})
    assert judge(mixed, perfect).figures["outcomes"] == 200


@pytest.mark.integration
async def test_versions_are_kept_made_live_and_taken_back(database: Database) -> None:
    ranker = fit_ranker(history(40, seed=1))
    async with database.transaction() as session:
        assert await find_live_ranker(session) is SHIPPED
        version = await store_ranker(session, ranker, figures={"outcomes": 80}, at=utc_now())
        assert await live_version(session) == 0
        await activate_ranker(session, version, at=utc_now())
    async with database.transaction() as session:
        live = await find_live_ranker(session)
        assert (live.version, live.origins) == (version, ranker.origins)
        assert [(one.version, one.live) for one in await list_rankers(session)] == [(version, True), (0, False)]
        await activate_ranker(session, 0, at=utc_now())
        assert await find_live_ranker(session, known=live) is SHIPPED
        with pytest.raises(NotFoundError):
            await activate_ranker(session, 999, at=utc_now())


async def seen(database: Database, ledger: Ledger, count: int) -> None:
    """Suggestions that four agents used or waved away: of each pair the second is used."""
    async with database.transaction() as session:
        people = [
            await create_staff(session, email=f"a{n}@shop.example", name=f"A{n}", role=Role.AGENT, password="long enough") for n in range(4)
        ]
    conversation = await say(database, ledger, "where is it?")
    async with database.transaction() as session:
        from context.conversations import list_messages

        message = (await list_messages(session, [conversation]))[0]
        for number in range(count):
            at = utc_now() - timedelta(days=30) + timedelta(minutes=number)
            good = number % 2 == 1
            session.add(
                SuggestionRow(
                    conversation_id=conversation, message_id=message.id, rank=number + 1, source="macro", text="x" * 20,
                    confidence=0.5, state="accepted" if good else "dismissed", origin="good" if good else "bad",
                    features={"own": 0.5, "intent": "ask"}, staff_id=people[number // 2 % 4].id, made_at=at, shown_at=at, settled_at=at,
                    distance=0 if good else None,
                )
            )  # fmt: skip


@pytest.mark.integration
async def test_enough_outcomes_make_a_new_version_that_is_live_once(database: Database, ledger: Ledger) -> None:
    retrainer = Retrainer(database)
    assert await retrainer.step() is False
    await seen(database, ledger, 240)
    await retrainer.step()
    await retrainer.step()
    async with database.transaction() as session:
        versions = await list_rankers(session)
        assert [one.live for one in versions] == [True, False]
        assert versions[0].figures["log_loss_after"] < versions[0].figures["log_loss_before"]
        outcomes = await read_outcomes(session, since=utc_now() - timedelta(days=60))
    assert len(outcomes) == 240
    assert {(one.origin, one.label) for one in outcomes} == {("good", 1.0), ("bad", 0.0)}


@pytest.mark.integration
async def test_figures_tell_sources_origins_and_agents_apart(database: Database, ledger: Ledger) -> None:
    await seen(database, ledger, 40)
    async with database.transaction() as session:
        await session.execute(update(SuggestionRow).where(SuggestionRow.rank == 2).values(state="edited", distance=5))
        span = {"since": utc_now() - timedelta(days=60), "until": utc_now()}
        (whole,) = await suggestion_use(session, by=By.SOURCE, **span)
        origins = {one.key: one for one in await suggestion_use(session, by=By.ORIGIN, **span)}
        agents = await suggestion_use(session, by=By.AGENT, **span)
        assert await suggestion_use(session, by=By.SOURCE, since=utc_now(), until=utc_now()) == []
    assert (whole.key, whole.shown, whole.accepted, whole.edited, whole.dismissed) == ("macro", 40, 19, 1, 20)
    assert (whole.used, whole.changed) == (0.5, 0.25)
    assert (origins["good"].used, origins["bad"].used) == (1.0, 0.0)
    assert sorted(one.shown for one in agents) == [10, 10, 10, 10]
