"""Shapes of the /v1 API of unanswered questions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class QuestionOut(BaseModel):
    """A question; counts are of messages that nothing answered. `found_article` answers most of its wordings by now."""

    id: UUID
    text: str
    language: str
    status: str
    asked: int
    conversations: int
    handoffs: int
    since_closed: int
    languages: list[str]
    first_at: datetime | None
    last_at: datetime | None
    found_article: str | None
    found_language: str | None
    found_confidence: float | None
    found_share: float | None
    article_id: str | None
    article_language: str | None
    reason: str | None
    decided_by: str | None
    decided_at: datetime | None
    closed_at: datetime | None
    reopened_at: datetime | None
    reopened_why: str | None
    reopened_times: int


class WordingOut(BaseModel):
    """A redacted wording of a question."""

    text: str
    language: str
    count: int
    handoffs: int
    conversation_id: UUID | None


class DraftAnswerOut(BaseModel):
    """An answer joined from agents' replies, and those replies, all redacted; `count` is how many messages agents wrote."""

    language: str
    text: str
    replies: list[str]
    count: int


class QuestionDetailOut(BaseModel):
    """A question with wordings and drafts by language."""

    question: QuestionOut
    wordings: list[WordingOut]
    drafts: dict[str, DraftAnswerOut]


class FaqIn(BaseModel):
    """A new article, as a draft; `questions` are wordings that it is to be found by."""

    model_config = ConfigDict(extra="forbid")
    article_id: str = Field(max_length=100)
    language: str = Field(max_length=20)
    title: str = Field(max_length=1000)
    body: str = Field(max_length=400_000)
    category: str = Field(default="", max_length=100)
    audience: str = Field(default="public", max_length=20)
    questions: list[str] = Field(default=[], max_length=200)


class WordingIn(BaseModel):
    """A wording in its language."""

    model_config = ConfigDict(extra="forbid")
    language: str = Field(max_length=20)
    text: str = Field(max_length=1000)


class AddedIn(BaseModel):
    """Wordings for an article that is there."""

    model_config = ConfigDict(extra="forbid")
    article_id: str = Field(max_length=100)
    questions: list[WordingIn] = Field(max_length=200)


class AcceptedIn(BaseModel):
    """The article that answers the question."""

    model_config = ConfigDict(extra="forbid")
    article_id: str = Field(max_length=100)


class DismissedIn(BaseModel):
    """Why a question needs no article."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(max_length=1000)


class MergedIn(BaseModel):
    """The question to put together with."""

    model_config = ConfigDict(extra="forbid")
    question_id: UUID
