"""Secrets at rest: sealed with AES-GCM under a key that does not lie in the database."""

from __future__ import annotations

import base64
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kit.errors import BatonError

_NONCE = 12


class SealedError(BatonError):
    """A stored secret cannot be opened: it was sealed with another key."""


class Sealer:
    """Seals and opens bytes with one key; `about` binds a secret to its place, so that it cannot be moved to another row."""

    def __init__(self, key: str) -> None:
        """`key`: any text with at least 128 bits of chance in it."""
        self._cipher = AESGCM(hashlib.sha256(key.encode()).digest())

    def seal(self, secret: bytes, *, about: str) -> str:
        """The sealed form, as text."""
        nonce = os.urandom(_NONCE)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, secret, about.encode())).decode()

    def open(self, sealed: str, *, about: str) -> bytes:
        """The secret again. Raises SealedError when key or place is another one, or the text was changed."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], about.encode())
        except (ValueError, InvalidTag):
            hint = "Set BATON_SECRET_KEY to the key of the installation, or enter the secrets again."
            raise SealedError(hint=hint) from None
