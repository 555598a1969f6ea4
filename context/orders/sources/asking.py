"""Asking a shop's system over HTTP: a time limit for the whole, and each way to fail has its own sentence in the log."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx

from context.orders.source import OrderSourceError, WriteRefusedError

SECONDS = 3.0
MAX_ANSWER = 2_000_000


@dataclass(frozen=True)
class Shop:
    """Where the system is and how to be let in. `transport` is for tests."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    auth: tuple[str, str] | None = None
    seconds: float = SECONDS
    transport: httpx.AsyncBaseTransport | None = None

    async def ask(self, method: str, path: str, *, json: Any = None, params: Mapping[str, str] | None = None) -> tuple[int, Any]:
        """(status, JSON) of an answer below 500. Raises OrderSourceError when there is none in time, or none that can be read."""
        try:
            async with asyncio.timeout(self.seconds), self._client() as client:
                answer = await client.request(method, path, json=json, params=params)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
            raise OrderSourceError(f"The shop's system does not answer: {type(error).__name__}") from None
        if answer.status_code >= 500 or answer.status_code in (401, 402, 403, 423, 429):
            raise OrderSourceError(f"The shop's system answers {answer.status_code}")
        if len(answer.content) > MAX_ANSWER:
            raise OrderSourceError("The shop's system answers with too much")
        try:
            return answer.status_code, answer.json()
        except ValueError:
            raise OrderSourceError("The shop's system does not answer in JSON") from None

    async def write(self, method: str, path: str, json: Any) -> Any:
        """The same for a change. Raises WriteRefusedError when it is refused for good."""
        status, body = await self.ask(method, path, json=json)
        if status >= 400:
            raise WriteRefusedError(f"The shop's system answers {status}")
        return body

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.url.rstrip("/"), headers=dict(self.headers), auth=self.auth, transport=self.transport, trust_env=False
        )


def cents(said: Any) -> int:
    """Money as shops write it (`"29.35"`, 29.35, None) in cents. Raises OrderSourceError."""
    try:
        return int((Decimal(str(said if said not in (None, "") else 0)) * 100).quantize(Decimal(1)))
    except (InvalidOperation, OverflowError):
        raise OrderSourceError(f"The shop's system calls {str(said)[:40]!r} money") from None
