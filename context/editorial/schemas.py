"""Shapes of /v1/articles."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class VersionOut(BaseModel):
    """A version of an article in one language. `status` is draft, in_review, published or archived (an earlier one)."""

    language: str
    version: int
    status: str
    title: str
    body: str
    questions: list[str]
    editor: str
    at: datetime
    published_at: datetime | None
    submitted_by: str
    note: str
    translated_from: int | None


class VersionLine(BaseModel):
    """A version without its text."""

    language: str
    version: int
    status: str
    title: str
    editor: str
    at: datetime
    published_at: datetime | None


class ArticleHead(BaseModel):
    """What holds for all languages of an article. `outdated` are translations that are older than the source."""

    id: str
    status: str
    category: str
    tags: list[str]
    audience: str
    owner: str
    source: str
    review_by: date | None
    expires_at: datetime | None
    changed_at: datetime
    stale: bool
    expired: bool
    outdated: list[str]


class ArticleLine(ArticleHead):
    """An article in a list."""

    versions: list[VersionLine]


class ArticleOut(ArticleHead):
    """An article with the texts that are published or worked on."""

    versions: list[VersionOut]


class ArticlePage(BaseModel):
    """Some articles by id; ask with `cursor=<next>` for those that follow, until it is null."""

    items: list[ArticleLine]
    next: str | None


class DraftIn(BaseModel):
    """One language as it is to be saved. `expected_version` is the newest version that you saw (0: none); with another one it is refused.

    Without `questions` those of the version before stay.
    """

    model_config = ConfigDict(extra="forbid")
    title: str
    body: str
    questions: list[str] | None = None
    expected_version: int = Field(ge=0)


class ArticleIn(BaseModel):
    """A new article with its first draft."""

    model_config = ConfigDict(extra="forbid")
    id: str
    language: str
    title: str
    body: str = ""
    questions: list[str] = Field(default_factory=list)
    category: str = ""
    tags: list[str] = Field(default_factory=list)
    audience: str = "public"


class DetailsChange(BaseModel):
    """What may be changed for all languages of an article; absent fields stay."""

    model_config = ConfigDict(extra="forbid")
    category: str = ""
    tags: list[str] = Field(default_factory=list)
    audience: str = "public"
    owner: str = ""
    source: str = "en"
    review_by: date | None = None
    expires_at: datetime | None = None

    def given(self) -> dict[str, Any]:
        """The fields that were sent."""
        return self.model_dump(exclude_unset=True) | ({"tags": tuple(self.tags)} if "tags" in self.model_fields_set else {})


class NoteIn(BaseModel):
    """What a reviewer says who sends a text back."""

    model_config = ConfigDict(extra="forbid")
    note: str = ""


class RestoreIn(BaseModel):
    """`expected_version` as in a draft."""

    model_config = ConfigDict(extra="forbid")
    expected_version: int = Field(ge=0)


class PartOut(BaseModel):
    """A piece of a line: same, added or removed."""

    kind: str
    text: str


class LineOut(BaseModel):
    """A line: same, added, removed or changed."""

    kind: str
    parts: list[PartOut]


class DifferenceOut(BaseModel):
    """What changed between two versions; `changes` counts the lines of the text that did."""

    before: int
    after: int
    changes: int
    title: list[LineOut]
    body: list[LineOut]
    questions: list[LineOut]


class FileOut(BaseModel):
    """An attachment or image. `markdown` is what shows it in a text."""

    id: UUID
    article_id: str
    name: str
    media_type: str
    size: int
    digest: str
    at: datetime
    url: str
    markdown: str


class TryQuestion(BaseModel):
    """A question to try. `audience` internal finds what agents find."""

    model_config = ConfigDict(extra="forbid")
    question: str = Field(min_length=1, max_length=2000)
    audience: str = Field(default="public", pattern="^(public|internal)$")


class HitOut(BaseModel):
    """A passage that was found."""

    article_id: str
    language: str
    passage_id: str
    title_path: list[str]
    text: str
    score: float
    confidence: float


class TurnedOut(BaseModel):
    """What the bot would do in a whole turn, without having done it; `would_do` names what it would have performed."""

    messages: list[str]
    buttons: list[str]
    intent: str
    confidence: float
    handoff: str
    would_do: list[str]


class FoundOut(BaseModel):
    """What the articles say (null: nothing, as the confidence is below the threshold), and what was found, best first.

    `turn` is what the bot would do; null for agents' questions, and where there is no bot that can be asked.
    """

    said: str | None
    confidence: float
    threshold: float
    hits: list[HitOut]
    turn: TurnedOut | None = None


class TrialOut(BaseModel):
    """A question on what is published, and as if what is worked on were published; null when nothing is worked on."""

    before: FoundOut
    after: FoundOut | None
