"""Shapes of the /v1 API of how articles are used and how healthy they are."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class UsageOut(BaseModel):
    """An article in a language over a period; see `insights.usage.reading.Usage` for what is counted."""

    article_id: str
    language: str
    title: str
    status: str
    cited: int
    failed: int
    shown: int
    used: int
    helped: int
    not_helped: int
    thumbs_up: int
    thumbs_down: int
    last_at: datetime | None


class AskedForOut(BaseModel):
    """A redacted question with how often it came, and what became of it."""

    text: str
    language: str
    count: int
    outcomes: list[tuple[str, int]]
    last_at: datetime


class WhoAsksOut(BaseModel):
    """The questions that an article answered, and those that it was shown for and did not."""

    article_id: str
    answered: list[AskedForOut]
    not_answered: list[AskedForOut]


class SideOut(BaseModel):
    """A sentence in its article."""

    article_id: str
    language: str
    text: str


class FindingOut(BaseModel):
    """A candidate for a duplicate or a contradiction; `differs` holds (unit or yes_no, one, other)."""

    id: UUID
    kind: str
    one: SideOut
    other: SideOut
    score: float
    differs: list[tuple[str, str, str]]
    found_at: datetime
    dismissed_by: str | None


class JudgementIn(BaseModel):
    """Whether a finding is no problem."""

    model_config = ConfigDict(extra="forbid")
    dismissed: bool


class StaleOut(BaseModel):
    """An article that may be out of date; `why` is unchanged or behind."""

    article_id: str
    language: str
    title: str
    why: str
    since: datetime
    asked: int
    source: str


class BrokenLinkOut(BaseModel):
    """A link that leads nowhere."""

    article_id: str
    language: str
    written: str
    why: str
    detail: str
    checked_at: datetime | None
