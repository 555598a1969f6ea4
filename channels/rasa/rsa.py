"""Verifies RSA signatures (RSASSA-PKCS1-v1_5, RFC 8017 section 8.2.2). Only public keys and public messages pass through here."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass

from kit.errors import InvalidInputError

_PEM = re.compile(r"-----BEGIN (?P<kind>(?:RSA )?PUBLIC KEY)-----(?P<body>[A-Za-z0-9+/=\s]+)-----END (?P=kind)-----")
_PREFIXES = {  # the DER of DigestInfo before the digest itself, RFC 8017 section 9.2, note 1
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}
_RSA_OID = bytes.fromhex("2a864886f70d010101")
_SEQUENCE, _INTEGER, _BITS, _OID = 0x30, 0x02, 0x03, 0x06
LEAST_BITS = 2048


class KeyUnusableError(InvalidInputError):
    """The public key cannot be used."""


@dataclass(frozen=True)
class RsaKey:
    """A public key."""

    modulus: int
    exponent: int

    @property
    def size(self) -> int:
        """The length of the modulus in bytes."""
        return (self.modulus.bit_length() + 7) // 8


def parse_rsa_key(pem: str) -> RsaKey:
    """The key of a PEM text (`PUBLIC KEY` or `RSA PUBLIC KEY`). Raises KeyUnusableError, also below 2,048 bits."""
    match = _PEM.search(pem)
    if match is None:
        raise KeyUnusableError("This is no RSA public key in PEM", hint="It begins with -----BEGIN PUBLIC KEY-----.")
    try:
        der = base64.b64decode("".join(match["body"].split()), validate=True)
        key = _pkcs1(der if match["kind"].startswith("RSA") else _inner(der))
    except (binascii.Error, ValueError, IndexError):
        raise KeyUnusableError("The public key is damaged, or not one of RSA") from None
    if key.modulus.bit_length() < LEAST_BITS or key.exponent < 3 or key.exponent % 2 == 0:
        raise KeyUnusableError(f"The RSA key is weaker than {LEAST_BITS:,} bits")
    return key


def verify_rsa(key: RsaKey, message: bytes, signature: bytes, *, digest: str) -> bool:
    """Whether the signature is that of the message; the whole padded block is compared, nothing in it is parsed."""
    if len(signature) != key.size or int.from_bytes(signature, "big") >= key.modulus:
        return False
    block = pow(int.from_bytes(signature, "big"), key.exponent, key.modulus).to_bytes(key.size, "big")
    tail = _PREFIXES[digest] + hashlib.new(digest, message).digest()
    expected = b"\x00\x01" + b"\xff" * (key.size - len(tail) - 3) + b"\x00" + tail
    return hmac.compare_digest(block, expected)


def _read(data: bytes, at: int, tag: int) -> tuple[bytes, int]:
    """The content of the DER element at `at`, and where the next one begins."""
    if data[at] != tag:
        raise ValueError("another element was expected")
    length, begin = data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        length, begin = int.from_bytes(data[begin : begin + count], "big"), begin + count
    if begin + length > len(data):
        raise ValueError("the element is cut off")
    return data[begin : begin + length], begin + length


def _inner(der: bytes) -> bytes:
    outer, _ = _read(der, 0, _SEQUENCE)
    algorithm, after = _read(outer, 0, _SEQUENCE)
    if _read(algorithm, 0, _OID)[0] != _RSA_OID:
        raise ValueError("not an RSA key")
    return _read(outer, after, _BITS)[0][1:]


def _pkcs1(der: bytes) -> RsaKey:
    body, _ = _read(der, 0, _SEQUENCE)
    modulus, after = _read(body, 0, _INTEGER)
    exponent, _ = _read(body, after, _INTEGER)
    return RsaKey(int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big"))
