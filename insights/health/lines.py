"""An article as single sentences, each with the heading that it stands under. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.chinese import one_script
from knowledge.passages import cut, width
from knowledge.sentences import split_sentences
from knowledge.types import ArticleDraft

SHORTEST = 12  # columns: a Chinese character is two
MOST_LINES = 200


def lines_of(article: ArticleDraft) -> list[tuple[str, str]]:
    """(sentence, text to encode: heading and sentence in one Chinese script), each sentence once, short scraps left out."""
    found: dict[str, str] = {}
    for heading, sentence in _sentences(article):
        if width(sentence) >= SHORTEST and len(found) < MOST_LINES:
            found.setdefault(sentence, one_script(f"{heading} {sentence}"))
    return list(found.items())


def _sentences(article: ArticleDraft) -> Iterator[tuple[str, str]]:
    for passage in cut(article):
        for block in passage.text.split("\n"):
            for sentence in split_sentences(block.removeprefix("- ")):
                yield passage.title_path[-1], sentence
