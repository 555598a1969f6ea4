"""What WhatsApp can show and asks for (Cloud API, read November 2026), and what an account of it is made of."""

from __future__ import annotations

from datetime import timedelta

from channels.base import AccountForm, Capabilities, MediaRule

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
)
