"""A raw mail to what happened: a customer wrote, a machine wrote, or something became of a mail of ours. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from channels.base import Account
from channels.email.capabilities import NAME
from channels.email.copies import people_beside
from channels.email.loops import read_report, why_automatic
from channels.email.quoting import new_words
from channels.email.reading import Mail, read_mail
from channels.happenings import Automatic, CustomerMessage, Happening, MediaRef, Thread, Unknown
from context.threads import MAIL, thread_key
from context.types import Inbound

TOO_LARGE = "X-Baton-Too-Large"
MOST_WHOLE = 50_000
_AGAIN = re.compile(r"^\s*((re|aw|sv|antw|res|fw|fwd|wg|enc|回复|回覆|答复|转发|轉寄)\s*(\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE)
_DMARC = re.compile(r"\bdmarc\s*=\s*([a-z]+)", re.IGNORECASE)


def parse(raw: bytes, account: Account) -> list[Happening]:
    """What one mail tells. Raises ShapeError."""
    mail = read_mail(raw)
    reports = read_report(mail, account)
    if reports:
        return list(reports)
    thread = Thread(thread_key(MAIL, account.account, external_id(raw, mail)), mail.answers)
    inbound = _inbound(raw, mail, account)
    automatic = why_automatic(mail, account)
    if automatic is not None:
        return [Automatic(inbound, mail.at, thread, automatic)]
    message = CustomerMessage(inbound, mail.at, media=_media(raw, mail), thread=thread)
    refused = _untrusted(mail, account)
    return [message, Unknown(f"the mail of {mail.sender[:100]} fails DMARC")] if refused else [message]


def external_id(raw: bytes, mail: Mail) -> str:
    """The Message-ID, else a hash of what makes a mail this mail."""
    if mail.id is not None:
        return mail.id
    words = "\0".join((mail.sender, mail.header("date"), mail.header("subject"), mail.words)).encode()
    return f"<sha256.{hashlib.sha256(words or raw).hexdigest()}>"


def bare_subject(subject: str) -> str:
    """The subject without "Re:" and its kin."""
    return _AGAIN.sub("", subject).strip()


def _inbound(raw: bytes, mail: Mail, account: Account) -> Inbound:
    subject, words = mail.header("subject"), new_words(mail.words)
    text = words
    if not mail.answers and bare_subject(subject) and bare_subject(subject) not in words:
        text = f"{bare_subject(subject)}\n\n{words}".strip()
    if TOO_LARGE.lower() in mail.headers:
        text = f"{text}\n[a mail of {mail.header(TOO_LARGE.lower())[:20]} bytes: too large to be fetched]".strip()
    metadata: dict[str, Any] = {"kind": "mail", "subject": subject[:500], "references": _chain(mail)}
    if words != mail.words.strip():
        metadata["whole_mail"] = mail.words[:MOST_WHOLE]
    if beside := people_beside(mail, account):
        metadata["cc"] = beside
    if _untrusted(mail, account):
        metadata["dmarc"] = "fail"
    return Inbound(
        NAME, account.account, mail.sender, external_id(raw, mail), text or ("[files]" if mail.files else "[empty mail]"),
        sent_at=mail.at, profile_name=mail.sender_name, metadata=metadata,
    )  # fmt: skip


def _chain(mail: Mail) -> list[str]:
    """The ids that an answer refers to, oldest first: the first and the last twenty."""
    chain = list(dict.fromkeys([*reversed(mail.answers), *([mail.id] if mail.id else [])]))
    return chain if len(chain) <= 21 else [chain[0], *chain[-20:]]


def _untrusted(mail: Mail, account: Account) -> bool:
    """Whether our own mail server says that the sender is not who they say. Anybody's header is not believed."""
    server, said = account.setting("authserv"), mail.header("authentication-results")
    if not server or said.partition(";")[0].strip().partition(" ")[0].lower() != server.lower():
        return False
    found = _DMARC.search(said)
    return found is not None and found[1].lower() == "fail"


def _media(raw: bytes, mail: Mail) -> tuple[MediaRef, ...]:
    digest = hashlib.sha256(raw).hexdigest()
    kinds = {"image": "image", "video": "video", "audio": "audio"}
    return tuple(
        MediaRef(f"{digest}/{f.number}", kinds.get(f.type.partition("/")[0], "document"), f.type, f.name) for f in mail.files
    )  # fmt: skip
