"""The links of an article, and where those on this site lead. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.answer import article_url

LONGEST = 2000
_SITE = "http://site.invalid"


@dataclass(frozen=True)
class Link:
    """A link as it is `written`. `target`: the address outside without its fragment, or the path on this site; `outside`: which of them."""

    written: str
    target: str
    outside: bool


def links_of(markdown: str, *, language: str, article_id: str) -> tuple[Link, ...]:
    """The links and images of an article, each once; anchors of the page itself and mailto are left out."""
    found: dict[str, Link] = {}
    for written in _addresses(MarkdownIt("commonmark", {"html": False}).enable(["table"]).parse(markdown)):
        link = _resolve(written, base=article_url(language, article_id))
        if link is not None:
            found.setdefault(link.target, link)
    return tuple(found.values())


def article_of(path: str) -> tuple[str, str] | None:
    """(language, article id) of a path of the help centre; None for another path."""
    parts = [unquote(part) for part in path.split("/") if part]
    return (parts[1], parts[2]) if len(parts) == 3 and parts[0] == "help" else None


def _addresses(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        address = token.attrGet("href") or token.attrGet("src")
        if address:
            yield str(address)
        yield from _addresses(token.children or [])


def _resolve(written: str, *, base: str) -> Link | None:
    if written.startswith("#") or len(written) > LONGEST:
        return None
    try:
        parts = urlsplit(urljoin(_SITE + base, written))
    except ValueError:
        return Link(written, written, outside=True)  # a malformed address: the check says so
    if parts.scheme not in ("http", "https"):
        return None
    if f"{parts.scheme}://{parts.netloc}" == _SITE:
        return Link(written, parts.path or "/", outside=False)
    return Link(written, parts._replace(fragment="").geturl(), outside=True)
