"""The worker's part in imports: what was asked for in the console is read, and stored once approved, by a process of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.importing import ImportWatch
from app.settings import read_settings
from app.wiring import build_base
from knowledge.imports import runs, sources
from knowledge.imports.types import Run
from knowledge.sources.types import Options
from tests.knowledge.imports.helping import EVE, Desk

pytestmark = pytest.mark.integration
WAIT_SECONDS = 120


async def test_an_upload_is_read_and_stored_by_the_worker(database_url: str, tmp_path: Path) -> None:
    base = build_base(database_url)
    settings = read_settings({"DATABASE_URL": database_url, "BATON_DATA_DIR": str(tmp_path)})
    watching = asyncio.create_task(ImportWatch(settings, base, database_url).run())
    desk = Desk(base.database)
    try:
        async with base.database.transaction() as session:
            source = await sources.keep_upload(
                session, "faq.csv", b"question,answer\nHow?,So.\n", options=Options(), by=EVE, publish=True
            )  # fmt: skip
        run = await until(desk, await desk.ask(source), "ready")
        assert run.counts == {"new": 1}
        async with base.database.transaction() as session:
            await runs.approve(session, run.id, by=EVE)
        run = await until(desk, run, "done")
        assert run.counts == {"new": 1, "stored": 1}
        assert (await desk.published("how")) is not None
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await base.database.close()


async def until(desk: Desk, run: Run, state: str) -> Run:
    """Waits for a run to come to a state."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            async with desk.database.transaction() as session:
                run = await runs.get_run(session, run.id)
            if run.state == state:
                return run
            assert run.state not in {"failed", "dropped"}, run.error
            await asyncio.sleep(0.2)
