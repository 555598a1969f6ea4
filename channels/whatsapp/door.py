"""The webhook of the Cloud API: handshake, signature on the raw body, and the parser."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from channels.base import Account, Answer, Hook, SignatureError
from channels.happenings import Happening
from channels.whatsapp.capabilities import NAME
from channels.whatsapp.parse import parse


class WhatsAppDoor:
    """What Meta calls."""

    name = NAME

    def greet(self, hook: Hook, account: Account) -> Answer:
        """Meta asks once, when the address is entered: the challenge goes back as plain text. Raises SignatureError."""
        token, expected = hook.query.get("hub.verify_token", ""), account.secret("verify_token")
        if hook.query.get("hub.mode") != "subscribe" or not hmac.compare_digest(token.encode(), expected.encode()):
            raise HandshakeError
        return Answer(hook.query.get("hub.challenge", "").encode())

    def check(self, hook: Hook, account: Account) -> None:
        """`X-Hub-Signature-256`: HMAC-SHA256 of the raw body with the app secret. Raises SignatureError."""
        secret, header = account.secret("app_secret"), hook.headers.get("x-hub-signature-256", "")
        wanted = "sha256=" + hmac.new(secret.encode(), hook.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted.encode(), header.encode()):
            raise SignatureError

    def parse(self, body: bytes, account: Account) -> Sequence[Happening]:  # noqa: ARG002 - the port's shape: the body names its account
        """All that the body tells. Raises ShapeError."""
        return parse(body)


class HandshakeError(SignatureError):
    """The verify token is another one."""

    status = 403
