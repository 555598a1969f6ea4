"""What Chatwoot can show and asks for (4.x, source of June 2025), and what an account of it is made of."""

from __future__ import annotations

from channels.base import AccountForm, Capabilities, MediaRule
from channels.desks import STATUS

NAME = "chatwoot"
NOTE = "desk_note"
"""The key of `Content.custom` of a note for the people of the desk."""
FACTS = "desk_facts"
"""The key of `Content.custom` of what is set on a conversation there: `priority`, `labels`, `attributes`."""
MEGABYTE = 1024 * 1024
CAPABILITIES = Capabilities(
    text_max=4000,
    buttons=10,
    button_title_max=24,
    payload_max=256,
    caption_max=4000,
    media={"document": MediaRule(("*/*",), 40 * MEGABYTE)},
    per_second=20.0,
)
SPECIALS = frozenset({NOTE, STATUS, FACTS})
FORM = AccountForm(
    account="the number of the Chatwoot account, as in its addresses: /app/accounts/1/…",
    settings={
        "base_url": "where Chatwoot is, for example https://app.chatwoot.com",
        "language": "the language of the handoff notes: en unless set, or zh-Hant",
        "signature": "url: an older Chatwoot does not sign; the webhook's address then ends in ?key= and the webhook secret",
        "panel_origin": "where the panel may be shown, if that is not base_url",
        "facts": "off: a handoff sets no priority, labels and custom attributes there",
    },
    secrets={
        "token": "the access token of the agent bot (not that of a person: Baton could not tell its own replies from theirs)",
        "webhook_secret": "the secret with which Chatwoot signs the agent bot's webhooks",
        "person_token": "the access token of a person, for labels only: a bot may not set them",
    },
    optional=frozenset({"language", "signature", "panel_origin", "facts", "person_token"}),
    choices={"language": ("en", "zh-Hant"), "signature": ("url",), "facts": ("off",)},
    zh_hant={
        "account": "Chatwoot 帳號的號碼，如其地址所示：/app/accounts/1/…",
        "base_url": "Chatwoot 的地址，例如 https://app.chatwoot.com",
        "language": "轉交備註的語言：預設 en，或 zh-Hant",
        "signature": "url：舊版 Chatwoot 不會簽署；webhook 地址須以 ?key= 及 webhook 密鑰結尾",
        "panel_origin": "可顯示面板的來源，如與 base_url 不同",
        "facts": "off：轉交時不在 Chatwoot 設定優先次序、標籤及自訂屬性",
        "person_token": "一名人員的存取權杖，只用於標籤：機器人不可設定標籤",
        "token": "代理機器人的存取權杖（勿用人員的權杖，否則 Baton 無法分辨自己的回覆）",
        "webhook_secret": "Chatwoot 用以簽署代理機器人 webhook 的密鑰",
    },
)
