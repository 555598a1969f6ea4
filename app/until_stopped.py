"""How a process that has no server in it ends: at a signal, or with the first of its parts that ends by itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Sequence
from typing import Any

from kit.db import Database

STOP_SECONDS = 12.0


async def until_stopped(tasks: Sequence[asyncio.Task[Any]], database: Database) -> None:
    """Waits for SIGTERM, SIGINT or the end of a task; then ends all. Raises what the task raised: the supervisor starts us again."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    stopping = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
    last_resort = threading.Timer(STOP_SECONDS, os._exit, args=(1,))  # a database that is gone can keep a connection from closing
    last_resort.daemon = True
    last_resort.start()
    for task in tasks:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)
    await database.close()
    for task in done - {stopping}:
        task.result()
