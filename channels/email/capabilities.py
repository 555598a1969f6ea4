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
    turns_together=True,
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
        "auth": "password (unless said) or xoauth2: the secret is then an access token, or a refresh token of which Baton makes them",
        "token_url": "where access tokens are renewed: google, microsoft, or the address of the token endpoint",
        "client_id": "the id of your application at the provider, for renewing access tokens",
        "scope": "what is asked for at renewal, where it is not the usual",
        "folder": "the folder that is read, INBOX unless set",
        "sender": "the name that customers see as sender",
        "subject": "the subject of a mail that answers none",
        "authserv": "the name of your own mail server in Authentication-Results, whose word on DMARC is believed",
        "own": "further addresses of yours, separated by commas: they get no copies of answers",
        "copies": "on (unless said): what people answer goes to those in To and Cc too; off: to the customer only",
        "poll_seconds": "how often is looked where the server has no IDLE, 60 unless set",
    },
    secrets={
        "password": "the password (better: one for this application only) or the access token",
        "refresh_token": "the refresh token in place of a password, with auth=xoauth2",
        "client_secret": "the secret of your application, where the provider gave one",
    },
    optional=frozenset(
        {
            "imap_port",
            "imap_security",
            "smtp_port",
            "smtp_security",
            "user",
            "auth",
            "token_url",
            "client_id",
            "scope",
            "refresh_token",
            "client_secret",
            "folder",
            "sender",
            "subject",
            "authserv",
            "own",
            "copies",
            "poll_seconds",
        }
    ),
    choices={"imap_security": _SECURITY, "smtp_security": _SECURITY, "auth": ("password", "xoauth2"), "copies": ("on", "off")},
    numbers=frozenset({"imap_port", "smtp_port", "poll_seconds"}),
    hook=False,
    instead={"password": "refresh_token"},
    beside={"refresh_token": ("token_url", "client_id")},
    zh_hant={
        "account": "郵箱地址，即顧客所知的地址",
        "imap_host": "收信伺服器，例如 imap.example.com",
        "smtp_host": "寄信伺服器，例如 smtp.example.com",
        "imap_port": "預設 993",
        "imap_security": "ssl（預設）、starttls 或 plain（只限本機）",
        "smtp_port": "預設 465",
        "smtp_security": "ssl（預設）、starttls 或 plain（只限本機）",
        "user": "登入名稱，如與地址不同",
        "auth": "password（預設）或 xoauth2：密鑰即為存取權杖，或由 Baton 以更新權杖換取",
        "token_url": "更新存取權杖之處：google、microsoft，或權杖端點的地址",
        "client_id": "你的應用程式在供應商處的 ID，用以更新存取權杖",
        "scope": "更新時所請求的權限，如與通常不同",
        "refresh_token": "代替密碼的更新權杖，配合 auth=xoauth2",
        "client_secret": "你的應用程式的密鑰，如供應商有提供",
        "folder": "所讀取的資料夾，預設 INBOX",
        "sender": "顧客所見的寄件人名稱",
        "subject": "並非回覆的郵件的主旨",
        "authserv": "你的郵件伺服器在 Authentication-Results 中的名稱，其 DMARC 結果會被採信",
        "own": "你的其他地址，以逗號分隔：不會收到回覆的副本",
        "copies": "on（預設）：同事的回覆亦寄給收件人及副本中的人；off：只寄給顧客",
        "poll_seconds": "伺服器不支援 IDLE 時多久查看一次，預設 60",
        "password": "密碼（最好為此用途專設）或存取權杖",
    },
)
