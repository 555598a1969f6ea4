"""What the channel of signed webhooks can carry, and what an account of it is made of."""

from __future__ import annotations

from channels.base import AccountForm, Capabilities, MediaRule
from context.webhooks.signing import new_secret

NAME = "webhook"
MEGABYTE = 1024 * 1024
CAPABILITIES = Capabilities(
    text_max=20_000,
    buttons=50,
    button_title_max=200,
    payload_max=200,
    caption_max=20_000,
    links=True,
    media={"image": MediaRule(("image/*",), 20 * MEGABYTE), "document": MediaRule(("*/*",), 20 * MEGABYTE)},
    receipts=frozenset({"delivered", "read"}),
    reply_to=True,
    reactions=True,
    per_second=50.0,
    idempotent=True,
    echoes_key=True,
)
SPECIALS = frozenset({"location", "link", "template", "card"})
FORM = AccountForm(
    account="a name of yours for the system, without spaces: it stands in the webhook's address",
    settings={
        "url": "where messages to customers are posted, https://...",
        "private": "on: this address, and files, may lie in the own network and be http",
        "per_second": "messages a second, 50 unless set",
    },
    secrets={
        "secret": "the secret both sides sign with: whsec_ and base64 of 24 to 64 random bytes",
        "old_secret": "the secret before, while the other side still signs with it",
    },
    optional=frozenset({"private", "per_second", "old_secret"}),
    choices={"private": ("on",)},
    numbers=frozenset({"per_second"}),
    made={"secret": new_secret},
    zh_hant={
        "account": "自訂的系統名稱，不含空格：它會出現在 webhook 地址中",
        "url": "給顧客的訊息發往何處，https://...",
        "private": "on：此地址及檔案可位於內部網絡並使用 http",
        "per_second": "每秒訊息數，預設 50",
        "secret": "雙方用以簽署的密鑰：whsec_ 加上 24 至 64 個隨機位元組的 base64",
        "old_secret": "舊密鑰，供對方仍以其簽署時使用",
    },
)
