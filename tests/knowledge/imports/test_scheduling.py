"""Sources that are read again by themselves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from kit.clock import utc_now
from kit.db import Database
from kit.errors import InvalidInputError
from knowledge.imports import runs, sources
from knowledge.imports.types import Run
from knowledge.sources.types import Options
from tests.knowledge.imports.helping import EVE, Desk, write

pytestmark = pytest.mark.integration


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def due(desk: Desk, *, hours: float) -> list[Run]:
    """The runs that are asked for so many hours from now."""
    async with desk.database.transaction() as session:
        return await runs.ask_for_due(session, clock=lambda: utc_now() + timedelta(hours=hours))


@pytest.mark.parametrize(("unasked", "state"), [(False, "ready"), (True, "done")])
async def test_a_source_is_read_again_when_its_time_comes_and_waits_or_stores_as_it_says(
    desk: Desk, tmp_path: Path, unasked: bool, state: str
) -> None:  # fmt: skip
    write(tmp_path, returns="One.")
    source = await desk.source(tmp_path)
    await desk.bring(source)
    async with desk.database.transaction() as session:
        await sources.schedule(session, source.id, every_hours=24, unasked=unasked)
    write(tmp_path, returns="Two.")
    assert await due(desk, hours=23) == []
    (asked,) = await due(desk, hours=25)
    assert await due(desk, hours=26) == []
    async with desk.database.transaction() as session:
        assert await runs.find_workable(session) == [asked.id]
    run = await desk.importer().work(asked.id)
    assert (run.state, run.scheduled, run.counts["changed"]) == (state, True, 1)
    stored = await desk.published("returns")
    assert stored is not None
    assert stored.body == ("Two." if unasked else "One.")


async def test_a_source_that_waits_for_approval_is_not_read_on_top(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, returns="One.")
    source = await desk.source(tmp_path)
    async with desk.database.transaction() as session:
        await sources.schedule(session, source.id, every_hours=1, unasked=False)
    await desk.preview(source)
    assert await due(desk, hours=2) == []


async def test_conflicts_are_never_stored_unasked(desk: Desk, tmp_path: Path) -> None:
    from knowledge import articles
    from knowledge.types import ArticleDraft

    write(tmp_path, returns="One.")
    source = await desk.source(tmp_path)
    await desk.bring(source)
    async with desk.database.transaction() as session:
        await articles.save_draft(session, ArticleDraft("returns", "en", "T", "Mine"), editor="bob", expected_version=1)
    write(tmp_path, returns="Two.")
    run = await desk.importer().work((await desk.ask(source, unasked=True)).id)
    assert (run.state, run.counts) == ("done", {"conflict": 1})


async def test_an_upload_and_odd_times_are_refused(desk: Desk) -> None:
    async with desk.database.transaction() as session:
        upload = await sources.keep_upload(session, "a.csv", b"x", options=Options(), by=EVE, publish=True)
        with pytest.raises(InvalidInputError, match="uploaded file"):
            await sources.schedule(session, upload.id, every_hours=24, unasked=False)
        site = await sources.keep_source(session, kind="site", location="https://a.example/", options=Options(), by=EVE)
        with pytest.raises(InvalidInputError, match=r"every 0\.25 to"):
            await sources.schedule(session, site.id, every_hours=0.01, unasked=False)


async def test_the_lease_of_a_silent_worker_is_taken_over(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, returns="One.")
    run = await desk.ask(await desk.source(tmp_path))
    async with desk.database.transaction() as session:
        assert await runs.take(session, run.id, owner="dead") is not None
        assert await runs.find_workable(session) == []
        later = utc_now() + timedelta(seconds=40)
        assert await runs.find_workable(session, clock=lambda: later) == [run.id]
        assert await runs.take(session, run.id, owner="alive", clock=lambda: later) is not None
        assert not await runs.renew(session, run.id, owner="dead")
