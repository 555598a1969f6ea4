"""What knowledge says: articles, passages, hits and answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
    """What knowledge says to a question.

    `text` is quoted from `hits[0]`; None when nothing answers (then `hits` are the nearest topics).
    """

    text: str | None
    language: str
    confidence: float
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()


@dataclass(frozen=True)
class ArticleDraft:
    """One language of one article as it comes from an editor or a file, before it is stored.

    `questions` are what customers ask it with, in their own words; None leaves those of the version before as they are.
    """

    id: str
    language: str
    title: str
    body: str
    category: str = ""
    tags: tuple[str, ...] = ()
    audience: str = "public"
    questions: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Version:
    """One saved state of an article in one language. `status` is draft, published or archived; `questions` as in `ArticleDraft`."""

    article_id: str
    language: str
    version: int
    title: str
    body: str
    status: str
    editor: str
    at: datetime
    published_at: datetime | None = None
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Article:
    """An article with its living versions: for every language the published one and the draft, if there are any."""

    id: str
    status: str
    category: str
    tags: tuple[str, ...]
    audience: str
    changed_at: datetime
    versions: tuple[Version, ...] = ()

    def find(self, language: str, status: str) -> Version | None:
        """The version of that language with that status (draft or published)."""
        return next((v for v in self.versions if (v.language, v.status) == (language, status)), None)


@dataclass(frozen=True)
class Filters:
    """What a search is limited to. `audience` "internal" sees public articles too; an empty tuple means no limit."""

    audience: str = "public"
    languages: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
