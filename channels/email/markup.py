"""HTML of strangers to plain text: nothing is run, fetched or kept of it; quoted parts of older mails are left out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement

_QUOTES = (
    "blockquote[type=cite]", ".gmail_quote", ".gmail_attr", "#appendonsend", "#divRplyFwdMsg", ".yahoo_quoted", ".moz-cite-prefix",
    "#mail-editor-reference-message-container", ".protonmail_quote",
)  # fmt: skip
_FORWARDED = re.compile(r"forwarded message|weitergeleitete nachricht|mensagem encaminhada|轉寄的?郵件|转发的?邮件", re.IGNORECASE)
_SILENT = {"script", "style", "head", "title", "template", "noscript", "object", "iframe", "svg", "math"}
_BLOCKS = {"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "section"}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0", re.IGNORECASE)


def text_of_html(markup: str) -> str:
    """The words as a reader sees them, one line a block. Links keep their address where the words do not say it."""
    soup = BeautifulSoup(markup, "html.parser")
    for selector in _QUOTES:
        for quoted in soup.select(selector):
            if not _FORWARDED.search(quoted.get_text()[:400]):
                _leave_out(quoted, after=selector in {"#appendonsend", "#divRplyFwdMsg"})
    lines = "".join(_pieces(soup)).split("\n")
    text = "\n".join(" ".join(line.split()) for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _leave_out(quoted: Tag, *, after: bool) -> None:
    """Without the quoted part; of Outlook's marks all that follows is the older mail."""
    if quoted.decomposed:
        return
    if after:
        for sibling in list(quoted.find_next_siblings()):
            sibling.decompose()
    quoted.decompose()


def _pieces(root: Tag) -> Iterator[str]:
    """The text of a tree in order, without recursion: a tree may be as deep as its sender likes."""
    pending: list[PageElement | str] = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, str) and not isinstance(node, NavigableString):
            yield node
        elif isinstance(node, NavigableString):
            if type(node) is NavigableString:
                yield str(node).replace("\n", " ")
        elif isinstance(node, Tag) and not _is_silent(node):
            block = node.name in _BLOCKS
            pending.append("\n" if block else _address(node))
            pending.extend(reversed(node.contents))
            if block:
                pending.append("\n- " if node.name == "li" else "\n")


def _is_silent(tag: Tag) -> bool:
    return tag.name in _SILENT or bool(_HIDDEN.search(str(tag.get("style") or "")))


def _address(tag: Tag) -> str:
    target = str(tag.get("href") or "") if tag.name == "a" else ""
    if not target.lower().startswith(("http://", "https://")) or target.rstrip("/") in tag.get_text():
        return ""
    return f" ({target})"
