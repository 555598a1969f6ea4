"""The webhook of a Twilio number: signature over address and parameters, the name of each request, and the parser."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qs, urlsplit, urlunsplit

from channels.base import Account, Answer, Hook, ShapeError, SignatureError, Stored
from channels.happenings import Happening
from channels.sms.capabilities import NAME
from channels.sms.parse import parse, read_form
from kit.clock import Clock, utc_now

_SETTINGS = re.compile(r"\s*key=([^,\s]+)\s*,\s*algorithm=([A-Z0-9_]+)\s*")
PORTS = {"https": 443, "http": 80}


class SmsDoor:
    """What Twilio calls: messages and status callbacks, on the same address."""

    name = NAME

    def __init__(self, clock: Clock = utc_now) -> None:
        self.clock = clock

    def greet(self, hook: Hook, account: Account) -> Answer:
        """We ask Twilio for POST. Raises SignatureError."""
        raise SignatureError(f"{hook.method} is not what {account.channel} is set to: POST")

    def check(self, hook: Hook, account: Account) -> None:
        """`X-Twilio-Signature`, over the address that Twilio called and the sorted parameters. Raises SignatureError."""
        key, digest = _method(hook, account)
        params = [] if _is_json(hook) else _params(hook)
        given = hook.headers.get("x-twilio-signature", "").encode()
        right = [hmac.compare_digest(signature(key, url, params, digest=digest).encode(), given) for url in with_and_without_port(hook.url)]
        if not any(right) or (_is_json(hook) and not _body_agrees(hook)):
            raise SignatureError

    def delivery(self, hook: Hook) -> str | None:
        """The message and what is said of it: Twilio has no time in its signature, so that old requests could be sent again."""
        form = dict(_params(hook))
        sid, status = form.get("MessageSid"), form.get("MessageStatus")
        return f"{sid} {status or 'in'}" if sid else None

    def answer(self, hook: Hook, account: Account, stored: Stored) -> Answer:  # noqa: ARG002 - the port's shape
        """No message by the answer: what is said goes through the outbox."""
        return Answer(b'<?xml version="1.0" encoding="UTF-8"?><Response/>', type="text/xml")

    def parse(self, body: bytes, account: Account) -> Sequence[Happening]:
        """What the form tells. Raises ShapeError."""
        return parse(body, account, now=self.clock())


def signature(key: str, url: str, params: Iterable[tuple[str, str]], *, digest: str = "sha1") -> str:
    """Twilio's signature: address, then names and values by name; of one name each value once, sorted."""
    values: dict[str, set[str]] = {}
    for name, value in params:
        values.setdefault(name, set()).add(value)
    text = url + "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    return base64.b64encode(hmac.new(key.encode(), text.encode(), digest).digest()).decode()


def with_and_without_port(url: str) -> list[str]:
    """The address as it stands, and with or without the usual port: Twilio signs either."""
    parts = urlsplit(url)
    usual = PORTS.get(parts.scheme)
    if usual is None or parts.hostname is None:
        return [url]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port or usual
    forms = [f"{host}:{port}"] + ([host] if port == usual else [])
    return list(dict.fromkeys([url, *(urlunsplit(parts._replace(netloc=form)) for form in forms)]))


def _method(hook: Hook, account: Account) -> tuple[str, str]:
    """The key and the digest: SHA-1 with the auth token, or what the settings header announces and we have a key for."""
    announced = hook.headers.get("x-twilio-webhooks-signature-settings")
    if announced is None:
        return account.secret("auth_token"), "sha1"
    match = _SETTINGS.fullmatch(announced)
    if match is None or match[2] != "HMAC_SHA256":
        raise SignatureError("The signature is of a kind that is not known")
    return account.secret("signing_key"), "sha256"


def _is_json(hook: Hook) -> bool:
    return "bodySHA256" in parse_qs(urlsplit(hook.url).query)


def _body_agrees(hook: Hook) -> bool:
    said = parse_qs(urlsplit(hook.url).query)["bodySHA256"][0]
    return hmac.compare_digest(hashlib.sha256(hook.body).hexdigest().encode(), said.lower().encode())


def _params(hook: Hook) -> list[tuple[str, str]]:
    try:
        return read_form(hook.body)
    except ShapeError:
        return []
