"""Postal addresses in a customer's message, in English, Portuguese and Chinese. Rather too wide than too narrow."""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

_TAIL = r"(?:,?\s*(?:\d+[\w/º°-]*|(?:flat|apt|unit|room|floor|block|r/c|esq|dto|andar|bloco|edif[ií]cio)\b\.?\s*\w*|[A-ZÀ-Ý][\w'’.-]+))*"
_ENGLISH = re.compile(
    r"\b(?:(?:flat|apt\.?|apartment|unit|room|rm\.?|suite|block|blk|tower|house|no\.?|number)\s*#?\s*\w{1,6}[\s,/]+){0,3}"
    r"(?:\d{1,5}\s?[A-Za-z]?(?:st|nd|rd|th)?(?:/F)?[\s,]+)(?:[\w'’.-]+[\s]+){0,4}?"
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|close|court|square|boulevard|blvd|way|terrace|crescent|gardens?|mansions?|building)\b\.?"
    + _TAIL,
    re.IGNORECASE,
)
_ENGLISH_NAMED = re.compile(
    r"\b(?:[A-Z][\w'’-]+\s+){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Boulevard|Terrace|Crescent|Mansions?|Building|Tower)\b\.?"
    r"(?:,?\s*\d+\w*)?"
)
_ROOM = re.compile(
    r"\b(?:flat|apt\.?|apartment|room|rm\.?|suite|block|blk)(?:\s*#?\s*\d+\s?[A-Za-z]?|\s+(?-i:[A-Z])\d*)\b|\b\d{1,3}\s?/\s?F\b|\b\d{1,3}(?:st|nd|rd|th)\s+floor\b",
    re.IGNORECASE,
)
_PORTUGUESE = re.compile(
    r"\b(?:\d+[\s,]+)?(?:rua|avenida|av\.?|travessa|estrada|largo|pra[çc]a|alameda|cal[çc]ada|beco|rotunda|bairro)\s+"
    r"(?:d[aeo]s?\s+(?:d[aeo]s?\s+)?[\w'’.-]+|(?-i:[A-ZÀ-Ý])[\w'’.-]*)(?:\s+(?:d[aeo]s?\s+|e\s+)?[A-ZÀ-Ý][\w'’.-]*){0,5}(?:,?\s*(?:n\.?\s?[º°o]?\.?\s*|lote\s*)?\d+[\w/º°-]*)?"
    r"(?:,?\s*\d+\s?[º°.ªo]\s?\w*|,\s*(?:r/c|esq|dto|andar)\b[\w ]{0,6})*",
    re.IGNORECASE,
)
_POSTCODE = re.compile(
    r"\b\d{4}-\d{3}\b(?:\s+[A-ZÀ-Ý][\w-]+)*|\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b"
    r"|(?:郵編|邮编|郵政編碼|邮政编码|zip(?: code)?|postcode)[:：]?\s*(?=\w*\d)\w{4,8}",
    re.IGNORECASE,
)
_HAN_ROAD = r"(?:大馬路|大马路|馬路|马路|大道|街|路|道|巷|里|圍|围|坊|前地|新村|新邨|花園|花园|大廈|大厦|廣場|广场|苑|邨|閣|阁|中心)"
_NUMBERED = r"[0-9A-Za-z一二三四五六七八九十百零第\-,， ]{1,8}(?:號|号|樓|楼|室|座|層|层|期|單元|单元|幢|栋|棟)"
_HAN = re.compile(
    rf"(?:(?<=[到在至是住去於于址寄:：,，。 ])|^)[\u4e00-\u9fff]{{1,16}}?{_HAN_ROAD}(?:[\u4e00-\u9fff]{{0,10}}?{_NUMBERED})+"
    rf"|[\u4e00-\u9fff]{{1,6}}{_HAN_ROAD}(?:[\u4e00-\u9fff]{{0,10}}?{_NUMBERED})+"
    rf"|(?:地址|住址)\s*(?:[是係為为]|[:：])\s*[\u4e00-\u9fff0-9A-Za-z\-, ，]{{4,40}}"
    rf"|(?:我住|住在|寄到|送到|寄去|送去|寄至)[\u4e00-\u9fff]{{2,14}}?{_HAN_ROAD}"
)
_PATTERNS = (_ENGLISH, _ENGLISH_NAMED, _ROOM, _PORTUGUESE, _POSTCODE, _HAN)


def find_addresses(text: str) -> Iterator[Span]:
    """Spans that look like (a part of) a postal address."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield match.span()
