"""What Telegram can show and asks for (Bot API 10.2), and what an account of it is made of."""

from __future__ import annotations

from datetime import timedelta

from channels.base import AccountForm, Capabilities, MediaRule, Unit, own_words

NAME = "telegram"
MEGABYTE = 1024 * 1024
DOWNLOAD_MAX = 20 * MEGABYTE
CAPABILITIES = Capabilities(
    text_max=4096,
    text_unit=Unit.UTF16,
    buttons=30,
    button_title_max=60,
    payload_max=64,
    caption_max=1024,
    media={
        "image": MediaRule(("image/jpeg", "image/png"), 10 * MEGABYTE),
        "video": MediaRule(("video/mp4",), 50 * MEGABYTE),
        "audio": MediaRule(("audio/mpeg", "audio/mp4"), 50 * MEGABYTE),
        "voice": MediaRule(("audio/ogg",), 50 * MEGABYTE),
        "document": MediaRule(("*/*",), 50 * MEGABYTE),
    },
    typing=timedelta(seconds=5),
    reply_to=True,
    reactions=True,
    per_second=30.0,
    pair_seconds=1.0,
    pair_burst=5,
)
SPECIALS = frozenset({"contact_request", "location_request", "location", "link"})
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member", "message_reaction")
"""What we ask Telegram for; the reactions come only when they are asked for."""
FORM = AccountForm(
    account="the bot's number: the digits before the colon of its token",
    settings={
        "base_url": "another address than https://api.telegram.org: a Bot API server of your own, or the simulator",
        "commands": "what commands mean, as command=payload; start=/greet unless set",
        "per_second": "messages a second, 30 unless set",
        "polling": "on: Baton asks Telegram for what is new, where Telegram cannot reach this installation; off unless set",
    },
    secrets={
        "token": "the bot's token, from @BotFather",
        "secret_token": "any 16 to 256 letters, digits, _ and - of yours: Telegram sends them with every webhook",
    },
    optional=frozenset({"base_url", "commands", "per_second", "polling"}),
    choices={"polling": ("on", "off")},
    numbers=frozenset({"per_second"}),
    made={"secret_token": own_words},
    zh_hant={
        "account": "機器人的號碼：權杖中冒號前的數字",
        "base_url": "以其他地址代替 https://api.telegram.org：自設的 Bot API 伺服器或模擬器",
        "commands": "指令的意思，寫成 command=payload；預設 start=/greet",
        "per_second": "每秒訊息數，預設 30",
        "polling": "on：由 Baton 主動向 Telegram 查詢新訊息，適用於 Telegram 無法連入的安裝；預設 off",
        "token": "機器人權杖，由 @BotFather 發出",
        "secret_token": "自訂的 16 至 256 個字母、數字、_ 及 -：Telegram 會隨每個 webhook 送回",
    },
)
