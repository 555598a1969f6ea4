"""What LINE can show and asks for (Messaging API, read July 2026), and what an account of it is made of."""

from __future__ import annotations

from datetime import timedelta

from channels.base import AccountForm, Capabilities, MediaRule, Unit

NAME = "line"
MEGABYTE = 1024 * 1024
REPLY_WITHIN = timedelta(seconds=50)  # the token holds a minute; what is on its way counts too
TEMPLATE_BUTTONS, TEMPLATE_TEXT = 4, 160
CAPABILITIES = Capabilities(
    text_max=5000,
    text_unit=Unit.UTF16,
    buttons=13,
    button_title_max=20,
    payload_max=300,
    media={"image": MediaRule(("image/jpeg", "image/png"), 10 * MEGABYTE), "document": MediaRule(("*/*",), 50 * MEGABYTE)},
    per_second=100.0,
    pair_seconds=0.5,
    pair_burst=10,
    idempotent=True,
    reply_handles=True,
)
SPECIALS = frozenset({"location", "link", "sticker"})
FORM = AccountForm(
    account="the bot's user id: U and 32 letters, `destination` in webhooks (LINE Developers, Basic settings)",
    settings={
        "base_url": "another address than https://api.line.me, for the simulator",
        "data_url": "another address than https://api-data.line.me, for the simulator",
        "per_second": "messages a second, 100 unless set",
    },
    secrets={
        "channel_secret": "the channel secret, with which webhooks are signed",
        "token": "the channel access token",
    },
    optional=frozenset({"base_url", "data_url", "per_second"}),
    numbers=frozenset({"per_second"}),
    zh_hant={
        "account": "機器人的用戶 ID：U 加 32 個字母，即 webhook 中的 destination（LINE Developers，Basic settings）",
        "base_url": "以其他地址代替 https://api.line.me，供模擬器使用",
        "data_url": "以其他地址代替 https://api-data.line.me，供模擬器使用",
        "per_second": "每秒訊息數，預設 100",
        "channel_secret": "頻道密鑰，用以驗證 webhook 簽署",
        "token": "頻道存取權杖",
    },
)
