"""The simulated mail provider as a process, and beside it what of Baton reads and sends mail."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.settings import ROOT
from channels.accounts import Accounts
from channels.base import Account
from channels.email.poller import MailReader
from kit.db import Database
from tests.channels.house import SEALER, House, account_of, house
from tests.live import free_port

BOX = "support@shop.example"
PASSWORD = "simulated-password"


@dataclass
class Provider:
    """The process and its control API."""

    url: str
    smtp: int
    imap: int

    def act(self, action: str, **values: Any) -> Any:
        """One call of the control API."""
        answer = httpx.post(f"{self.url}/sim/{action}", json=values, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()["done"]

    def arrive(self, raw: bytes, **more: Any) -> None:
        """A mail comes into the mailbox."""
        self.act("arrive", raw=base64.b64encode(raw).decode(), **more)

    def state(self) -> Any:
        """The mailbox and what was sent."""
        return httpx.get(f"{self.url}/sim", trust_env=False).json()

    def sent(self) -> list[Any]:
        """The mails that the shop sent."""
        return list(self.state()["sent"])

    def account(self, secrets: dict[str, str] | None = None, **changed: Any) -> Account:
        """The account of the mailbox."""
        settings = {
            "imap_host": "127.0.0.1", "imap_port": self.imap, "imap_security": "plain", "smtp_host": "127.0.0.1", "smtp_port": self.smtp,
            "smtp_security": "plain", "sender": "The Shop", "from_uid": 1, "subject": "Your question",
        }  # fmt: skip
        return account_of("email", BOX, secrets=secrets or {"password": PASSWORD}, **(settings | changed))


@contextlib.contextmanager
def running_provider() -> Iterator[Provider]:
    """The provider, until the block ends."""
    web, smtp, imap = free_port(), free_port(), free_port()
    sets = ["--set", f"smtp_port={smtp}", "--set", f"imap_port={imap}"]
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-m", "simulators.email", "--port", str(web), *sets], cwd=ROOT)
    provider = Provider(f"http://127.0.0.1:{web}", smtp, imap)
    try:
        for _ in range(400):
            with contextlib.suppress(httpx.HTTPError):
                provider.state()
                break
            asyncio.run(asyncio.sleep(0.05))
        yield provider
    finally:
        process.terminate()
        process.wait(10)


@dataclass
class MailHouse:
    """The house, the provider, and the reader of the mailbox."""

    house: House
    provider: Provider
    reader: MailReader
    account: Account

    async def settle(self) -> None:
        """Reads the mailbox, and lets everything happen."""
        await self.reader.read(self.account)
        await self.house.settle()

    async def receive(self, raw: bytes, **more: Any) -> list[Any]:
        """A mail comes, everything happens; what was sent so far."""
        await asyncio.to_thread(self.provider.arrive, raw, **more)
        await self.settle()
        return await asyncio.to_thread(self.provider.sent)


@contextlib.asynccontextmanager
async def mail_house(
    database: Database, provider: Provider, folder: Path, secrets: dict[str, str] | None = None, **changed: Any
) -> AsyncIterator[MailHouse]:
    """The house of the mailbox."""
    account = provider.account(secrets, **changed)
    async with house(database, account, folder) as known:
        reader = MailReader(database, Accounts(database, SEALER, seconds=0.0), logins=known.logins)
        yield MailHouse(known, provider, reader, account)
