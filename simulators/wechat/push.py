"""How WeChat pushes: XML, signed, in safe mode encrypted; five seconds for an answer, three tries."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import struct
import time
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import httpx
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from simulators.telling import Post

TRIES = 3


def xml_of(fields: dict[str, object]) -> bytes:
    """The XML of a push."""
    inner = "".join(
        f"<{k}><![CDATA[{v}]]></{k}>" if isinstance(v, str) and "]]>" not in v else f"<{k}>{escape(str(v))}</{k}>"
        for k, v in fields.items()
    )
    return f"<xml>{inner}</xml>".encode()


def sign(*words: str) -> str:
    """The signature of these words."""
    return hashlib.sha1("".join(sorted(words)).encode()).hexdigest()  # noqa: S324 - the provider's scheme


def encrypted(xml: bytes, aes_key: str, app_id: str) -> str:
    """As in safe mode."""
    key = base64.b64decode(aes_key + "=")
    clear = os.urandom(16) + struct.pack(">I", len(xml)) + xml + app_id.encode()
    fill = 32 - len(clear) % 32
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(cipher.update(clear + bytes([fill]) * fill) + cipher.finalize()).decode()


def signed(
    xml: bytes, *, account: str, token: str, aes_key: str | None, app_id: str, at: int | None = None
) -> tuple[dict[str, str], bytes]:
    """The query and the body of a push; `aes_key` None: plain mode."""
    stamp, nonce = str(at or int(time.time())), secrets.token_hex(5)
    query = {"signature": sign(token, stamp, nonce), "timestamp": stamp, "nonce": nonce, "openid": "o_simulated"}
    if aes_key is None:
        return query, xml
    inner = encrypted(xml, aes_key, app_id)
    query |= {"encrypt_type": "aes", "msg_signature": sign(token, stamp, nonce, inner)}
    return query, xml_of({"ToUserName": account, "Encrypt": inner})


async def push(url: str, query: dict[str, str], body: bytes) -> tuple[Post, int]:
    """Posts until it is answered within five seconds, three times at most; the last try, and how many there were."""
    post = Post(f"{url}?{urlencode(query)}", body, {"Content-Type": "text/xml"})
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        for number in range(1, TRIES + 1):
            try:
                answer = await client.post(post.url, content=body, headers=post.headers)
                post.status, post.answer = answer.status_code, answer.content
            except httpx.HTTPError:
                post.status = None
            if post.status is not None and post.status < 500:
                return post, number
    return post, TRIES
