"""Takes a raw mail apart: headers, words, files. Broken charsets and headers are read as well as may be. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from charset_normalizer import from_bytes

from channels.base import ShapeError

MOST_PARTS = 100
MOST_HEADER = 65_536
MOST_WORDS = 200_000
_ID = re.compile(r"<[^<>\s]{1,998}>")
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "us-ascii": "utf-8", "ascii": "utf-8", "ks_c_5601-1987": "cp949"}
BROKEN_HEADER = (ValueError, LookupError, AttributeError, TypeError)
"""What the library raises at headers that it cannot read."""
_ADDRESS = re.compile(r"[^\s<>@,\"()]{1,64}@[A-Za-z0-9.-]{1,253}")
SMALL_IMAGE = 6_000  # bytes: a picture in a signature


@dataclass(frozen=True)
class MailFile:
    """A file of a mail: its number among all parts, as `bytes_of` counts them."""

    number: int
    type: str
    name: str | None


@dataclass(frozen=True)
class Mail:
    """A mail as it was read. `headers` have lower-case names; of a header that comes often the first. `named`: to whom it went, openly."""

    message: EmailMessage = field(repr=False)
    headers: dict[str, str]
    sender: str
    sender_name: str | None
    at: datetime
    words: str
    files: tuple[MailFile, ...]
    id: str | None
    answers: tuple[str, ...]
    named: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        """A header as text; empty where there is none."""
        return self.headers.get(name, "")


def read_mail(raw: bytes) -> Mail:
    """The mail. Raises ShapeError where it has no sender or is built to hurt."""
    try:
        message = message_from_bytes(raw, policy=policy.default)
        parts = list(walk(message))
    except (RecursionError, ValueError, LookupError, AttributeError, IndexError, TypeError) as error:
        raise ShapeError(f"The mail cannot be read ({type(error).__name__})") from None
    headers = read_headers(message)
    name, address = _sender(message)
    ids = _ID.findall(headers.get("message-id", ""))
    nearest = [*_ID.findall(headers.get("in-reply-to", "")), *reversed(_ID.findall(headers.get("references", "")))]
    return Mail(
        message, headers, address.strip().lower(), name.strip() or None, _time(headers.get("date", "")), _words(parts),
        tuple(_files(parts)), ids[0] if ids else None, tuple(dict.fromkeys(nearest))[:30], _named(message),
    )  # fmt: skip


def bytes_of(raw: bytes, number: int) -> tuple[bytes, str]:
    """The bytes of a part and its type, by the number that `Mail.files` gave. Raises ShapeError."""
    try:
        part = list(walk(message_from_bytes(raw, policy=policy.default)))[number]
    except (IndexError, RecursionError, ValueError, LookupError):
        raise ShapeError("The mail has no such part") from None
    return _data(part), part.get_content_type()


def walk(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts, depth first; what was forwarded as an attachment is one part. Raises ShapeError when there are too many."""
    pending, count = [message], 0
    while pending:
        part = pending.pop(0)
        count += 1
        if count > MOST_PARTS:
            raise ShapeError(f"The mail has more than {MOST_PARTS} parts")
        yield part
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            pending = [p for p in part.get_payload() if isinstance(p, EmailMessage)] + pending


def read_headers(message: EmailMessage) -> dict[str, str]:
    """All headers as text, each decoded as far as it can be."""
    found: dict[str, str] = {}
    for name, raw in message.raw_items():
        key = name.lower()
        if key in found or len(raw) > MOST_HEADER:
            continue
        try:
            found[key] = " ".join(str(message.policy.header_fetch_parse(name, raw)).split())
        except BROKEN_HEADER:
            found[key] = " ".join(str(raw).split())
    return {key: value.encode("utf-8", "replace").decode() for key, value in found.items()}


