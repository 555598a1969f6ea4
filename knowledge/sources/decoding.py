"""Bytes to text: UTF-8 first, then what a byte order mark says, then the best guess of charset-normalizer, which is always told."""

from __future__ import annotations

import codecs

from knowledge.sources.types import UnreadableError

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CANDIDATES = ["big5", "big5hkscs", "gb18030", "cp1252", "mac_roman", "shift_jis", "euc_kr", "cp1251"]
_NAMES = {"cp1252": "Windows-1252", "big5": "Big5", "big5hkscs": "Big5-HKSCS", "gb18030": "GB18030", "utf-16": "UTF-16", "utf-8": "UTF-8"}
_COMMON_HAN = frozenset("的是不在有可以我你們们請请如何什麼么為为時时間间天到要退貨货訂订單单付款送會会後后和或與与個个了上下中大小用收")


def decode(data: bytes, encoding: str = "") -> tuple[str, str]:
    """(text, note): the note says which encoding was found, and is empty for UTF-8 and for an encoding that was asked for.

    Raises UnreadableError when `encoding` is unknown or does not fit, and for what is not text.
    """
    if encoding:
        return _decode_as(data, encoding), ""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _strict(data, name), "" if name == "utf-8-sig" else "Read as UTF-16."
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is not None and "\0" not in text:
        return text, ""
    found = _utf16_without_mark(data) or _guess(data)
    if found is None:
        raise UnreadableError("This is not text in any known encoding", hint="Save it as UTF-8, or name its encoding.")
    return _strict(data, found), f"Read as {_NAMES.get(found.removesuffix('-le').removesuffix('-be'), found)}."


def _decode_as(data: bytes, encoding: str) -> str:
    try:
        known = codecs.lookup(encoding)
    except LookupError:
        raise UnreadableError(f"{encoding!r} is not an encoding", hint="For example utf-8, big5, gb18030, windows-1252, utf-16.") from None
    return _strict(data, known.name).removeprefix("\ufeff")


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError, TypeError):
        raise UnreadableError(f"This is not {_NAMES.get(encoding, encoding)}", hint="Name another encoding, or save it as UTF-8.") from None


def _utf16_without_mark(data: bytes) -> str | None:
    """UTF-16 of mostly Latin text has a zero in every second byte."""
    head = data[:4000]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if len(head) < 4 or max(even, odd) < len(head) * 0.2:
        return None
    name = "utf-16-be" if even > odd else "utf-16-le"
    return name if _is_text(head[: len(head) // 2 * 2].decode(name, "replace")) else None


def _is_text(text: str) -> bool:
    strange = sum(1 for c in text if (ord(c) < 32 and c not in "\r\n\t\f") or c == "\ufffd")
    return strange <= len(text) * 0.005


def _guess(data: bytes) -> str | None:
    if b"\0" in data:
        return None
    from charset_normalizer import from_bytes

    chinese = {name: _han_share(data, name) for name in ("big5hkscs", "gb18030")}
    best = max(chinese, key=lambda name: chinese[name])
    if chinese[best] > 0.08:
        return _plainest(data, best)
    match = from_bytes(data, cp_isolation=_CANDIDATES, language_threshold=0.0).best()
    return match.encoding if match is not None and match.encoding not in {"shift_jis", "euc_kr", "gb18030", "big5"} else _latin(data)


def _han_share(data: bytes, encoding: str) -> float:
    """How much of what is not ASCII are the commonest Chinese characters: right decoding gives a tenth and more, wrong next to nothing."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    foreign = [c for c in text if ord(c) > 127 and not c.isspace()]
    share = sum(c in _COMMON_HAN for c in foreign) / max(len(foreign), 1)
    return share if len(foreign) > 5 or share >= 0.5 else 0.0


def _plainest(data: bytes, encoding: str) -> str:
    if encoding == "big5hkscs":
        try:
            data.decode("big5")
        except UnicodeDecodeError:
            return encoding
        return "big5"
    return encoding


def _latin(data: bytes) -> str | None:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return "cp1252" if _is_text(text) else None
