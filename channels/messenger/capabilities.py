"""What Messenger, Instagram and public comments can show and ask for (Graph API, read November 2026); what an account is made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from channels.base import AccountForm, Capabilities, MediaRule, Unit, own_words

MESSENGER, INSTAGRAM = "messenger", "instagram"
COMMENTS = {MESSENGER: "facebook_comments", INSTAGRAM: "instagram_comments"}
"""The channel of the public comments of each."""
MEGABYTE = 1024 * 1024
MESSAGES = Capabilities(
    text_max=2000,
    buttons=13,
    button_title_max=20,
    payload_max=1000,
    media={
        "image": MediaRule(("image/jpeg", "image/png", "image/gif", "image/webp"), 8 * MEGABYTE),
        "video": MediaRule(("video/mp4", "video/quicktime", "video/webm"), 25 * MEGABYTE),
        "audio": MediaRule(("audio/aac", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav"), 25 * MEGABYTE),
        "document": MediaRule(("*/*",), 25 * MEGABYTE),
    },
    window=timedelta(hours=24),
    human_window=timedelta(days=7),
    typing=timedelta(seconds=20),
    receipts=frozenset({"delivered", "read"}),
    reply_to=True,
    reactions=True,
    per_second=40.0,
    settle=timedelta(seconds=1.0),
    echoes_key=True,
)
CAPABILITIES = {
    MESSENGER: MESSAGES,
    INSTAGRAM: replace(MESSAGES, text_max=1000, text_unit=Unit.BYTES),
    COMMENTS[MESSENGER]: Capabilities(text_max=8000, per_second=5.0),
    COMMENTS[INSTAGRAM]: Capabilities(text_max=2200, per_second=5.0),
}
_SETTINGS = {
    "base_url": "another address than https://graph.facebook.com: https://graph.instagram.com for Instagram Login, or the simulator",
    "version": "the version of the Graph API, v26.0 unless set",
    "human_agent": "on: the app was reviewed for the tag HUMAN_AGENT, so that people may answer within 7 days",
    "comment_team": "the team that answers public comments",
    "appsecret_proof": "on: send appsecret_proof with each call",
}
_SECRETS = {
    "token": "the page's (or the Instagram account's) access token with the permissions for messages and comments",
    "app_secret": "the app secret, with which webhooks are signed",
    "verify_token": "any words of yours, entered at Meta beside the webhook's address",
}
_ZH = {
    "account": "專頁 ID，或 Instagram 帳號 ID",
    "base_url": "以其他地址代替 https://graph.facebook.com：Instagram Login 用 https://graph.instagram.com，或模擬器",
    "version": "Graph API 版本，預設 v26.0",
    "human_agent": "on：應用程式已通過 HUMAN_AGENT 標籤審查，人員可於 7 天內回覆",
    "comment_team": "負責回覆公開留言的團隊",
    "appsecret_proof": "on：每次呼叫均附上 appsecret_proof",
    "token": "專頁（或 Instagram 帳號）的存取權杖，須有訊息及留言權限",
    "app_secret": "應用程式密鑰，用以驗證 webhook 簽署",
    "verify_token": "自訂文字，在 Meta 與 webhook 地址一併輸入",
}


def _form(account: str) -> AccountForm:
    return AccountForm(
        account=account,
        settings=_SETTINGS,
        secrets=_SECRETS,
        optional=frozenset(_SETTINGS),
        choices={"human_agent": ("on",), "appsecret_proof": ("on",)},
        made={"verify_token": own_words},
        copied=frozenset({"verify_token"}),
        zh_hant=_ZH,
    )


FORMS = {MESSENGER: _form("the id of the page"), INSTAGRAM: _form("the id of the Instagram account")}
