"""The webhooks of an agent bot, and of the account: signature on the raw body, and the parser."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from channels.base import Account, Answer, Hook, SignatureError
from channels.chatwoot.capabilities import NAME
from channels.chatwoot.parse import parse
from channels.happenings import Happening
from kit.clock import Clock, utc_now

SKEW_SECONDS = 300
BY_ADDRESS = "url"


@dataclass(frozen=True)
class ChatwootDoor:
    """What Chatwoot calls."""

    clock: Clock = utc_now
    name = NAME

    def greet(self, hook: Hook, account: Account) -> Answer:
        """Chatwoot has no handshake. Raises SignatureError."""
        raise SignatureError(f"{hook.method} is nothing that Chatwoot calls on {account.channel}")

    def check(self, hook: Hook, account: Account) -> None:
        """`X-Chatwoot-Signature` over time and raw body, at most five minutes old. Raises SignatureError.

        An older Chatwoot signs nothing: where the account says so, the secret must stand in the address.
        """
        secret = account.secret("webhook_secret")
        if account.setting("signature") == BY_ADDRESS:
            if not hmac.compare_digest(hook.query.get("key", "").encode(), secret.encode()):
                raise SignatureError
            return
        stamp = hook.headers.get("x-chatwoot-timestamp", "")
        digest = hmac.new(secret.encode(), stamp.encode() + b"." + hook.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(f"sha256={digest}".encode(), hook.headers.get("x-chatwoot-signature", "").encode()):
            raise SignatureError
        if not (stamp.isascii() and stamp.isdigit()) or abs(self.clock().timestamp() - int(stamp)) > SKEW_SECONDS:
            raise SignatureError("The webhook is too old")

    def delivery(self, hook: Hook) -> str | None:
        """`X-Chatwoot-Delivery`, the same over all tries."""
        return hook.headers.get("x-chatwoot-delivery", "")[:200] or None

    def parse(self, body: bytes, account: Account) -> Sequence[Happening]:
        """All that the body tells. Raises ShapeError."""
        return parse(body, account)
