"""JSON Web Tokens: those that PyJWT made (`rasa_tokens.json`) pass, and every other one does not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import pytest

from channels.rasa.tokens import TokenChecker, TokenError, read_key
from kit.errors import InvalidInputError

SECRET = "a secret of the shop, thirty-two bytes"
MADE: dict[str, str] = json.loads((Path(__file__).parent / "rasa_tokens.json").read_text())
HMACS, RSAS = ("HS256", "HS384", "HS512"), ("RS256", "RS384", "RS512")


def part(data: Any) -> str:
    """One part of a token."""
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(claims: dict[str, Any], *, secret: str = SECRET, header: dict[str, Any] | None = None) -> str:
    """A token signed with HS256."""
    message = f"{part({'alg': 'HS256', 'typ': 'JWT'} if header is None else header)}.{part(claims)}"
    return f"{message}.{part(hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest())}"


@pytest.mark.parametrize("method", HMACS)
def test_tokens_of_another_library_with_a_shared_secret_pass(method: str) -> None:
    assert TokenChecker(SECRET, method).check(MADE[method])["user"] == {"username": "ana", "role": "admin"}


@pytest.mark.parametrize("method", RSAS)
@pytest.mark.parametrize("form", ["spki", "pkcs1"])
def test_tokens_of_another_library_with_an_rsa_key_pass(method: str, form: str) -> None:
    assert TokenChecker(MADE[form], method).check(MADE[method])["user"] == {"username": "ana", "role": "user"}


@pytest.mark.parametrize("method", HMACS + RSAS)
def test_a_changed_token_does_not_pass(method: str) -> None:
    checker = TokenChecker(MADE["spki"] if method in RSAS else SECRET, method)
    head, claims, signature = MADE[method].split(".")
    forged = part({"user": {"username": "ana", "role": "admin"}, "forged": True})
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[5] ^= 1
    for wrong in (f"{head}.{forged}.{signature}", f"{head}.{claims}.{part(bytes(raw))}", f"{head}.{claims}.", f"{head}.{claims}",
                  f"{head}.{claims}.{part(bytes(len(raw)))}", f"{head}.{claims}.{signature}AA"):  # fmt: skip
        with pytest.raises(TokenError):
            checker.check(wrong)


@pytest.mark.parametrize(
    "header", [{"alg": "none"}, {"alg": "None"}, {"alg": "HS384"}, {"alg": ["HS256"]}, {}, {"alg": "HS256", "crit": ["x"]}]
)
def test_the_method_is_that_of_the_settings_and_no_other(header: dict[str, Any]) -> None:
    with pytest.raises(TokenError):
        TokenChecker(SECRET, "HS256").check(token({"user": {}}, header=header))


def test_the_public_key_is_no_shared_secret() -> None:
    confused = token({"user": {"role": "admin"}}, secret=MADE["spki"])
    with pytest.raises(TokenError):
        TokenChecker(MADE["spki"], "RS256").check(confused)
    with pytest.raises(TokenError):
        TokenChecker(MADE["spki"], "RS256").check(MADE["PS256"])


@pytest.mark.parametrize("claims", [{"exp": 1}, {"exp": "tomorrow"}, {"exp": True}, {"nbf": 4102444800}, {"exp": None}])
def test_time_counts(claims: dict[str, Any]) -> None:
    with pytest.raises(TokenError):
        TokenChecker(SECRET, "HS256").check(token(claims))
    assert TokenChecker(SECRET, "HS256").check(token({"exp": time.time() + 60, "nbf": time.time() - 60}))


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "é.é.é", "x" * 10_000, f"{part([1])}.{part({})}.{part(b'x')}", "\x00.\x00.\x00"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(TokenError):
        TokenChecker(SECRET, "HS256").check(text)


@pytest.mark.parametrize(
    "pem", ["", "secret", MADE["small"], MADE["ec"], MADE["spki"].replace("MII", "MIJ", 1), MADE["spki"][:200] + "-----END PUBLIC KEY-----"]
)
def test_a_key_that_is_none_or_weak_is_refused(pem: str) -> None:
    with pytest.raises(InvalidInputError):
        read_key(pem)


def test_a_method_that_is_not_known_is_named() -> None:
    with pytest.raises(InvalidInputError, match="none"):
        TokenChecker(SECRET, "none")
