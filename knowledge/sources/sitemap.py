"""Sitemaps (sitemaps.org): lists of addresses and lists of such lists, plain or packed."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from knowledge.sources.types import LIMITS, UnreadableError

MOST = 50_000


@dataclass(frozen=True)
class Sitemap:
    """The addresses of pages, or those of further sitemaps."""

    pages: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()


def read_sitemap(data: bytes) -> Sitemap:
    """What a sitemap lists. Raises UnreadableError for what is none."""
    if data.startswith(b"\x1f\x8b"):
        data = unpack(data)
    found: list[str] = []
    root = ""
    try:
        for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
            name = element.tag.rsplit("}", 1)[-1]
            root = root or name
            if event == "end" and name == "loc" and element.text and len(found) < MOST:
                found.append(element.text.strip())
            if event == "end" and name in {"url", "sitemap"}:
                element.clear()
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise UnreadableError(f"This is not a sitemap: {str(error)[:100] or type(error).__name__}") from None
    if root not in {"urlset", "sitemapindex"}:
        raise UnreadableError("This is not a sitemap")
    addresses = tuple(dict.fromkeys(one for one in found if one.startswith(("http://", "https://"))))
    return Sitemap(sitemaps=addresses) if root == "sitemapindex" else Sitemap(pages=addresses)


def unpack(data: bytes, limit: int = LIMITS.page_bytes * 8) -> bytes:
    """gzip, up to `limit` bytes. Raises UnreadableError beyond it."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(data, limit + 1)
    except zlib.error:
        raise UnreadableError("This is damaged gzip") from None
    if len(text) > limit:
        raise UnreadableError(f"This unpacks to more than {limit:,} bytes", hint="It looks like a bomb, and was not unpacked.")
    return text
