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
)
