"""Mails as customers' programs write them, invented."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

ANN = "Ann Example <ann@customer.example>"
SHOP = "support@shop.example"


def mail(
    text: str = "Where is my order?", *, sender: str = ANN, subject: str = "My order", id: str = "<one@customer.example>", **headers: str
) -> bytes:
    """A plain mail; further headers with _ for -."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"], message["Message-ID"] = sender, SHOP, subject, id
    message["Date"] = "Sun, 22 Nov 2026 10:00:00 +0000"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def with_files(*files: tuple[str, str, bytes], text: str = "See the photo") -> bytes:
    """A mail with files: (name, type, data)."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"], message["Message-ID"] = ANN, SHOP, "Photo", "<files@customer.example>"
    message.set_content(text)
    for name, kind, data in files:
        family, _, subtype = kind.partition("/")
        message.add_attachment(data, maintype=family, subtype=subtype, filename=name)
    return message.as_bytes()


def bounce(about: str, *, action: str = "failed", status: str = "5.1.1", whom: str = "ann@customer.example") -> bytes:
    """A delivery status report (RFC 3464) on the mail with this Message-ID."""
    lines = [
        "From: Mail Delivery System <MAILER-DAEMON@mx.example>", f"To: {SHOP}", "Subject: Undelivered Mail Returned to Sender",
        "Message-ID: <bounce@mx.example>", "Auto-Submitted: auto-replied", "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "", "--b", "Content-Type: text/plain", "",
        "Your mail could not be brought.", "--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example", "",
        f"Final-Recipient: rfc822; {whom}", f"Action: {action}", f"Status: {status}",
        "Diagnostic-Code: smtp; 550 5.1.1 no such user", "", "--b", "Content-Type: text/rfc822-headers", "",
        f"Message-ID: {about}", "Subject: Re: My order", "", "--b--", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def html(markup: str, *, charset: str = "utf-8", said: str | None = None) -> bytes:
    """A mail in HTML only; `said` is the charset that it names."""
    head = f"From: {ANN}\r\nTo: {SHOP}\r\nSubject: Hi\r\nMessage-ID: <html@customer.example>\r\nMIME-Version: 1.0\r\n"
    return (head + f"Content-Type: text/html; charset={said or charset}\r\n\r\n").encode() + markup.encode(charset)
