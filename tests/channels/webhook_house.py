"""A house with an account of the generic channel, and the simulated system that knows its secret."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from kit.db import Database
from simulators.webhook.system import System, build
from tests.channels.house import House, account_of, house, serving


@contextlib.asynccontextmanager
async def webhook_house(database: Database, folder: Path) -> AsyncIterator[tuple[System, House, str]]:
    """The system, the house and the system's address; the account may be reached in the own network."""
    app, system = build()
    async with serving(app) as url:
        account = account_of("webhook", "shop", secrets={"secret": system.config.secret}, url=f"{url}/baton", private="on")
        async with house(database, account, folder) as known:
            system.config.hook_url = known.hook
            yield system, known, url
