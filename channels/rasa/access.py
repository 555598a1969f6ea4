"""Who may use Rasa's HTTP API: the token as `?token=`, or a JSON Web Token with `user.username` and `user.role`, as with Rasa."""

from __future__ import annotations

import hmac
from typing import Any

from fastapi import Request

from channels.rasa.tokens import TokenChecker, TokenError
from channels.rasa.types import DoorSettings, RasaError


class Access:
    """Checks requests. Without a token and a secret everything is closed."""

    def __init__(self, settings: DoorSettings) -> None:
        self._token = settings.token
        self._checker = TokenChecker(settings.jwt_secret, settings.jwt_method) if settings.jwt_secret else None

    def check(self, request: Request, conversation_id: str | None = None) -> None:
        """Passes the holder of the token, the role `admin`, and the role `user` in the conversation of its own name.

        Raises RasaError: 403 where nothing is open or the role does not allow it, 401 without a valid token.
        """
        if self._token is None and self._checker is None:
            raise RasaError(403, "NotAuthorized", "The HTTP API is closed: set BATON_RASA_TOKEN or BATON_RASA_JWT_SECRET to open it.")
        given = request.query_params.get("token")
        if self._token is not None and given is not None and hmac.compare_digest(given.encode(), self._token.encode()):
            return
        claims = self._claims(request)
        if claims is None:
            raise RasaError(401, "NotAuthenticated", "User is not authenticated.")
        found = claims.get("user")
        user = found if isinstance(found, dict) else {}
        own = user.get("role") == "user" and conversation_id is not None and user.get("username") == conversation_id
        if user.get("role") != "admin" and not own:
            raise RasaError(403, "NotAuthorized", "User has insufficient permissions.")

    def _claims(self, request: Request) -> dict[str, Any] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if self._checker is None or scheme.lower() != "bearer":
            return None
        try:
            return self._checker.check(token)
        except TokenError:
            return None
