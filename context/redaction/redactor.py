"""Takes out of a customer's message what tells who they are: what stays is what they want, for training and for editors' eyes.

Rather too much is taken out than too little. Each find becomes a placeholder such as `<email>`.
"""

from __future__ import annotations

import re
import unicodedata
import zoneinfo
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from functools import cache

from babel import Locale

from context.redaction.addresses import find_addresses
from context.redaction.names import find_names
from nlu.entities import EntityExtractor, EntitySettings
from nlu.entities.patterns import Vocabulary
from nlu.text import clean, fold

MAX_LENGTH = 500
OFTEN = 3
LINK, EMAIL, ORDER, PHONE, DATE, NUMBER, NAME, ADDRESS = (
    "<link>", "<email>", "<order number>", "<phone>", "<date>", "<number>", "<name>", "<address>",
)  # fmt: skip
PLACEHOLDERS = (LINK, EMAIL, ORDER, PHONE, DATE, NUMBER, NAME, ADDRESS)

_FROM_EXTRACTORS = {
    "order_number": ORDER, "email": EMAIL, "phone": PHONE, "url": LINK, "address": ADDRESS, "postal_address": ADDRESS, "street": ADDRESS,
    "street_number": ADDRESS, "house_number": ADDRESS, "building": ADDRESS, "floor": ADDRESS, "unit": ADDRESS, "postcode": ADDRESS,
    "postal_code": ADDRESS, "person": NAME, "name": NAME,
}  # fmt: skip
_LINK = re.compile(r"\b(?:https?|ftp)\s?://\S+|\bwww\.\S+|\b[\w-]+\.(?:com|net|org|io|me|mo|hk|pt|cn)/\S*", re.IGNORECASE)
_EMAIL = re.compile(
    r"\S+\s?@\s?[\w.-]+\.\w+|\S+@\S+"
    r"|[\w.+-]+\s*(?:\(at\)|\[at\]|\{at\}|<at>|\bat\b|\barroba\b|\(a\)|艾特)\s*[\w-]+\s*(?:\(dot\)|\[dot\]|\{dot\}|\bdot\b|\bponto\b|點|点|\.)\s*[a-z]{2,10}"
    r"(?:\s*(?:\(dot\)|\[dot\]|\bdot\b|\bponto\b|\.)\s*[a-z]{2,6})?",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<!\w)@[\w.]{2,}")
_ACCOUNT = re.compile(
    r"\b(?:wechat|weixin|whatsapp|telegram|line|instagram|ig|facebook|skype|signal)\s*(?:id|user|name)?\s*[:：=]\s*\S+", re.IGNORECASE
)
_PHONE = re.compile(r"(?<!\w)(?:\+|00)?\(?\d(?:[\s().\-/·]{0,3}\d){6,16}(?!\w)")
_DATE = re.compile(r"\b(?:\d{4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})(?!\d)")
_CODE = re.compile(r"#?\b(?=(?:[A-Za-z/_-]*\d){4})[A-Za-z0-9](?:[A-Za-z0-9/_-]*[A-Za-z0-9])?", re.ASCII)
_SPACED = re.compile(r"(?<!\w)\d(?:[ .,-]{1,2}\d){3,}(?!\w)|\d{4,}")
_DIGIT_WORDS = (
    "zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|um|uma|dois|duas|tr[eê]s|quatro|cinco|seis|sete|oito|nove"
)
_SPELLED = re.compile(
    rf"\b(?:{_DIGIT_WORDS})(?:[\s,.-]+(?:{_DIGIT_WORDS})){{4,}}\b"
    r"|[零〇一二三四五六七八九兩两]{5,}",
    re.IGNORECASE,
)
_WRITTEN = re.compile("|".join(re.escape(p) for p in PLACEHOLDERS))
_WORDS = re.compile(r"[^\W\d_]")
Find = tuple[int, int, str]


