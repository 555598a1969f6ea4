"""The provider's token endpoint: access tokens for a refresh token (RFC 6749, section 6), as Google and as Microsoft answer.

Google keeps the refresh token and says nothing of it; Microsoft gives another one each time, and here, more strictly than there, the one
before counts no more.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

GOOGLE, MICROSOFT = "google", "microsoft"


@dataclass
class Refusal:
    """What the endpoint says instead of a token, `count` times."""

    status: int
    error: str
    count: int = 1


@dataclass
class Tokens:
    """What was given out, and what is asked for. Times in seconds."""

    shape: str = GOOGLE
    client_id: str = "simulated-client"
    client_secret: str = "simulated-client-secret"  # noqa: S105 - invented
    refresh_token: str = "simulated-refresh-0"  # noqa: S105 - invented
    seconds: float = 3599.0
    requests: list[dict[str, str]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    held: dict[str, float] = field(default_factory=dict)  # access token -> until when
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def holds(self, token: str) -> bool:
        """Whether a mailbox may be entered with it."""
        return self.held.get(token, 0.0) > time.time()

    def answer(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Status and body for one request."""
        self.requests.append(form)
        refusal = next((r for r in self.refusals if r.count > 0), None)
        if refusal is not None:
            refusal.count -= 1
            return refusal.status, self._refused(refusal.error)
        if form.get("client_id") != self.client_id or form.get("client_secret") != self.client_secret:
            return 401, self._refused("invalid_client")
        if form.get("grant_type") != "refresh_token":
            return 400, self._refused("unsupported_grant_type")
        if form.get("refresh_token") != self.refresh_token:
            return 400, self._refused("invalid_grant")
        return 200, self._granted(form.get("scope", ""))

    def _granted(self, scope: str) -> dict[str, Any]:
        number = next(self._numbers)
        token = f"simulated-access-{number}"
        self.held[token] = time.time() + self.seconds
        common = {"access_token": token, "expires_in": int(self.seconds), "token_type": "Bearer"}
        if self.shape == GOOGLE:
            return common | {"scope": scope or "https://mail.google.com/"}
        self.refresh_token = f"simulated-refresh-{number}"
        return common | {"scope": scope, "ext_expires_in": int(self.seconds), "refresh_token": self.refresh_token}

    def _refused(self, error: str) -> dict[str, Any]:
        if self.shape == GOOGLE:
            return {
                "error": error,
                "error_description": "Token has been expired or revoked." if error == "invalid_grant" else "Unauthorized",
            }
        said = (
            "AADSTS70008: The refresh token has expired or was revoked." if error == "invalid_grant" else "AADSTS7000215: Invalid client."
        )
        return {"error": error, "error_description": said, "error_codes": [70008], "trace_id": "0-0", "correlation_id": "0-0"}


def token_route(tokens: Tokens) -> Route:
    """POST /token with a form."""

    async def grant(request: Request) -> Response:
        async with request.form() as form:
            status, body = tokens.answer({name: str(value) for name, value in form.items()})
        return JSONResponse(body, status, headers={"Cache-Control": "no-store"})

    return Route("/token", grant, methods=["POST"])
