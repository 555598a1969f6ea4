"""What of an agent's message can be used again: without greeting and signature, redacted, and filled anew. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from rapidfuzz import fuzz, process

from context.redaction.redactor import MAX_LENGTH, NAME, ORDER, PLACEHOLDERS, Redactor, holds_words
from knowledge.chinese import has_han
from nlu.text import fold

LEAST, LEAST_HAN = 20, 8  # characters of a reply that is worth keeping
NEAR = 88  # of 100: two replies that are this alike are one
_GREETING = re.compile(rf"^(?:(?!<)[\w'’]+[ ,，]*){{0,3}}{re.escape(NAME)}(?:你好|您好)?\s*[,，!！.:：;–-]*\s*")
_CLOSING = (
    r"(?i:best|best wishes|(?:best |kind |warm )?regards|cheers|thanks|thank you|sincerely|yours|(?:com os )?(?:melhores )?cumprimentos|"
    r"atentamente|obrigad[oa]|um abraço)"
)
_SIGNATURE = re.compile(rf"(?<=[.!?。！？])\s*(?:{_CLOSING}[ ,，]*)?{re.escape(NAME)}\W*$")
_HELLO = re.compile(
    r"^(?:hi|hello|hey|dear customer|good (?:morning|afternoon|evening)|ol[áa]|bom dia|boa tarde|boa noite|你好|您好|哈囉)"
    r"(?: there)?\s*[,，!！.。:：]+\s*",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(
    r"^(?:(?i:hi|hello|hey|dear|thanks|thank you|sorry|good (?:morning|afternoon|evening)|ol[áa]|car[oa]|prezad[oa]|bom dia|boa tarde|"
    r"boa noite|obrigad[oa]|viva)(?: (?i:again|there|de novo))?[ ,]+)"
    r"(?P<name>[^\W\d_a-z][\w'’-]*(?: [^\W\d_a-z][\w'’-]*){0,3})(?=\s*[,!.:;–-])"
    r"|^(?P<han>[\u4e00-\u9fff]{2,4})(?=(?:你好|您好))"
)
_KNOWN: Mapping[str, str] = {ORDER: "order.number"}


def reusable(text: str, redactor: Redactor, *, language: str, profile: Collection[str]) -> str | None:
    """The message as it may be offered again; None when it is too long or too short, or holds something of that customer alone."""
    if len(text) > MAX_LENGTH:
        return None
    addressed = _ADDRESSED.match(text.strip())
    names = [name for name in addressed.groups() if name] if addressed else []
    redacted = redactor.redact(text, language=language, profile=[*profile, *names])
    plain = _HELLO.sub("", _SIGNATURE.sub("", _GREETING.sub("", redacted))).strip()
    plain = plain[:1].upper() + plain[1:]
    if len(plain) < (LEAST_HAN if has_han(plain) else LEAST) or not holds_words(plain):
        return None
    return None if any(mark in plain for mark in PLACEHOLDERS if mark not in _KNOWN) else plain


def filled(reply: str, values: Mapping[str, str]) -> str | None:
    """The reply with what is known of this customer; None where something that it needs is not known."""
    for mark, variable in _KNOWN.items():
        if mark in reply:
            if variable not in values:
                return None
            reply = reply.replace(mark, values[variable])
    return reply


def reply_key(reply: str) -> str:
    """By which equal replies are known as one."""
    return " ".join(re.sub(r"[^\w<>]+", " ", fold(reply)).split())


def find_near(key: str, known: Collection[str]) -> str | None:
    """The key of a reply that says nearly the same, or None."""
    found = process.extractOne(key, known, scorer=fuzz.ratio, score_cutoff=NEAR)
    return str(found[0]) if found else None
