"""Where Markdown names pictures and files, found and changed in the text itself, so that everything else of it stays as it is. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from knowledge.attachments import KINDS

_TARGET = r"(?:<(?P<{0}1>[^<>\n]*)>|(?P<{0}2>(?:[^\s()<>\\]|\\.|\([^\s()]*\))+))"
_INLINE = rf"(?P<open>\]\(\s*){_TARGET.format('a')}"
_DEFINED = rf"(?P<name>^ {{0,3}}\[[^\]\n]+\]:[ \t]*){_TARGET.format('b')}"
_LINK = re.compile(f"{_INLINE}|{_DEFINED}", re.MULTILINE)
_WHOLE = re.compile(r"!?\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\(\s*<?(?P<target>(?:file|inside):[^\s()<>]*)>?[^()\n]*\)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_TARGETS = ("a1", "a2", "b1", "b2")


@dataclass(frozen=True)
class Link:
    """A link of a text, as it stands there. `shown`: it is a picture in the text."""

    target: str
    shown: bool


def find_links(body: str) -> Iterator[Link]:
    """Every link and picture, each target once; a picture that is linked as well is a picture."""
    found: dict[str, bool] = {}
    for match in _LINK.finditer(body):
        _, target = _target(match)
        found[target] = found.get(target, False) or _is_picture(body, match)
    return (Link(target, shown) for target, shown in found.items())


def relink(body: str, choose: Callable[[str], str | None]) -> str:
    """The text with the targets that `choose` gives; None leaves one as it is."""

    def changed(match: re.Match[str]) -> str:
        group, target = _target(match)
        chosen = choose(target)
        if chosen is None:
            return match[0]
        start, end = match.start(group) - match.start(), match.end(group) - match.start()
        return match[0][:start] + chosen + match[0][end:]

    return _LINK.sub(changed, body)


def without_local(body: str, known: Collection[str]) -> str:
    """The text without links into a document or folder but the known: of a picture its description stays, of a link its words."""
    if "file:" not in body and "inside:" not in body:
        return body
    return _WHOLE.sub(lambda match: match[0] if match["target"] in known else match["text"], body)


def plain_target(target: str) -> str:
    """A target as an address or path: without Markdown's escapes."""
    return _ESCAPED.sub(r"\1", target)


def ending_of(target: str) -> str:
    """The ending of the file that a target names, in small letters: png."""
    try:
        name = unquote(urlsplit(plain_target(target)).path).rsplit("/", 1)[-1]
    except ValueError:
        return ""
    return name.rpartition(".")[2].lower() if "." in name else ""


def is_attachable(target: str) -> bool:
    """Whether the name of a target is that of a file that can be attached."""
    return ending_of(target) in KINDS


def _target(match: re.Match[str]) -> tuple[str, str]:
    return next((group, match[group]) for group in _TARGETS if match[group] is not None)


def _is_picture(body: str, match: re.Match[str]) -> bool:
    """Whether the brackets before a target open with an exclamation mark."""
    depth, place = 1, match.start() - 1
    if match["open"] is None:
        return False
    while place >= 0 and depth and match.start() - place < 2_000:
        depth += {"]": 1, "[": -1}.get(body[place], 0)
        place -= 1
    return depth == 0 and body[place : place + 1] == "!" and place >= 0
