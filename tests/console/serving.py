"""A server with nothing but the console, as a process of its own: NiceGUI keeps one application a process.

Called as `python -m tests.console.serving DATABASE_URL PORT`.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from app.erasing import erasing_with
from app.errors import install_error_handlers
from console.inbox.sending import HeldSender
from console.mount import ConsoleServices, mount_console
from context.editorial.serving import public_files_router
from context.ledger import Ledger
from context.sequencer import sequence_forever
from context.stream import Hub
from desk.work import Desk
from kit.blobs import MemoryBlobs
from kit.db import Database
from kit.jobs import RecordingEnqueuer
from tests.console.desk import make_articles, make_channels, make_teaching


def main(url: str, port: int) -> None:
    """Serves until stopped."""
    database = Database(url)
    hub, ledger = Hub(database), Ledger(RecordingEnqueuer(), {})

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        parts = (hub.run(), sequence_forever(database.dsn), HeldSender(services).run())
        tasks = [asyncio.create_task(part) for part in parts]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    app = FastAPI(lifespan=lifespan)
    install_error_handlers(app)
    with tempfile.TemporaryDirectory() as folder:
        services = ConsoleServices(
            database=database, hub=hub, ledger=ledger, desk=Desk(database, ledger), secure_cookies=False, storage_secret="s" * 32,
            teaching=make_teaching(database, ledger, Path(folder)), articles=make_articles(database, ledger),
            channels=make_channels(), erasing=erasing_with(ledger, MemoryBlobs()),
        )  # fmt: skip
        app.include_router(public_files_router(services.articles))
        mount_console(app, services)
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
