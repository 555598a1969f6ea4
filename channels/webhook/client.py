"""What is asked of a system's address when an account is tried out."""

from __future__ import annotations

import json
from uuid import uuid4

from channels.base import Account
from channels.webhook.send import post
from kit.clock import utc_now
from kit.errors import BatonError


class NoAnswerError(BatonError):
    """The other side did not take the test."""

    status = 502


async def try_out(account: Account) -> str:
    """Posts a signed `test`, which the other side answers with 2xx and forgets. Raises BatonError."""
    body = json.dumps({"type": "test", "timestamp": utc_now().isoformat(), "data": {}}).encode()
    answer = await post(account, body, f"test_{uuid4().hex}", clock=utc_now)
    if not 200 <= answer.status < 300:
        raise NoAnswerError(f"{account.setting('url')} answered {answer.status}")
    return f"{account.setting('url')} took a signed test with {answer.status}."
