"""Web addresses, with or without a scheme: "https://shop.example/a?b", "www.shop.mo", "shop.com.mo/track". The value has a scheme."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.entities.candidates import Asked, Candidate, candidate

_PATH = r"(?:[/?#][A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]{0,1000})?"
_HOST = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_FORM = re.compile(
    rf"(?<![a-z0-9@./_-])(?:(?P<scheme>https?://)(?:{_HOST}\.){{0,6}}{_HOST}(?::[0-9]{{1,5}})?{_PATH}"
    rf"|(?:www\.(?:{_HOST}\.){{1,5}}[a-z]{{2,24}}"
    rf"|(?:{_HOST}\.){{1,4}}(?:com|net|org|info|shop|store|mo|hk|pt|br|cn|tw|eu|uk|io|app|me)(?![a-z0-9@-]))(?::[0-9]{{1,5}})?{_PATH})",
    re.IGNORECASE | re.ASCII,
)
_TAIL = ".,;:!?'\"*"


def find_urls(asked: Asked) -> Iterator[Candidate]:
    """Every web address, without the punctuation that follows it; a bracket belongs to it only in pairs."""
    if "." not in asked.text and "://" not in asked.text:
        return
    for match in _FORM.finditer(asked.text):
        found = match.group().rstrip(_TAIL)
        while found.endswith(")") and found.count("(") < found.count(")"):
            found = found[:-1].rstrip(_TAIL)
        start = match.start()
        yield candidate(asked, "url", (start, start + len(found)), _normal(found), priority=97)


def _normal(found: str) -> str:
    scheme, sep, rest = found.partition("://")
    if not sep:
        scheme, rest = "https", found
    cut = re.search("[/?#]", rest)
    at = cut.start() if cut else len(rest)
    return f"{scheme}://{rest[:at]}".lower() + rest[at:]
