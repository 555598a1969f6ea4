"""What knowledge says: articles, passages, hits and answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


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

    `questions` are what customers ask it with, in their own words; None leaves those of the version before as they are. So with `owner`,
    `source`, `review_by` and `expires_at` (see `Details`): None leaves what the article has.
    """

    id: str
    language: str
    title: str
    body: str
    category: str = ""
    tags: tuple[str, ...] = ()
    audience: str = "public"
    questions: tuple[str, ...] | None = None
    owner: str | None = None
    source: str | None = None
    review_by: date | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Details:
    """What holds for all languages of an article.

    `owner` is an opaque id; `source` the language that the others are translated from. Past `review_by` the article is stale; from
    `expires_at` on (aware) no customer gets it.
    """

    category: str = ""
    tags: tuple[str, ...] = ()
    audience: str = "public"
    owner: str = ""
    source: str = "en"
    review_by: date | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Version:
    """One saved state of an article in one language. `status` is draft, in_review, published or archived; `questions` as in `ArticleDraft`.

    `note` is what a reviewer said who sent it back. `translated_from` is the newest version of the source when a translation was saved.
    """

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
    submitted_by: str = ""
    note: str = ""
    translated_from: int | None = None


@dataclass(frozen=True)
class Article:
    """An article with its living versions: for every language the published one and what is worked on, if there are any.

    `status` is draft, in_review (something waits and nothing is published), published or archived.
    """

    id: str
    status: str
    category: str
    tags: tuple[str, ...]
    audience: str
    changed_at: datetime
    versions: tuple[Version, ...] = ()
    owner: str = ""
    source: str = "en"
    review_by: date | None = None
    expires_at: datetime | None = None

    @property
    def details(self) -> Details:
        """What holds for all its languages."""
        return Details(self.category, self.tags, self.audience, self.owner, self.source, self.review_by, self.expires_at)

    def find(self, language: str, status: str) -> Version | None:
        """The version of that language with that status (draft, in_review or published)."""
        return next((v for v in self.versions if (v.language, v.status) == (language, status)), None)

    def newest(self, language: str) -> Version | None:
        """The living version of that language that was saved last."""
        return max((v for v in self.versions if v.language == language), key=lambda v: v.version, default=None)


@dataclass(frozen=True)
class WorkingCopy:
    """What somebody has typed and not saved yet. `base` is the version that they began from."""

    article_id: str
    language: str
    editor: str
    base: int
    title: str
    body: str
    questions: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class ArticleFile:
    """An attachment or image of an article. `digest` is the SHA-256 of its bytes."""

    id: UUID
    article_id: str
    name: str
    media_type: str
    size: int
    digest: str
    at: datetime

    @property
    def url(self) -> str:
        """Where readers find it, as Markdown names it."""
        return f"/article-files/{self.id}/{self.name}"

    @property
    def is_image(self) -> bool:
        """Whether pages show it in place."""
        return self.media_type.startswith("image/")


@dataclass(frozen=True)
class Filters:
    """What a search is limited to. `audience` "internal" sees public articles too; an empty tuple means no limit."""

    audience: str = "public"
    languages: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
