"""Signs of life of processes, and whether the whole can serve."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from app.tables import ProcessRow
from kit.clock import utc_now
from kit.db import Database, DatabaseUnavailableError
from kit.log import get_logger

BEAT_SECONDS = 1.0
ALIVE = timedelta(seconds=8)
FORGET = timedelta(hours=1)

log = get_logger("health")


async def beat_forever(database: Database, *, kind: str, state: Callable[[], dict[str, Any]]) -> None:
    """Renews this process's row every second until cancelled."""
    name = f"{kind}-{uuid4().hex[:8]}"
    while True:
        values = {"id": name, "kind": kind, "pid": os.getpid(), "state": state(), "at": utc_now()}
        try:
            async with database.transaction() as session:
                await session.execute(insert(ProcessRow).values(values).on_conflict_do_update(index_elements=["id"], set_=values))
                await session.execute(delete(ProcessRow).where(ProcessRow.at < utc_now() - FORGET))
        except (SQLAlchemyError, OSError) as error:
            log.warning("no sign of life could be stored", reason=type(error).__name__)
        await asyncio.sleep(BEAT_SECONDS)


async def check_health(database: Database) -> tuple[bool, dict[str, Any]]:
    """Whether the whole can serve, and what is missing."""
    try:
        await database.check()
    except DatabaseUnavailableError as error:
        return False, {"database": error.message, "workers": 0}
    async with database.transaction() as session:
        rows = list((await session.execute(select(ProcessRow).where(ProcessRow.at > utc_now() - ALIVE))).scalars())
    workers = [row for row in rows if row.kind == "work"]
    ready = [row for row in workers if row.state.get("model") and row.state.get("index") is not None]
    report = {
        "database": "ok",
        "workers": len(workers),
        "workers_ready": len(ready),
        "carriers": sum(row.kind == "carry" for row in rows),
        "model": ready[0].state["model"] if ready else None,
        "index_generation": ready[0].state["index"] if ready else None,
        "models_refused": [row.state["refused"] for row in workers if row.state.get("refused")],
    } | ({"rasa": led} if (led := [row.state["rasa"] for row in workers if row.state.get("rasa")]) else {})
    return bool(ready), report
