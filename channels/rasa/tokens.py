"""Checks JSON Web Tokens (RFC 7519) that others issued: HMAC and RSA signatures with SHA-2. Baton issues none."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import Any

from channels.rasa.rsa import RsaKey, parse_rsa_key, verify_rsa
from kit.errors import InvalidInputError, NotAuthenticatedError

HMAC_METHODS, RSA_METHODS = ("HS256", "HS384", "HS512"), ("RS256", "RS384", "RS512")
METHODS = HMAC_METHODS + RSA_METHODS
LONGEST = 8192


class TokenError(NotAuthenticatedError):
    """The token is not valid."""


class TokenChecker:
    """Checks tokens of one issuer: `secret` is the shared secret, or for RSA the public key in PEM."""

    def __init__(self, secret: str, method: str) -> None:
        if method not in METHODS:
            raise InvalidInputError(f"The JWT method {method!r} is not known", hint=f"Use one of {', '.join(METHODS)}.")
        self.method = method
        self._secret = secret.encode()
        self._key: RsaKey | None = parse_rsa_key(secret) if method in RSA_METHODS else None

    def check(self, token: str) -> dict[str, Any]:
        """The claims of a token that is signed with the method of this checker and valid now. Raises TokenError."""
        parts = token.strip().split(".")
        if len(parts) != 3 or len(token) > LONGEST:
            raise TokenError
        header, claims = _json(parts[0]), _json(parts[1])
        if header.get("alg") != self.method or "crit" in header:
            raise TokenError("The token is signed with another method")
        if not self._signed(f"{parts[0]}.{parts[1]}".encode(), _bytes(parts[2])):
            raise TokenError("The signature of the token is wrong")
        now = time.time()
        if _moment(claims, "exp", default=now + 1) <= now or _moment(claims, "nbf", default=now) > now:
            raise TokenError("The token has expired, or is not valid yet")
        return claims

    def _signed(self, message: bytes, signature: bytes) -> bool:
        digest = f"sha{self.method[2:]}"
        if self._key is not None:
            return verify_rsa(self._key, message, signature, digest=digest)
        return hmac.compare_digest(hmac.new(self._secret, message, getattr(hashlib, digest)).digest(), signature)


def _bytes(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise TokenError from None


def _json(part: str) -> dict[str, Any]:
    try:
        data = json.loads(_bytes(part))
    except (ValueError, RecursionError):
        raise TokenError from None
    if not isinstance(data, dict):
        raise TokenError
    return data


def _moment(claims: dict[str, Any], name: str, *, default: float) -> float:
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenError
    return float(value)
