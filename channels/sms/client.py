"""A thin client of Twilio's REST API: messages, media, the number's webhook."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from channels.base import Account, MediaGoneError
from channels.calling import Caller, json_of, read_file, same_origin
from kit.errors import BatonError, InvalidInputError

API = "https://api.twilio.com"
PREFIX = "/2010-04-01/Accounts"


class TwilioError(BatonError):
    """Twilio refused a call."""

    status = 502


@dataclass
class TwilioApi:
    """Calls for any account."""

    caller: Caller = field(default_factory=Caller)

    async def send(self, account: Account, form: dict[str, Any]) -> httpx.Response:
        """One message. Raises httpx.HTTPError, AccountIncompleteError."""
        client = self.caller.client(_base(account))
        return await client.post(f"{PREFIX}/{_sid(account)}/Messages.json", data=form, auth=_login(account))

    async def fetch(self, source: str, account: Account, *, max_bytes: int) -> bytes:
        """The bytes of a customer's file, of Twilio's own host only. Raises MediaGoneError, httpx.HTTPError."""
        if not same_origin(source, _base(account)):
            raise MediaGoneError("The file lies at an address that is not Twilio's")
        client = self.caller.client(_base(account))
        async with client.stream("GET", urlsplit(source).path, auth=_login(account), follow_redirects=False) as answer:
            where = answer.headers.get("location") if answer.is_redirect else None
            if where is None:
                return await read_file(answer, max_bytes)
        parts = urlsplit(where)
        if parts.scheme != "https" and not same_origin(where, _base(account)):
            raise MediaGoneError("The file lies at an address that is not safe")
        if not (parts.hostname or "").endswith((".twilio.com", ".twiliocdn.com", ".amazonaws.com")) and not same_origin(
            where, _base(account)
        ):
            raise MediaGoneError("The file lies at an address that is not Twilio's")
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return await self.caller.download(f"{parts.scheme}://{parts.netloc}", path, max_bytes=max_bytes)

    async def connect(self, account: Account, url: str) -> str:
        """Enters our webhook at the number. Raises InvalidInputError, TwilioError, httpx.HTTPError."""
        number = account.setting("from")
        if not number:
            hint = f"Enter {url} in the Twilio console: Messaging, Services, Integration, Send a webhook."
            raise InvalidInputError("A messaging service's webhook is entered by hand", hint=hint)
        found = await self._ask(account, "GET", f"IncomingPhoneNumbers.json?PhoneNumber={number.replace('+', '%2B')}")
        numbers = found.get("incoming_phone_numbers") or []
        if not numbers:
            raise InvalidInputError(f"The account has no number {number}")
        await self._ask(account, "POST", f"IncomingPhoneNumbers/{numbers[0]['sid']}.json", {"SmsUrl": url, "SmsMethod": "POST"})
        return f"Twilio calls {url} for messages to {number} from now on."

    async def test(self, account: Account) -> str:
        """Whether the login is good, and the account's state."""
        found = await self._ask(account, "GET", "")
        return (
            f"{found.get('friendly_name')} is {found.get('status')}; it writes from {account.setting('from') or 'its messaging service'}."
        )

    async def _ask(self, account: Account, method: str, path: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        where = f"{PREFIX}/{_sid(account)}" + (f"/{path}" if path else ".json")
        answer = await self.caller.client(_base(account)).request(method, where, data=form, auth=_login(account))
        if not answer.is_success:
            raise TwilioError(f"Twilio answered {answer.status_code}: {json_of(answer).get('message', '')}")
        return json_of(answer)


def _base(account: Account) -> str:
    return account.setting("base_url", API)


def _sid(account: Account) -> str:
    sid = account.setting("account_sid")
    if not sid.isalnum():
        raise InvalidInputError("The account_sid is letters and digits")
    return sid


def _login(account: Account) -> tuple[str, str]:
    key = account.setting("api_key_sid")
    return (key, account.secret("api_key_secret")) if key else (account.setting("account_sid"), account.secret("auth_token"))