def _sender(message: EmailMessage) -> tuple[str, str]:
    """The name and the address of the first sender. Raises ShapeError."""
    try:
        known = getattr(message["From"], "addresses", ())
        found = [(a.display_name, a.addr_spec) for a in known if a.username and a.domain]
    except BROKEN_HEADER:
        found = []
    if not found:
        raw = next((str(value) for name, value in message.raw_items() if name.lower() == "from"), "")[:2000]
        found = [("", m[0]) for m in _ADDRESS.finditer(raw)]
    if not found or not found[0][1].isprintable() or len(found[0][1]) > 320:
        raise ShapeError("The mail has no sender")
    return found[0]


def _named(message: EmailMessage) -> tuple[str, ...]:
    """The addresses in To and Cc, in small letters."""
    found = []
    for name, raw in message.raw_items():
        if name.lower() not in {"to", "cc"} or len(raw) > MOST_HEADER:
            continue
        try:
            known = getattr(message.policy.header_fetch_parse(name, raw), "addresses", ())
            found += [a.addr_spec for a in known if a.username and a.domain]
        except BROKEN_HEADER:
            found += [m[0] for m in _ADDRESS.finditer(str(raw))]
    return tuple(dict.fromkeys(one.strip().lower() for one in found if one.isascii() and one.isprintable() and len(one) <= 320))


def _time(value: str) -> datetime:
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return datetime.now(UTC)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _words(parts: list[EmailMessage]) -> str:
    """The text of the plain parts, else of the HTML."""
    shown = [p for p in parts if p.get_content_disposition() != "attachment"]
    plain = [decode(p) for p in shown if p.get_content_type() == "text/plain" and not p.get_filename()]
    words = "\n\n".join(w.strip() for w in plain if w.strip())
    if words:
        return words[:MOST_WORDS]
    from channels.email.markup import text_of_html  # its parser is loaded with the first mail that has HTML only

    marked = [text_of_html(decode(p)[:MOST_WORDS]) for p in shown if p.get_content_type() == "text/html" and not p.get_filename()]
    return "\n\n".join(w for w in marked if w)[:MOST_WORDS]


def decode(part: EmailMessage) -> str:
    """The text of a part: by its charset where that is true, else by the best guess."""
    data = _data(part)
    named = str(part.get_content_charset() or "utf-8").lower().strip("'\"")
    for charset in (_WIDER.get(named, named), "utf-8"):
        try:
            return data.decode(charset)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    if sum(byte > 127 for byte in data[:20_000]) < len(data[:20_000]) * 0.15:  # few letters have accents: a western text
        return data.decode("cp1252", errors="replace")
    guess = from_bytes(data[:20_000]).best()
    return data.decode(guess.encoding if guess else "latin-1", errors="replace")


def _data(part: EmailMessage) -> bytes:
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        inner = part.get_payload()
        return b"".join(p.as_bytes() for p in inner if isinstance(p, EmailMessage))
    try:
        data = part.get_payload(decode=True)
    except (ValueError, AssertionError):
        return b""
    return data if isinstance(data, bytes) else b""


def _files(parts: list[EmailMessage]) -> Iterator[MailFile]:
    for number, part in enumerate(parts):
        kind = part.get_content_type()
        if part.get_content_maintype() == "multipart" or kind in {"message/delivery-status", "text/rfc822-headers"}:
            continue
        name = _name(part)
        disposition = part.get_content_disposition()
        if disposition != "attachment" and kind in {"text/plain", "text/html"} and not name:
            continue
        in_text = disposition == "inline" or (disposition is None and part.get("content-id"))
        if in_text and kind.startswith("image/") and len(_data(part)) < SMALL_IMAGE:
            continue
        yield MailFile(number, kind, name or ("message.eml" if kind == "message/rfc822" else None))


def _name(part: EmailMessage) -> str | None:
    """The name of a file without any folder: names are never trusted."""
    try:
        name = part.get_filename()
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return name.replace("\\", "/").rpartition("/")[2].strip()[:150] or None if name else None
