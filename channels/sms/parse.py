"""Makes happenings of a webhook of Twilio: messages, opt-out words, status callbacks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qsl

from channels.base import Account, ShapeError
from channels.happenings import Blocked, CustomerMessage, Happening, MediaRef, Receipt, Unknown
from channels.sms.capabilities import NAME
from channels.sms.problems import problem_of
from context.types import Inbound

STOP = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke"}
START = {"start", "unstop"}
NOTHING_YET = {"accepted", "scheduled", "queued", "sending", "receiving", "received"}
STATUSES = {"sent": "sent", "delivered": "delivered", "read": "read", "undelivered": "failed", "failed": "failed", "canceled": "failed"}
MOST_MEDIA = 10
KINDS = {"image": "image", "video": "video", "audio": "audio"}


def read_form(body: bytes) -> list[tuple[str, str]]:
    """The parameters, in order, also empty ones, as they are signed. Raises ShapeError."""
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=500)
    except ValueError:
        raise ShapeError("This is no form") from None


def parse(body: bytes, account: Account, *, now: datetime) -> list[Happening]:
    """What a webhook tells. Raises ShapeError."""
    form = dict(read_form(body))
    if not form.get("MessageSid"):
        raise ShapeError("This is no message of Twilio")
    if "MessageStatus" in form:
        return _status(form, account, now)
    if not form.get("From"):
        return [Unknown("a message without a sender")]
    return _message(form, account, now)


def _status(form: dict[str, str], account: Account, now: datetime) -> list[Happening]:
    status = form["MessageStatus"].lower()
    if status in NOTHING_YET:
        return []
    if status not in STATUSES:
        return [Unknown(f"a status that is not known: {status[:50]}")]
    code = form.get("ErrorCode") or None
    failed = STATUSES[status] == "failed"
    reason = (form.get("ErrorMessage") or f"Twilio: {status}{f', error {code}' if code else ''}") if failed else None
    problem = problem_of(code).value if failed else None
    return [Receipt(account.account, form["MessageSid"], STATUSES[status], now, problem=problem, code=code, reason=reason)]


def _message(form: dict[str, str], account: Account, now: datetime) -> list[Happening]:
    words, said = form.get("Body", ""), form.get("OptOutType", "").upper()
    word = " ".join(words.split()).lower().rstrip(".!")
    if said == "STOP" or (not said and word in STOP):
        reason = f"The customer wrote {words.strip()[:20]} and gets no SMS from this number any more, until they write START."
        return [Blocked(account.account, form["From"], True, now, reason)]
    allowed = Blocked(account.account, form["From"], False, now, "The customer allows SMS again.")
    if said == "START" or (not said and word in START):
        return [allowed]
    message = _written(form, account, now, helped=said == "HELP")
    return [message, allowed] if word == "yes" else [message]  # YES may be both: an answer, and the carrier's word for START


def _written(form: dict[str, str], account: Account, now: datetime, *, helped: bool) -> CustomerMessage:
    media = tuple(_media(form))
    text = form.get("Body", "")
    metadata: dict[str, object] = {"kind": media[0].kind} if media else {}
    if form.get("NumSegments", "1").isdigit() and form.get("NumSegments", "1") != "1":
        metadata["segments"] = int(form["NumSegments"])
    if form.get("FromCountry"):
        metadata["country"] = form["FromCountry"]
    if helped:
        metadata["answered_by_provider"] = True
    shown = text if text.strip() else ", ".join(f"[{m.kind}]" for m in media) or "[empty message]"
    inbound = Inbound(NAME, account.account, form["From"], form["MessageSid"], shown, metadata=metadata)
    return CustomerMessage(inbound, now, media=media)


def _media(form: dict[str, str]) -> Sequence[MediaRef]:
    count = form.get("NumMedia", "0")
    found = []
    for number in range(min(int(count) if count.isdigit() else 0, MOST_MEDIA)):
        source, kind = form.get(f"MediaUrl{number}"), form.get(f"MediaContentType{number}", "")
        if source:
            found.append(MediaRef(source, KINDS.get(kind.partition("/")[0], "document"), kind))
    return found
