"""What knowledge says: articles, passages, hits and answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Citation:
    """Where an answer comes from."""

    article_id: str
    title: str
    url: str
    passage_id: str = ""
    confidence: float = 0.0


@dataclass(frozen=True)
class Passage:
    """A piece of an article that makes sense when quoted alone. `title_path` is the article's title and the headings above it."""

    id: str
    article_id: str
    language: str
    title_path: tuple[str, ...]
    text: str
    ordinal: int


@dataclass(frozen=True)
class Hit:
    """A passage that search found: `score` is the fused score, `confidence` the calibrated chance (0 to 1) that it answers."""

    passage: Passage
    score: float
    confidence: float


@dataclass(frozen=True)
class Answer:
    """What knowledge says to a question. `text` is quoted from `hits[0]`; None when nothing answers (then `hits` are the nearest topics)."""

    text: str | None
    language: str
    confidence: float
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
