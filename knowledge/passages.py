"""Cutting articles into passages along their structure. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from knowledge.chinese import has_han
from knowledge.markdown import Block, blocks
from knowledge.sentences import split_sentences
from knowledge.types import ArticleDraft, Passage

LONG = 1000  # in columns: a Chinese character counts as two
HUGE = 4000  # a list or table longer than this is cut between its lines after all


def width(text: str) -> int:
    """The length of `text` in columns."""
    return sum(2 if has_han(character) else 1 for character in text) if has_han(text) else len(text)


def cut(article: ArticleDraft, *, version: int = 0) -> list[Passage]:
    """The passages of an article, in order.

    The opening and each section is a passage, under the title and the headings above it. A section wider than `LONG` is cut between
    blocks, a long paragraph between sentences; lists and tables stay whole together with the line that introduces them. An article
    without a text has one passage with the title as its text, so that it can be found.
    """
    found: list[Passage] = []
    for path, section in _sections(article.title, blocks(article.body)):
        for text in _pack(_whole(section)):
            place = len(found)
            identity = f"{article.id}/{article.language}/{version}/{place}"
            found.append(Passage(identity, article.id, article.language, path, text, place))
    if not found:
        identity = f"{article.id}/{article.language}/{version}/0"
        found.append(Passage(identity, article.id, article.language, (article.title,), article.title, 0))
    return found


def _sections(title: str, parts: Iterable[Block]) -> Iterator[tuple[tuple[str, ...], list[Block]]]:
    above: list[Block] = []
    held: list[Block] = []
    for part in parts:
        if part.kind != "heading":
            held.append(part)
            continue
        if held:
            yield (title, *(heading.text for heading in above)), held
        held = []
        above = [heading for heading in above if heading.level < part.level]
        if part.text != title:
            above.append(part)
    if held:
        yield (title, *(heading.text for heading in above)), held


def _whole(section: list[Block]) -> Iterator[str]:
    """The texts that should not be torn: a list or table with its introduction, a paragraph, or its sentences when it is long."""
    introduction = ""
    for place, part in enumerate(section):
        follows = section[place + 1].kind if place + 1 < len(section) else ""
        if part.kind == "paragraph" and follows in ("list", "table") and width(part.text) <= LONG // 2:
            introduction = part.text
            continue
        if part.kind == "paragraph" and width(part.text) > LONG:
            yield from _packed_sentences(part.text)
        elif width(part.text) > HUGE:
            yield from _packed_lines(part.text, introduction)
        else:
            yield f"{introduction}\n{part.text}" if introduction else part.text
        introduction = ""


def _packed_sentences(text: str) -> Iterator[str]:
    glue = "" if has_han(text) else " "
    yield from _fill((_hard(sentence) for sentence in split_sentences(text)), glue, LONG)


def _packed_lines(text: str, introduction: str) -> Iterator[str]:
    for piece in _fill((_hard(line) for line in text.split("\n")), "\n", HUGE):
        yield f"{introduction}\n{piece}" if introduction else piece


def _hard(text: str) -> list[str]:
    """`text` in pieces of at most `LONG` characters, for what has neither sentences nor lines."""
    return [text[start : start + LONG] for start in range(0, len(text), LONG)] or [""]


def _fill(groups: Iterable[list[str]], glue: str, limit: int) -> Iterator[str]:
    held, used = list[str](), 0
    for piece in (piece for group in groups for piece in group):
        size = width(piece)
        if held and used + size > limit:
            yield glue.join(held)
            held, used = [], 0
        held.append(piece)
        used += size
    if held:
        yield glue.join(held)


def _pack(pieces: Iterable[str]) -> Iterator[str]:
    """Neighbouring pieces of a section together as long as they are not wider than `LONG`."""
    yield from _fill(([piece] for piece in pieces), "\n", LONG)
