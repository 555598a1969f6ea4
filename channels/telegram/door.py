"""The webhook of a Telegram bot: the secret that we gave Telegram, the name of the update, and the parser."""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Sequence

from channels.base import Account, Answer, Hook, ShapeError, SignatureError
from channels.happenings import Happening
from channels.telegram.capabilities import NAME
from channels.telegram.parse import parse, read_update
from kit.clock import Clock, utc_now


class TelegramDoor:
    """What Telegram calls."""

    name = NAME

    def __init__(self, clock: Clock = utc_now) -> None:
        self.clock = clock

    def greet(self, hook: Hook, account: Account) -> Answer:
        """Telegram has no handshake. Raises SignatureError."""
        raise SignatureError(f"{hook.method} is nothing that Telegram calls on {account.channel}")

    def check(self, hook: Hook, account: Account) -> None:
        """`X-Telegram-Bot-Api-Secret-Token` is our secret. Raises SignatureError."""
        secret, header = account.secret("secret_token"), hook.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(secret.encode(), header.encode()):
            raise SignatureError

    def delivery(self, hook: Hook) -> str | None:
        """The number of the update: Telegram repeats it until it is acknowledged."""
        with contextlib.suppress(ShapeError):
            return str(read_update(hook.body)["update_id"])
        return None

    def parse(self, body: bytes, account: Account) -> Sequence[Happening]:
        """What the update tells. Raises ShapeError."""
        return parse(read_update(body), account, now=self.clock())
