"""The webhook of a system of the shop: Standard Webhooks in, an answer that says what was understood."""

from __future__ import annotations

from collections.abc import Sequence

from channels.base import Account, Answer, Hook, ShapeError, SignatureError, Stored
from channels.happenings import Happening, Unknown
from channels.webhook.capabilities import NAME
from channels.webhook.parse import parse
from channels.webhook.schemas import Accepted
from context.webhooks.signing import verify
from kit.clock import Clock, utc_now
from kit.errors import ConflictError

NAMES = ("id", "timestamp", "signature")


class WebhookDoor:
    """What the system calls."""

    name = NAME

    def __init__(self, clock: Clock = utc_now) -> None:
        self.clock = clock

    def greet(self, hook: Hook, account: Account) -> Answer:
        """There is no handshake. Raises SignatureError."""
        raise SignatureError(f"{hook.method} is not taken on {account.channel}: POST")

    def check(self, hook: Hook, account: Account) -> None:
        """Standard Webhooks, within five minutes, with the secret or the one before it. Raises SignatureError."""
        headers, now = standard_headers(hook), self.clock().timestamp()
        known = [account.secret("secret"), *(s for s in (account.secrets.get("old_secret"),) if s)]
        if not any(verify(secret, headers, hook.body, now=now) for secret in known):
            raise SignatureError("The signature is missing, wrong or older than five minutes")

    def delivery(self, hook: Hook) -> str | None:
        """`webhook-id`: the same at each try of one delivery."""
        return standard_headers(hook)["webhook-id"]

    def answer(self, hook: Hook, account: Account, stored: Stored) -> Answer:
        """202, with what is wrong about the body. Raises ConflictError for another body under a known `webhook-id`."""
        if not stored.same:
            raise ConflictError("This webhook-id was used for something else", hint="Give each event its own webhook-id.")
        told = Accepted(id=str(stored.id), repeat=not stored.fresh, problems=self._problems(hook, account))
        return Answer(told.model_dump_json().encode(), status=202, type="application/json")

    def parse(self, body: bytes, account: Account) -> Sequence[Happening]:
        """What the body tells. Raises ShapeError."""
        return parse(body, account)

    def _problems(self, hook: Hook, account: Account) -> list[str]:
        try:
            return [h.reason for h in parse(hook.body, account) if isinstance(h, Unknown)]
        except ShapeError as error:
            return [error.message]


def standard_headers(hook: Hook) -> dict[str, str]:
    """The three headers; some senders name them svix-."""
    return {f"webhook-{name}": hook.headers.get(f"webhook-{name}") or hook.headers.get(f"svix-{name}", "") for name in NAMES}
