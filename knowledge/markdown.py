"""Markdown of articles: as safe HTML for pages, and as plain text that reads well in a chat.

Two walls stand before a reader: the parser (markdown-it-py, CommonMark with tables) passes no HTML through, and nh3 cleans what it makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.chinese import has_han

_SCHEMES = {"http", "https", "mailto"}
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre", "s", "strong", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
_QUESTION = re.compile(r"(?:Q|P|Question|Pergunta|問|问)\s*[:：.]\s*(?P<text>.+)", re.IGNORECASE | re.DOTALL)
_REPLY = re.compile(r"(?:A|R|Answer|Resposta|答)\s*[:：.]\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Block:
    """A piece of an article as plain text. `kind` is heading, paragraph, list, table or other; `level` is that of a heading (1 to 7)."""

    kind: str
    text: str
    level: int = 0


def safe_link(url: str) -> bool:
    """Whether a link may be shown: http, https, mailto, or a path on this site (never //host or a scheme in disguise)."""
    cleaned = re.sub(r"[\x00-\x20\\]", "", url)
    if cleaned != url or url.startswith("//"):
        return False
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return False
    return scheme in _SCHEMES or (not scheme and ":" not in url.split("/")[0].split("?")[0].split("#")[0])


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    parser.validateLink = safe_link  # type: ignore[method-assign]
    return parser


_PARSER = _parser()


def render(markdown: str) -> str:
    """Safe HTML of `markdown`: no raw HTML, no scripts, no styles; links only as `safe_link` allows."""
    html = _PARSER.render(markdown)
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer")


def plain(markdown: str) -> str:
    """The text of `markdown` for a channel without formatting: list items and table rows as lines, links as their text."""
    return "\n".join(block.text for block in blocks(markdown) if block.text)


def blocks(markdown: str) -> list[Block]:
    """The blocks of an article in their order, as plain text. A paragraph that is a question ("Q: ...", or all of it bold) is a heading."""
    tokens = _PARSER.parse(markdown)
    found: list[Block] = []
    place = 0
    while place < len(tokens):
        end = _closing(tokens, place)
        found.extend(_block(tokens[place : end + 1]))
        place = end + 1
    return [block for block in found if block.text]


def _closing(tokens: Sequence[Token], start: int) -> int:
    depth = 0
    for place in range(start, len(tokens)):
        depth += tokens[place].nesting
        if depth <= 0:
            return place
    return len(tokens) - 1


def _block(tokens: Sequence[Token]) -> Iterator[Block]:
    first = tokens[0]
    if first.type == "heading_open":
        yield Block("heading", _inline(tokens[1]), int(first.tag[1:]))
    elif first.type == "paragraph_open":
        yield from _paragraph(tokens[1])
    elif first.type in ("bullet_list_open", "ordered_list_open"):
        yield Block("list", "\n".join(_list_lines(tokens)))
    elif first.type == "table_open":
        yield Block("table", "\n".join(_table_lines(tokens)))
    elif first.type == "blockquote_open":
        yield Block("other", "\n".join(_inline(token) for token in tokens if token.type == "inline"))
    elif first.type in ("fence", "code_block"):
        yield Block("other", first.content.rstrip())


def _paragraph(token: Token) -> Iterator[Block]:
    text = _inline(token)
    asked = _QUESTION.fullmatch(text.split("\n")[0])
    if asked:
        yield Block("heading", asked["text"].strip(), 7)
        rest = text.partition("\n")[2]
        yield Block("paragraph", _REPLY.sub("", rest, count=1) if _REPLY.match(rest) else rest)
    elif _all_bold(token) and text.endswith(("?", "？")):
        yield Block("heading", text, 7)
    else:
        yield Block("paragraph", _REPLY.sub("", text, count=1) if _REPLY.match(text) else text)


def _all_bold(token: Token) -> bool:
    children = [child for child in token.children or [] if child.type != "text" or child.content.strip()]
    return len(children) > 2 and children[0].type == "strong_open" and children[-1].type == "strong_close"


def _inline(token: Token) -> str:
    parts: list[str] = []
    link = ""
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content.replace("**", ""))  # CommonMark leaves them where Chinese marks touch bold text
        elif child.type == "softbreak":
            parts.append("" if parts and has_han(parts[-1][-1:]) else " ")
        elif child.type == "hardbreak":
            parts.append("\n")
        elif child.type == "image":
            parts.append(child.content)
        elif child.type == "link_open":
            link = str(child.attrGet("href") or "")
        elif child.type == "link_close":
            parts.append(_address(link, "".join(parts)))
    return "\n".join(line.strip() for line in "".join(parts).split("\n")).strip()


def _address(link: str, said: str) -> str:
    """The address behind a link, if it leaves this site and is not what the text says already."""
    target = link.removeprefix("mailto:")
    return f" ({target})" if link.startswith(("http:", "https:", "mailto:")) and not said.endswith(target) else ""


def _list_lines(tokens: Sequence[Token]) -> Iterator[str]:
    depth, numbers = -1, list[int | None]()
    fresh = False
    for token in tokens:
        if token.type.endswith("_list_open"):
            depth += 1
            numbers.append(int(token.attrGet("start") or 1) if token.type.startswith("ordered") else None)
        elif token.type.endswith("_list_close"):
            depth -= 1
            numbers.pop()
        elif token.type == "list_item_open":
            fresh = True
        elif token.type in ("inline", "fence", "code_block"):
            text = _inline(token) if token.type == "inline" else token.content.rstrip()
            yield "  " * depth + (_marker(numbers) if fresh else "  ") + text
            fresh = False


def _marker(numbers: list[int | None]) -> str:
    number = numbers[-1]
    if number is None:
        return "- "
    numbers[-1] = number + 1
    return f"{number}. "


def _table_lines(tokens: Sequence[Token]) -> Iterator[str]:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_inline(token))
    header, body = (rows[0], rows[1:]) if rows else ([], [])
    for row in body:
        yield _row_line(header, row)


def _row_line(header: list[str], row: list[str]) -> str:
    """`Macau: 1-2 days` for two columns, `Macau: days 1-2; carrier Pato` for more."""
    wide = has_han("".join(row + header))
    colon, semicolon = ("：", "；") if wide else (": ", "; ")
    cells = row[1:]
    if len(row) > 2:
        cells = [f"{name}{colon}{cell}" if name else cell for name, cell in zip(header[1:], row[1:], strict=False)]
    return "- " + colon.join(part for part in (row[0], semicolon.join(cell for cell in cells if cell)) if part)
