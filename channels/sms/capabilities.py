"""What SMS through Twilio can show and asks for, and what an account of it is made of."""

from __future__ import annotations

from channels.base import AccountForm, Capabilities, MediaRule

NAME = "sms"
MEGABYTE = 1024 * 1024
CAPABILITIES = Capabilities(
    text_max=1600,
    caption_max=1600,
    media={
        "image": MediaRule(("image/jpeg", "image/png", "image/gif"), 5 * MEGABYTE),
        "video": MediaRule(("video/mp4", "video/3gpp"), 5 * MEGABYTE),
        "audio": MediaRule(("audio/*",), 5 * MEGABYTE),
        "document": MediaRule(("*/*",), 5 * MEGABYTE),
    },
    receipts=frozenset({"delivered"}),
    per_second=10.0,
    pair_seconds=1.0,
    pair_burst=5,
)
SPECIALS = frozenset({"link"})
FORM = AccountForm(
    account="a name without spaces, best the number without its plus: it stands in the webhook's address",
    settings={
        "account_sid": "the Account SID (Twilio console, starts with AC)",
        "from": "the number that writes, as +15550001111",
        "messaging_service_sid": "a messaging service (starts with MG) that chooses the number, instead of `from`",
        "api_key_sid": "an API key (starts with SK) to send with, instead of the auth token",
        "mms": "on: files go out as MMS; else as links in the text (MMS exists in the USA, Canada and Australia)",
        "keep_typography": "on: typographic quotes and dashes stay, though they can make a message cost twice as much",
        "base_url": "another address than https://api.twilio.com, for the simulator",
        "per_second": "messages a second, 10 unless set",
    },
    secrets={
        "auth_token": "the auth token, with which webhooks are signed",
        "api_key_secret": "the secret of the API key",
        "signing_key": "the key for webhooks signed with HMAC-SHA256, where that is switched on",
    },
    optional=frozenset(
        {
            "from",
            "messaging_service_sid",
            "api_key_sid",
            "mms",
            "keep_typography",
            "base_url",
            "per_second",
            "api_key_secret",
            "signing_key",
        }
    ),
)
