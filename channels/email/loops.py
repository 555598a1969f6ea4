"""Which mails a machine wrote, so that nothing answers them; and what bounces and receipts say of what we sent. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from uuid import UUID

from channels.base import Account, Problem
from channels.email.reading import Mail, decode, read_headers, walk
from channels.happenings import Receipt

KEY_HEADER = "X-Baton-Key"
_OURS = re.compile(r"<baton\.([0-9a-f]{32})@[^<>\s]{1,255}>")
_ROBOTS = re.compile(r"^(mailer-daemon|postmaster|no-?_?reply|do-?not-?reply|bounces?)([+._-].*)?@", re.IGNORECASE)
_PRECEDENCE = {"bulk", "list", "junk", "auto_reply", "auto-reply"}
_MARKS = ("x-autoreply", "x-autorespond", "x-loop", "x-auto-reply", "list-id", "list-unsubscribe", "feedback-id")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


def signed_key(account: Account, key: UUID) -> str:
    """What our header holds: the key of the sending, and that it is from us, by the account's id, which no mail tells."""
    mac = hmac.new(account.id.bytes, key.bytes, hashlib.sha256).hexdigest()[:32]
    return f"{key.hex}.{mac}"


def message_id(account: Account, key: UUID) -> str:
    """Our Message-ID of a sending: the same at each try, so that mail servers know a repeat."""
    return f"<baton.{key.hex}@{account.account.rpartition('@')[2]}>"


def is_ours(mail: Mail, account: Account) -> bool:
    """Whether we wrote this mail: our header, and it is genuine."""
    given = mail.header(KEY_HEADER.lower())
    try:
        wanted = signed_key(account, UUID(hex=given.partition(".")[0]))
    except ValueError:
        return False
    return hmac.compare_digest(wanted.encode(), given.encode())


def why_automatic(mail: Mail, account: Account) -> str | None:
    """Why a mail counts as written by a machine (RFC 3834 and what is in use); None for a person's."""
    if is_ours(mail, account):
        return "our own mail came back"
    if mail.sender == account.account.lower():
        return "sent from our own address"
    auto = mail.header("auto-submitted").lower().partition(";")[0].strip()
    if auto and auto != "no":
        return f"Auto-Submitted: {auto[:40]}"
    if mail.header("precedence").lower().strip() in _PRECEDENCE:
        return f"Precedence: {mail.header('precedence')[:40]}"
    suppressed = {word.strip() for word in mail.header("x-auto-response-suppress").lower().split(",")}
    if suppressed & {"dr", "autoreply", "all"}:
        return "X-Auto-Response-Suppress"
    for name in _MARKS:
        if name in mail.headers:
            return name.title()
    if mail.header("return-path").strip() == "<>":
        return "no return path"
    if _ROBOTS.match(mail.sender):
        return f"the sender {mail.sender[:80]}"
    return "a report" if mail.message.get_content_type() == "multipart/report" else None


def is_robot(address: str) -> bool:
    """Whether nobody reads what is sent to an address, by its name."""
    return _ROBOTS.match(address) is not None


def read_report(mail: Mail, account: Account) -> list[Receipt]:
    """What a bounce or a read receipt says of mails of ours; empty where it is none, or not about ours."""
    kind = str(mail.message.get_param("report-type") or "").lower() if mail.message.get_content_type() == "multipart/report" else ""
    parts = list(walk(mail.message))
    about = _about(parts)
    if not about:
        return []
    if kind == "disposition-notification":
        shown = "displayed" in " ".join(decode(p) or p.as_string() for p in parts if "disposition-notification" in p.get_content_type())
        return [_receipt(account, one, "read", mail.at) for one in about] if shown else []
    if kind == "delivery-status":
        return _delivery(mail, account, parts, about)
    if _ROBOTS.match(mail.sender) and mail.sender.startswith(("mailer-daemon", "postmaster")):
        return [_receipt(account, one, "failed", mail.at, reason=mail.words[:300]) for one in about]
    return []


def _delivery(mail: Mail, account: Account, parts: list[EmailMessage], about: list[str]) -> list[Receipt]:
    fields: dict[str, str] = {}
    for part in parts:
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            for block in part.get_payload():
                if isinstance(block, EmailMessage):
                    fields |= read_headers(block)
    action = fields.get("action", "").lower().strip()
    if action == "delivered":
        return [_receipt(account, one, "delivered", mail.at) for one in about]
    if action != "failed":
        return []  # delayed: the server goes on trying
    said = fields.get("diagnostic-code", "").partition(";")[2].strip()
    code = _STATUS.search(fields.get("status", ""))
    reason, number, about_whom = said or "the mail came back", code[1] if code else None, _recipient(fields)
    return [replace(_receipt(account, one, "failed", mail.at, reason=reason, code=number), recipient=about_whom) for one in about]


def _recipient(fields: dict[str, str]) -> str | None:
    """Whom a report is about: as we addressed them, where it says that."""
    named = (fields.get(name, "").partition(";")[2].strip().strip("<>").lower() for name in ("original-recipient", "final-recipient"))
    return next((one for one in named if "@" in one), None)


def _about(parts: list[EmailMessage]) -> list[str]:
    """Our Message-IDs that a report names: in the original's headers, and nowhere else if they are there."""
    found: list[str] = []
    for part in parts[1:]:
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            found += [m[0] for m in _OURS.finditer(decode(part))]
        elif kind == "message/rfc822" and part.is_multipart():
            found += [
                m[0]
                for p in part.get_payload()
                if isinstance(p, EmailMessage)
                for m in _OURS.finditer(read_headers(p).get("message-id", ""))
            ]
        elif kind in {"message/disposition-notification", "message/delivery-status"}:
            found += [m[0] for m in _OURS.finditer(part.as_string())]
    if not found:
        found = [m[0] for part in parts if part.get_content_type() == "text/plain" for m in _OURS.finditer(decode(part)[:100_000])]
    return list(dict.fromkeys(found))[:5]


def _receipt(account: Account, one: str, status: str, at: datetime, *, reason: str | None = None, code: str | None = None) -> Receipt:
    match = _OURS.fullmatch(one)
    assert match is not None
    problem = Problem.RECIPIENT.value if status == "failed" else None
    return Receipt(account.account, one, status, at, key=UUID(hex=match[1]), problem=problem, code=code, reason=reason)
