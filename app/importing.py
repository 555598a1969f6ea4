"""Puts importing together: who announces what was published, which language a text is in, and the process that works on runs."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import sys
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psutil
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import article_blobs
from app.settings import Settings
from app.supervise import die_with_parent
from app.wiring import Base
from context.publishing import announce_published
from kit.log import get_logger
from knowledge.imports.runner import Importer, Tell
from knowledge.imports.runs import ask_for_due, fail, find_owner, find_workable, release
from nlu.language import identify

LOOK_SECONDS = 1.0
NICENESS = 10
AT_ONCE = 2
MOST_STARTS = 5

log = get_logger("import")


def build_importer(base: Base, settings: Settings, *, show: Tell = lambda *_: None, authorization: str = "") -> Importer:
    """One who works on runs, in this process."""

    async def announce(session: AsyncSession, names: Sequence[str]) -> None:
        await announce_published(session, base.ledger, names)

    owner = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}"
    blobs = article_blobs(settings, base.database.dsn)
    return Importer(base.database, blobs, owner, announce, lambda text: identify(text).language, show, authorization)


async def free_from_dead(base: Base, run_id: UUID) -> None:
    """Lets go of a run whose owner was a process of this machine that is no more, so that nobody waits for its lease to end."""
    async with base.database.transaction() as session:
        owner = await find_owner(session, run_id)
        host, pid, *_ = [*(owner or "").split(" "), "", ""]
        if owner and host == socket.gethostname() and pid.isdigit() and not psutil.pid_exists(int(pid)):
            await release(session, run_id, owner=owner)


class ImportWatch:
    """In a worker: asks for the runs that are due, and has each run worked on by a process of its own with low priority.

    The process parses what strangers wrote, and ends with this one; what it leaves undone is taken up again after half a minute.
    """

    def __init__(self, settings: Settings, base: Base, database_url: str) -> None:
        self.settings, self.base, self.database_url = settings, base, database_url
        self._working: dict[UUID, asyncio.Task[None]] = {}
        self._starts: dict[UUID, int] = {}

    async def run(self) -> None:
        """Watches until cancelled."""
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as error:
                log.warning("imports were not looked after", reason=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Looks once."""
        async with self.base.database.transaction() as session:
            await ask_for_due(session)
        async with self.base.database.transaction() as session:
            workable = await find_workable(session)
        for run_id in workable:
            if run_id not in self._working and len(self._working) < AT_ONCE:
                self._working[run_id] = asyncio.create_task(self._work(run_id))

    async def _work(self, run_id: UUID) -> None:
        self._starts[run_id] = self._starts.get(run_id, 0) + 1
        environment = os.environ | {"DATABASE_URL": self.database_url, "BATON_DATA_DIR": str(self.settings.data_dir)}
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "app.cli", "knowledge", "work", str(run_id)), env=environment, preexec_fn=_modest,
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            _, said = await process.communicate()
            if process.returncode:
                await self._note_failure(run_id, said, process.returncode)
        finally:
            del self._working[run_id]

    async def _note_failure(self, run_id: UUID, said: bytes, code: int) -> None:
        last = said.decode(errors="replace").strip().splitlines()[-1:] or [f"exit code {code}"]
        log.warning("the process of an import ended badly", run=str(run_id), code=code, last=last[0][:300])
        if self._starts[run_id] >= MOST_STARTS:
            async with self.base.database.transaction() as session:
                await fail(session, run_id, error=f"It broke off {MOST_STARTS} times: {last[0][:500]}")


def _modest() -> Any:
    die_with_parent()
    os.nice(NICENESS)
