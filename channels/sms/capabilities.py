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
    choices={"mms": ("on",), "keep_typography": ("on",)},
    numbers=frozenset({"per_second"}),
    zh_hant={
        "account": "不含空格的名稱，最好是不帶加號的號碼：它會出現在 webhook 地址中",
        "account_sid": "Account SID（Twilio 主控台，以 AC 開頭）",
        "from": "發送號碼，例如 +15550001111",
        "messaging_service_sid": "代替 from、由其選擇號碼的訊息服務（以 MG 開頭）",
        "api_key_sid": "代替驗證權杖用於發送的 API 金鑰（以 SK 開頭）",
        "mms": "on：檔案以 MMS 發出，否則為文字中的連結（MMS 只限美國、加拿大及澳洲）",
        "keep_typography": "on：保留印刷引號及破折號，即使訊息費用可能加倍",
        "base_url": "以其他地址代替 https://api.twilio.com，供模擬器使用",
        "per_second": "每秒訊息數，預設 10",
        "auth_token": "驗證權杖，用以驗證 webhook 簽署",
        "api_key_secret": "API 金鑰的密鑰",
        "signing_key": "如已開啟 HMAC-SHA256，用以驗證 webhook 簽署的金鑰",
    },
)
