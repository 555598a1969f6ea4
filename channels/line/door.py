"""The webhook of a LINE account: signature on the raw body, and the parser."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from channels.base import Account, Answer, Hook, SignatureError
from channels.happenings import Happening
from channels.line.capabilities import NAME
from channels.line.parse import parse


class LineDoor:
    """What LINE calls."""

    name = NAME

    def greet(self, hook: Hook, account: Account) -> Answer:
        """LINE has no handshake: its test is a signed POST without events. Raises SignatureError."""
        raise SignatureError(f"{hook.method} is nothing that LINE calls on {account.channel}")

    def check(self, hook: Hook, account: Account) -> None:
        """`x-line-signature`: base64 of HMAC-SHA256 of the raw body with the channel secret. Raises SignatureError."""
        digest = hmac.new(account.secret("channel_secret").encode(), hook.body, hashlib.sha256).digest()
        if not hmac.compare_digest(base64.b64encode(digest), hook.headers.get("x-line-signature", "").encode()):
            raise SignatureError

    def parse(self, body: bytes, account: Account) -> Sequence[Happening]:
        """All that the body tells. Raises ShapeError."""
        return parse(body, account)
