"""Standard Webhooks: how a delivery is signed and checked. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
TOLERANCE = 300  # seconds


def new_secret() -> str:
    """A secret of 32 random bytes in the form of the specification."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret_list: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: one signature for each secret, so that receivers may change theirs in peace."""
    return " ".join(_one(secret, message_id, timestamp, body) for secret in secret_list)


def verify(secret: str, headers: dict[str, str], body: bytes, *, now: float) -> bool:
    """Whether a receiver may trust it: what the how-to shows receivers, and tests use."""
    message_id, stamp, given = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not message_id or not (stamp.isascii() and stamp.isdigit()) or abs(now - int(stamp)) > TOLERANCE:
        return False
    wanted = _one(secret, message_id, int(stamp), body).encode()
    return any(hmac.compare_digest(wanted, part.encode()) for part in given.split())


def _one(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = secret.encode()
    mac = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(mac).decode()