class Redactor:
    """Redacts messages of one shop. `known_words` are the folded words of its training sentences: those are not taken for names."""

    def __init__(self, *, settings: EntitySettings | None = None, known_words: Collection[str] = frozenset()) -> None:
        self._extractor = EntityExtractor(Vocabulary({}, (), {}), settings)
        self._known = known_words

    def redact(self, text: str, *, language: str, profile: Collection[str] = ()) -> str:
        """The message on one line, cut to 500 characters, with placeholders. `profile`: names the customer is known by."""
        plain = normalise(text)
        finds = [*self._typed(plain, language), *_patterns(plain)]
        finds += [(start, end, ADDRESS) for start, end in find_addresses(plain)]
        finds += [(start, end, NAME) for start, end in find_names(plain, known_words=self._known, profile=profile)]
        return _fill(plain, finds)

    def check(self, text: str) -> str:
        """What an editor wrote, on one line, once more without addresses, numbers and the like; names are the editor's to judge."""
        plain = normalise(text)
        return _fill(plain, [*self._typed(plain, "en"), *_patterns(plain)])

    def _typed(self, text: str, language: str) -> Iterator[Find]:
        for entity in self._extractor.extract(text, language=language, now=datetime.now(UTC)):
            kind = _FROM_EXTRACTORS.get(entity.name)
            if kind is not None:
                yield entity.start, entity.end, kind


def normalise(text: str) -> str:
    """Width and digits folded, invisible characters dropped, blanks joined; brackets that would be entity markup become round."""
    folded = unicodedata.normalize("NFKC", clean(text[: 4 * MAX_LENGTH]))
    visible = "".join(_plain_char(c) for c in folded if unicodedata.category(c) not in {"Cf", "Mn"} or c == "\u0301")
    return " ".join(visible.split())[:MAX_LENGTH]


def _plain_char(char: str) -> str:
    if char in "[]{}":
        return "(" if char in "[{" else ")"
    if char in "‐‑‒–—−":
        return "-"
    return str(unicodedata.decimal(char)) if char.isdecimal() and not char.isascii() else char


def holds_words(text: str) -> bool:
    """Whether anything but placeholders is left."""
    return bool(_WORDS.search(_WRITTEN.sub(" ", text)))


def without_marks(text: str) -> str:
    """The text without placeholders."""
    return " ".join(_WRITTEN.sub(" ", text).split())


def usual_words(sentences: Iterable[str]) -> frozenset[str]:
    """The folded words that are not taken for names: of a shop's sentences those in small letters, and those in capitals that three of them
    have; countries, and cities that give time zones their names."""
    small: set[str] = set()
    capital: Counter[str] = Counter()
    for sentence in sentences:
        for word in set(re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", sentence)):
            if word[0].isupper() and not word.startswith(("I'", "I’")):
                capital[fold(word)] += 1
            else:
                small.add(fold(word))
    return frozenset(small | {word for word, count in capital.items() if count >= OFTEN} | _places())


@cache
def _places() -> frozenset[str]:
    names = [name for language in ("en", "pt") for name in Locale.parse(language).territories.values()]
    names += [zone.rsplit("/", 1)[-1].replace("_", " ") for zone in zoneinfo.available_timezones()]
    names += [str(zone["city"]) for zone in Locale.parse("pt").time_zones.values() if "city" in zone]
    return frozenset(fold(word) for name in names for word in name.split())


def _patterns(text: str) -> Iterator[Find]:
    for pattern, kind in (
        (_LINK, LINK), (_EMAIL, EMAIL), (_HANDLE, NAME), (_ACCOUNT, NAME), (_DATE, DATE), (_PHONE, PHONE), (_CODE, NUMBER),
        (_SPACED, NUMBER), (_SPELLED, NUMBER),
    ):  # fmt: skip
        yield from ((*match.span(), kind) for match in pattern.finditer(text))


_RANK = {LINK: 0, EMAIL: 1, ORDER: 2, DATE: 3, ADDRESS: 4, PHONE: 5, NUMBER: 6, NAME: 7}


def _fill(text: str, finds: list[Find]) -> str:
    """Joins finds that overlap under the strongest kind, then puts the placeholders in; those that are written already stay."""
    written = [m.span() for m in _WRITTEN.finditer(text)]
    out, at = "", 0
    for start, end, kind in _joined(finds):
        if any(a < end and start < b for a, b in written):
            continue
        out += text[at:start] + kind
        at = end
    return " ".join((out + text[at:]).split())


def _joined(finds: list[Find]) -> list[Find]:
    merged: list[Find] = []
    for start, end, kind in sorted(finds):
        if merged and start < merged[-1][1]:
            first, last, before = merged[-1]
            merged[-1] = (first, max(last, end), min(before, kind, key=lambda k: _RANK[k]))
        else:
            merged.append((start, end, kind))
    return merged
