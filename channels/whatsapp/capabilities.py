"""What WhatsApp can show and asks for (Cloud API, read November 2026), and what an account of it is made of."""

from __future__ import annotations

from datetime import timedelta

from channels.base import AccountForm, Capabilities, MediaRule, own_words

NAME = "whatsapp"
MEGABYTE = 1024 * 1024
CAPABILITIES = Capabilities(
    text_max=4096,
    buttons=3,
    button_title_max=20,
    button_text_max=1024,
    rows=10,
    row_title_max=24,
    payload_max=200,
    caption_max=1024,
    media={
        "image": MediaRule(("image/jpeg", "image/png"), 5 * MEGABYTE),
        "video": MediaRule(("video/mp4", "video/3gpp"), 16 * MEGABYTE),
        "audio": MediaRule(("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 16 * MEGABYTE),
        "sticker": MediaRule(("image/webp",), 500 * 1024),
        "document": MediaRule(("*/*",), 100 * MEGABYTE),
    },
    window=timedelta(hours=24),
    templates=True,
    typing=timedelta(seconds=25),
    receipts=frozenset({"delivered", "read", "played"}),
    reply_to=True,
    reactions=True,
    per_second=80.0,
    pair_seconds=6.0,
    pair_burst=45,
    settle=timedelta(seconds=1.5),
    echoes_key=True,
)
SPECIALS = frozenset({"template", "location_request", "contact_request", "flow", "reaction", "location", "contacts", "link"})
FORM = AccountForm(
    account="the phone number id (Meta's app dashboard, WhatsApp, API setup)",
    settings={
        "waba_id": "the id of the WhatsApp Business Account, for templates",
        "display_phone": "the number as customers know it",
        "base_url": "another address than https://graph.facebook.com, for the simulator",
        "version": "the version of the Graph API, v26.0 unless set",
        "per_second": "messages a second, 80 unless set",
        "pair_burst": "messages to one customer at once, 45 unless set",
        "appsecret_proof": "on: send appsecret_proof with each call",
    },
    secrets={
        "token": "the access token of a system user with whatsapp_business_messaging and whatsapp_business_management",
        "app_secret": "the app secret, with which webhooks are signed",
        "verify_token": "any words of yours, entered at Meta beside the webhook's address",
    },
    optional=frozenset({"waba_id", "display_phone", "base_url", "version", "per_second", "pair_burst", "appsecret_proof"}),
    choices={"appsecret_proof": ("on",)},
    numbers=frozenset({"per_second", "pair_burst"}),
    made={"verify_token": own_words},
    copied=frozenset({"verify_token"}),
    zh_hant={
        "account": "電話號碼 ID（Meta 應用程式主控板，WhatsApp，API 設定）",
        "waba_id": "WhatsApp Business 帳號的 ID，供範本使用",
        "display_phone": "顧客所見的號碼",
        "base_url": "以其他地址代替 https://graph.facebook.com，供模擬器使用",
        "version": "Graph API 版本，預設 v26.0",
        "per_second": "每秒訊息數，預設 80",
        "pair_burst": "可連續發給同一顧客的訊息數，預設 45",
        "appsecret_proof": "on：每次呼叫均附上 appsecret_proof",
        "token": "具 whatsapp_business_messaging 及 whatsapp_business_management 權限的系統用戶存取權杖",
        "app_secret": "應用程式密鑰，用以驗證 webhook 簽署",
        "verify_token": "自訂文字，在 Meta 與 webhook 地址一併輸入",
    },
)
