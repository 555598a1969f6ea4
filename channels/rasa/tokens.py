"""Checks JSON Web Tokens (RFC 7519) that others issued, with PyJWT: HMAC and RSA signatures with SHA-2. Baton issues none."""

from __future__ import annotations

import warnings
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate
from jwt.warnings import InsecureKeyLengthWarning

from kit.errors import InvalidInputError, NotAuthenticatedError

HMAC_METHODS, RSA_METHODS = ("HS256", "HS384", "HS512"), ("RS256", "RS384", "RS512")
METHODS = HMAC_METHODS + RSA_METHODS
LONGEST = 8192
SHORTEST_KEY = 2048  # bits


class TokenError(NotAuthenticatedError):
    """The token is not valid."""


class TokenChecker:
    """Checks tokens of one issuer: `secret` is the shared secret, or for RSA the public key (or certificate) in PEM."""

    def __init__(self, secret: str, method: str) -> None:
        """Raises InvalidInputError on an unknown method, or a key that is none."""
        if method not in METHODS:
            raise InvalidInputError(f"The JWT method {method!r} is not known", hint=f"Use one of {', '.join(METHODS)}.")
        self.method = method
        self._key: str | RSAPublicKey = read_key(secret) if method in RSA_METHODS else secret

    def check(self, token: str) -> dict[str, Any]:
        """The claims of a token that is signed with the method of this checker and valid now. Raises TokenError."""
        if len(token) > LONGEST:
            raise TokenError
        try:
            return self._claims(token.strip())
        except jwt.InvalidAlgorithmError:
            raise TokenError("The token is signed with another method") from None
        except jwt.InvalidSignatureError:
            raise TokenError("The signature of the token is wrong") from None
        except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError):
            raise TokenError("The token has expired, or is not valid yet") from None
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError, OverflowError):
            raise TokenError from None

    def _claims(self, token: str) -> dict[str, Any]:
        options: Any = {"verify_aud": False, "verify_iat": False}
        with warnings.catch_warnings():  # how long a shared secret is, is the operator's business: clients come with the one they have
            warnings.simplefilter("ignore", InsecureKeyLengthWarning)
            return jwt.decode(token, self._key, algorithms=[self.method], options=options)


def read_key(pem: str) -> RSAPublicKey:
    """The RSA key of a public key or certificate in PEM. Raises InvalidInputError."""
    data = pem.strip().encode()
    try:
        key = load_pem_x509_certificate(data).public_key() if b"BEGIN CERTIFICATE" in data else load_pem_public_key(data)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPublicKey) or key.key_size < SHORTEST_KEY:
        raise InvalidInputError("The JWT key is no RSA public key in PEM", hint="It begins with -----BEGIN PUBLIC KEY-----.")
    return key
