"""How often one API token may call /v1, told in the headers of every answer."""

from __future__ import annotations

import hashlib
import math
from typing import Any

from app.errors import problem
from kit.limits import RateLimit

PER_SECOND, BURST = 20.0, 200


class ApiLimit:
    """Refuses calls of a token beyond its rate with 429 and `Retry-After`; each process counts for itself."""

    def __init__(self, app: Any, limit: RateLimit | None = None) -> None:
        self.app, self.limit = app, limit or RateLimit(per_second=PER_SECOND, burst=BURST)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        token = _token(scope)
        if token is None:
            await self.app(scope, receive, send)
            return
        wait = self.limit.wait_seconds(token)
        headers = {"RateLimit-Limit": str(self.limit.burst), "RateLimit-Remaining": str(self.limit.left(token))}
        headers["RateLimit-Reset"] = str(math.ceil((self.limit.burst - self.limit.left(token)) / self.limit.per_second))
        if wait:
            hint = f"Wait {math.ceil(wait)} seconds."
            headers["Retry-After"] = str(math.ceil(wait))
            await problem(429, "too_many_requests", "Too many calls in a short time", hint=hint, headers=headers)(scope, receive, send)
            return

        async def telling(message: Any) -> None:
            if message["type"] == "http.response.start":
                told = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
                message = message | {"headers": [*message.get("headers", ()), *told]}
            await send(message)

        await self.app(scope, receive, telling)


def _token(scope: Any) -> str | None:
    """The hash of the API token of a call to /v1; None for all else, as widgets have limits of their own."""
    if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
        return None
    given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    scheme, _, token = given.partition(b" ")
    if scheme.lower() != b"bearer" or not token.strip().startswith(b"bt_"):
        return None
    return hashlib.sha256(token.strip()).hexdigest()
