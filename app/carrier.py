"""`baton carry`: takes in what webhooks brought, sends what is to be sent, fetches files. Workers think, and would keep it waiting."""

from __future__ import annotations

import asyncio
from typing import Any

import uvloop

from app.channels import channel_work
from app.health import beat_forever
from app.settings import Settings
from app.until_stopped import until_stopped
from app.widget import widget_setup
from app.wiring import build_base
from channels.web.continuing import Continuer
from kit.db import wait_for_database


async def _carry(settings: Settings, database_url: str) -> None:
    base = build_base(database_url)
    await wait_for_database(base.database)
    parts = [
        *channel_work(settings, base).coroutines(),
        Continuer(base.database, base.ledger, widget_setup(settings), settings.title).run(),
    ]
    alive = beat_forever(base.database, kind="carry", state=dict)
    tasks: list[asyncio.Task[Any]] = [asyncio.create_task(c) for c in (*parts, alive)]
    async with base.jobs.app.open_async():
        await until_stopped(tasks, base.database)


def carry(settings: Settings, database_url: str) -> None:
    """Carries until SIGTERM or SIGINT."""
    uvloop.run(_carry(settings, database_url))
