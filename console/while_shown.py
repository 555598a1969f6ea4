"""Work that lasts as long as a page is open."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from nicegui import ui


def while_shown(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Starts `work` once the page is connected, and cancels it when the page is gone. To be called while the page is built."""
    running: list[asyncio.Task[None]] = []

    def start() -> None:
        if not running:
            running.append(asyncio.create_task(work()))

    async def stop(*_: Any) -> None:
        for task in running:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    ui.context.client.on_connect(start)
    ui.context.client.on_delete(stop)
