"""The server push of an Official Account: handshake, signature, and an answer that is empty: what is said goes by the API, as five seconds
are too short for a bot. Older pushes than five minutes, and those ahead of time, are refused."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Sequence

from channels.base import Account, Answer, Hook, ShapeError, SignatureError, Stored
from channels.happenings import Happening
from channels.wechat.capabilities import NAME
from channels.wechat.crypto import signature
from channels.wechat.parse import parse, read_xml

SKEW = 300.0
DONE = b"success"


class WeChatDoor:
    """What WeChat calls."""

    name = NAME

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock

    def greet(self, hook: Hook, account: Account) -> Answer:
        """WeChat asks once, when the address is entered. Raises SignatureError."""
        self._check(hook, account, "signature", signed=())
        return Answer(hook.query.get("echostr", "").encode())

    def check(self, hook: Hook, account: Account) -> None:
        """In safe mode over the encrypted body; in plain mode over the query only. Raises SignatureError."""
        account.secret("token")
        if account.setting("mode", "safe") == "plain":
            self._check(hook, account, "signature", signed=())
            return
        account.secret("aes_key")
        try:
            encrypted = read_xml(hook.body).get("Encrypt", "")
        except ShapeError:
            raise SignatureError from None
        if not encrypted:
            raise SignatureError
        self._check(hook, account, "msg_signature", signed=(encrypted,))

    def _check(self, hook: Hook, account: Account, name: str, *, signed: tuple[str, ...]) -> None:
        query = hook.query
        at, nonce, given = query.get("timestamp", ""), query.get("nonce", ""), query.get(name, "")
        wanted = signature(account.secret("token"), at, nonce, *signed)
        if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "surrogatepass")):
            raise SignatureError
        if not (at.isascii() and at.isdigit() and len(at) < 12) or abs(self.clock() - int(at)) > SKEW:
            raise SignatureError("The time of the request is not now")

    def answer(self, hook: Hook, account: Account, stored: Stored) -> Answer:  # noqa: ARG002 - the port's shape
        """The word with which WeChat is content: nothing is shown, and it is not sent again."""
        return Answer(DONE)

    def parse(self, body: bytes, account: Account) -> Sequence[Happening]:
        """What the body tells. Raises ShapeError."""
        return parse(body, account)
