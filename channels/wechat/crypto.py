"""Signatures and the encryption of WeChat's server push: SHA-1 over sorted words; AES-256-CBC with PKCS#7 in blocks of 32. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from channels.base import ShapeError
from kit.errors import InvalidInputError

BLOCK = 32


def signature(*words: str) -> str:
    """Of the token, the time, the nonce, and in safe mode what is encrypted."""
    return hashlib.sha1("".join(sorted(words)).encode("utf-8", "surrogatepass")).hexdigest()  # noqa: S324 - the provider's scheme


def decrypt(encrypted: str, *, aes_key: str, app_id: str) -> bytes:
    """The XML within. Raises ShapeError when it is not encrypted with this key, or for another account."""
    key = _key(aes_key)
    try:
        data = base64.b64decode(encrypted, validate=True)
        cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        clear = cipher.update(data) + cipher.finalize()
    except (binascii.Error, ValueError):
        raise ShapeError("The body cannot be decrypted") from None
    padding = clear[-1] if clear else 0
    if not 1 <= padding <= BLOCK or len(clear) < 20 + padding:
        raise ShapeError("The body cannot be decrypted")
    inner = clear[16:-padding]
    size = struct.unpack(">I", inner[:4])[0]
    xml, owner = inner[4 : 4 + size], inner[4 + size :]
    if len(xml) != size or not hmac.compare_digest(owner, app_id.encode()):
        raise ShapeError("The body is encrypted for another account")
    return xml


def encrypt(xml: bytes, *, aes_key: str, app_id: str, prefix: bytes) -> str:
    """The other way; `prefix` are 16 random bytes."""
    key = _key(aes_key)
    clear = prefix + struct.pack(">I", len(xml)) + xml + app_id.encode()
    padding = BLOCK - len(clear) % BLOCK
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(cipher.update(clear + bytes([padding]) * padding) + cipher.finalize()).decode()


def _key(aes_key: str) -> bytes:
    try:
        key = base64.b64decode(aes_key + "=", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise InvalidInputError("The EncodingAESKey is not 43 letters and digits", hint="baton channel set --secret aes_key")
    return key
