"""What a WeChat Official Account can show and asks for (read November 2026), and what an account is made of."""

from __future__ import annotations

from datetime import timedelta

from channels.base import AccountForm, Capabilities, MediaRule, Unit, own_words

NAME = "wechat"
MEGABYTE = 1024 * 1024
CAPABILITIES = Capabilities(
    text_max=2048,
    text_unit=Unit.BYTES,
    rows=8,
    row_title_max=40,
    payload_max=200,
    media={
        "image": MediaRule(("image/jpeg", "image/png", "image/gif"), 10 * MEGABYTE),
        "audio": MediaRule(("audio/amr", "audio/mpeg"), 2 * MEGABYTE),
        "video": MediaRule(("video/mp4",), 10 * MEGABYTE),
    },
    window=timedelta(hours=48),
    typing=timedelta(seconds=5),
    per_second=10.0,
)
FORM = AccountForm(
    account="the original id of the account (gh_...)",
    settings={
        "app_id": "the AppID (development, basic configuration)",
        "base_url": "another address than https://api.weixin.qq.com, for the simulator",
        "mode": "safe (unless set): bodies are encrypted; plain: they are not, and their signature does not cover them",
    },
    secrets={
        "app_secret": "the AppSecret, for access tokens; add this machine to the account's IP allow-list",
        "token": "the token of the server configuration: any words of yours",
        "aes_key": "the EncodingAESKey of the server configuration (43 letters and digits)",
    },
    optional=frozenset({"base_url", "mode"}),
    choices={"mode": ("safe", "plain")},
    made={"token": own_words},
    copied=frozenset({"token"}),
    zh_hant={
        "account": "帳號的原始 ID（gh_...）",
        "app_id": "AppID（開發，基本配置）",
        "base_url": "以其他地址代替 https://api.weixin.qq.com，供模擬器使用",
        "mode": "safe（預設）：內容加密；plain：不加密，其簽署亦不涵蓋內容",
        "app_secret": "AppSecret，用以取得存取權杖；請把本機加入帳號的 IP 白名單",
        "token": "伺服器配置的權杖：自訂文字",
        "aes_key": "伺服器配置的 EncodingAESKey（43 個字母及數字）",
    },
)
