"""What e-mail can show, and what a mailbox is made of."""

from __future__ import annotations

from channels.base import AccountForm, Capabilities, MediaRule

NAME = "email"
MOST_BYTES = 35_000_000  # a whole mail; larger ones are announced without their content
CAPABILITIES = Capabilities(
    text_max=100_000,
    caption_max=100_000,
    media={"document": MediaRule(("*/*",), 20_000_000)},
    files_together=True,
    reply_to=True,
    per_second=5.0,
    receipts=frozenset({"delivered", "read"}),
)
_SECURITY = ("ssl", "starttls", "plain")
FORM = AccountForm(
    account="the address of the mailbox, as customers know it",
    settings={
        "imap_host": "where mail is read, for example imap.example.com",
        "smtp_host": "where mail is sent, for example smtp.example.com",
        "imap_port": "993 unless set",
        "imap_security": "ssl (as set unless said), starttls, or plain (this machine only)",
        "smtp_port": "465 unless set",
        "smtp_security": "ssl (as set unless said), starttls, or plain (this machine only)",
        "user": "the login, where it is not the address",
        "auth": "password (unless said) or xoauth2: the secret is then an access token",
        "folder": "the folder that is read, INBOX unless set",
        "sender": "the name that customers see as sender",
        "subject": "the subject of a mail that answers none",
        "authserv": "the name of your own mail server in Authentication-Results, whose word on DMARC is believed",
        "poll_seconds": "how often is looked where the server has no IDLE, 60 unless set",
    },
    secrets={"password": "the password (better: one for this application only) or the access token"},
    optional=frozenset(
        {
            "imap_port",
            "imap_security",
            "smtp_port",
            "smtp_security",
            "user",
            "auth",
            "folder",
            "sender",
            "subject",
            "authserv",
            "poll_seconds",
        }
    ),
    choices={"imap_security": _SECURITY, "smtp_security": _SECURITY, "auth": ("password", "xoauth2")},
    numbers=frozenset({"imap_port", "smtp_port", "poll_seconds"}),
    hook=False,
    zh_hant={
        "account": "郵箱地址，即顧客所知的地址",
        "imap_host": "收信伺服器，例如 imap.example.com",
        "smtp_host": "寄信伺服器，例如 smtp.example.com",
        "imap_port": "預設 993",
        "imap_security": "ssl（預設）、starttls 或 plain（只限本機）",
        "smtp_port": "預設 465",
        "smtp_security": "ssl（預設）、starttls 或 plain（只限本機）",
        "user": "登入名稱，如與地址不同",
        "auth": "password（預設）或 xoauth2：密鑰即為存取權杖",
        "folder": "所讀取的資料夾，預設 INBOX",
        "sender": "顧客所見的寄件人名稱",
        "subject": "並非回覆的郵件的主旨",
        "authserv": "你的郵件伺服器在 Authentication-Results 中的名稱，其 DMARC 結果會被採信",
        "poll_seconds": "伺服器不支援 IDLE 時多久查看一次，預設 60",
        "password": "密碼（最好為此用途專設）或存取權杖",
    },
)
