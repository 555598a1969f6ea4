"""How mails come in: fetched by the worker, never called. Nobody may post one."""

from __future__ import annotations

from collections.abc import Sequence

from channels.base import Account, Answer, Hook, SignatureError
from channels.email.capabilities import NAME
from channels.email.parse import parse
from channels.happenings import Happening


class EmailDoor:
    """Understands stored mails; as a webhook it lets nobody in."""

    name = NAME

    def greet(self, hook: Hook, account: Account) -> Answer:  # noqa: ARG002 - the port's shape
        """Raises SignatureError."""
        raise SignatureError("Mails are fetched from the mailbox")

    def check(self, hook: Hook, account: Account) -> None:  # noqa: ARG002 - the port's shape
        """Raises SignatureError."""
        raise SignatureError("Mails are fetched from the mailbox")

    def parse(self, body: bytes, account: Account) -> Sequence[Happening]:
        """All that a mail tells. Raises ShapeError."""
        return parse(body, account)
