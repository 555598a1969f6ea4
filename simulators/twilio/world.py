"""What the simulated Twilio knows, and what phones do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from simulators.telling import Post, Teller

Json = dict[str, Any]
ADA = "+15550001111"
STOP = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"}


@dataclass
class Config:
    """The account and its number."""

    account_sid: str = "AC" + "0" * 31 + "1"
    auth_token: str = "simulated-auth-token"  # noqa: S105 - invented
    number: str = "+15559990000"
    service: str = "MG" + "0" * 31 + "1"
    hook_url: str = ""
    media_url: str = ""
    signing_key: str = ""
    advanced_opt_out: bool = False


@dataclass
class World:
    """All of it. `errors`: the next answers to sends, as (status, body); `fates`: what becomes of the next messages."""

    config: Config = field(default_factory=Config)
    stopped: set[str] = field(default_factory=set)
    sent: list[Json] = field(default_factory=list)
    errors: list[tuple[int, Json]] = field(default_factory=list)
    calls: list[Json] = field(default_factory=list)
    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    teller: Teller = field(default_factory=Teller)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def sid(self, kind: str = "SM") -> str:
        """The next number of something."""
        return f"{kind}{next(self._numbers):032x}"

    def headers(self, url: str, form: list[tuple[str, str]]) -> dict[str, str]:
        """Signed as Twilio signs: HMAC-SHA1 with the auth token, or HMAC-SHA256 with the signing key where that is set."""
        key, digest, extra = self.config.auth_token, hashlib.sha1, {}
        if self.config.signing_key:
            key, digest = self.config.signing_key, hashlib.sha256
            extra = {"X-Twilio-Webhooks-Signature-Settings": "key=KY1,algorithm=HMAC_SHA256"}
        text = url + "".join(name + value for name, value in sorted(form))
        mac = base64.b64encode(hmac.new(key.encode(), text.encode(), digest).digest()).decode()
        return {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": mac, **extra}

    async def tell(self, url: str, form: Json) -> Post:
        """Posts a form."""
        pairs = [(name, str(value)) for name, value in form.items()]
        return await self.teller.tell(url, urlencode(pairs).encode(), self.headers(url, pairs))

    async def write(self, body: str = "", phone: str = ADA, media: list[tuple[str, str]] | None = None) -> Post:
        """A phone sends a message; `media` are addresses with their types. Opt-out words are obeyed as the carriers do."""
        word, sid = body.strip().upper(), self.sid("MM" if media else "SM")
        form: Json = {
            "ToCountry": "US", "SmsMessageSid": sid, "NumMedia": len(media or []), "SmsSid": sid, "SmsStatus": "received",
            "FromCountry": "US", "Body": body, "To": self.config.number, "NumSegments": 1, "MessageSid": sid,
            "AccountSid": self.config.account_sid, "From": phone, "ApiVersion": "2010-04-01",
        }  # fmt: skip
        for number, (url, kind) in enumerate(media or []):
            form |= {f"MediaUrl{number}": url, f"MediaContentType{number}": kind}
        if word in STOP:
            self.stopped.add(phone)
        elif word in {"START", "UNSTOP", "YES"}:
            self.stopped.discard(phone)
        if self.config.advanced_opt_out and word in STOP | {"START", "HELP"}:
            form["OptOutType"] = "STOP" if word in STOP else word
        return await self.tell(self.config.hook_url, form)

    async def status(self, number: int, status: str, code: int | None = None) -> Post:
        """Says how far the message `number` (from 0) got."""
        message = self.sent[number]
        form: Json = {
            "SmsSid": message["sid"], "SmsStatus": status, "MessageStatus": status, "To": message["to"], "MessageSid": message["sid"],
            "AccountSid": self.config.account_sid, "From": self.config.number, "ApiVersion": "2010-04-01",
        }  # fmt: skip
        if code is not None:
            form["ErrorCode"] = code
        return await self.tell(message["callback"], form)

    def upload(self, data: bytes, kind: str) -> str:
        """A file that a phone sent; its address."""
        path = f"/2010-04-01/Accounts/{self.config.account_sid}/Messages/MM1/Media/{self.sid('ME')}"
        self.files[path] = (data, kind)
        return self.config.media_url + path

    def said(self, phone: str = ADA) -> list[str]:
        """What a phone has got."""
        return [str(m["body"]) for m in self.sent if m["to"] == phone]
