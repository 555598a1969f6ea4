"""Updates that are fetched (`getUpdates`), for installations that Telegram cannot reach: with the setting polling=on."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
from sqlalchemy.exc import DBAPIError

from channels.accounts import Accounts
from channels.base import Account, AccountIncompleteError
from channels.calling import json_of
from channels.following import AGAIN_SECONDS, Following
from channels.intake import store_delivery
from channels.telegram.capabilities import NAME, UPDATES
from channels.telegram.client import BotApi, BotApiError, is_polled
from kit.db import Database
from kit.log import get_logger

_LOCK = 0x6261746F6E0D
WAIT_SECONDS = 25
PATIENCE = httpx.Timeout(WAIT_SECONDS + 15.0, connect=5.0)
LEAST_PAUSE = 0.2
MOST = 100

log = get_logger("telegram")


class PollingRefusedError(BotApiError):
    """Telegram does not know the bot's token."""


@dataclass
class UpdatePoller:
    """Fetches for every bot that is polled, until cancelled; in one process at a time.

    An update is confirmed by the request after it, when it is stored. What comes again after a crash is known by its number.
    """

    database: Database
    accounts: Accounts
    api: BotApi = field(default_factory=BotApi)
    following: Following = field(init=False)

    def __post_init__(self) -> None:
        self.following = Following(
            self.database, self.accounts, NAME, _LOCK, self.follow, lambda a: (a.settings, a.secrets), wanted=is_polled
        )

    async def run(self) -> None:
        """Leads when nobody else does."""
        await self.following.run()

    async def follow(self, account: Account) -> None:
        """Asks again and again; stops where the token is refused."""
        pause, most = AGAIN_SECONDS
        offset: int | None = None
        while True:
            try:
                if offset is None:
                    await self._ask(account, "deleteWebhook")  # Telegram gives nothing to who asks while it calls somebody
                before, offset = offset, await self.poll(account, offset=offset or 0, wait=WAIT_SECONDS)
                pause = AGAIN_SECONDS[0]
                await asyncio.sleep(LEAST_PAUSE if before == offset else 0.0)  # where a server answers at once that there is nothing
            except (PollingRefusedError, AccountIncompleteError) as error:
                await self.following.block(account, error.message)
                return
            except (BotApiError, httpx.HTTPError, psycopg.Error, DBAPIError) as error:
                log.warning("a bot cannot be polled", account=account.account, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, most)

    async def poll(self, account: Account, *, offset: int, wait: int = 0) -> int:
        """Stores what is new; from where to ask on. Raises PollingRefusedError, BotApiError, httpx.HTTPError, psycopg.Error."""
        asked = {"offset": offset, "limit": MOST, "timeout": wait, "allowed_updates": list(UPDATES)}
        for update in await self._ask(account, "getUpdates", asked):
            body = json.dumps(update, ensure_ascii=False).encode()
            number = int(update["update_id"])
            await store_delivery(self.database, channel=NAME, account=account.account, body=body, delivery=str(number))
            offset = number + 1
        return offset

    async def _ask(self, account: Account, method: str, values: dict[str, object] | None = None) -> Any:
        """The result of a call that may take long. Raises as `poll`."""
        answer = await self.api.call(account, method, json=values or {}, timeout=PATIENCE)
        found = json_of(answer)
        if not found.get("ok"):
            refused = PollingRefusedError if answer.status_code in {401, 404} else BotApiError
            raise refused(f"{method}: {found.get('description') or answer.status_code}")
        return found["result"]
