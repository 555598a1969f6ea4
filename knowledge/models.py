"""The tables of knowledge: articles with versions, files and unsaved text; passages of what is published; the state of the index."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, Id, care

_KEPT = "until the article is deleted"


class ArticleRow(Base):
    """One article, in as many languages as it has been written in. `id` is the slug that its address is made of.

    `source` is the language that the others are translated from. `lapsed` says that `expires_at` has been noticed to have passed.
    """

    __tablename__ = "knowledge_article"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'published', 'archived')", name="status"),
        CheckConstraint("audience IN ('public', 'internal')", name="audience"),
        {"info": care(personal=("owner",), keep=_KEPT)},
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(default="draft")
    category: Mapped[str] = mapped_column(default="", index=True)
    tags: Mapped[list[str]] = mapped_column(default=list)
    audience: Mapped[str] = mapped_column(default="public")
    owner: Mapped[str] = mapped_column(default="", server_default=text("''"))
    source: Mapped[str] = mapped_column(default="en", server_default=text("'en'"))
    review_by: Mapped[date | None]
    expires_at: Mapped[datetime | None]
    lapsed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class VersionRow(Base):
    """One saved state of an article in one language. Nothing is overwritten: every save is a row, and at most one of them is live."""

    __tablename__ = "knowledge_version"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'in_review', 'published', 'archived')", name="status"),
        Index("uq_knowledge_version_published", "article_id", "language", unique=True, postgresql_where=text("status = 'published'")),
        Index(
            "uq_knowledge_version_draft", "article_id", "language", unique=True, postgresql_where=text("status IN ('draft', 'in_review')")
        ),
        {"info": care(personal=("editor", "submitted_by", "note"), keep=_KEPT)},
    )

    article_id: Mapped[str] = mapped_column(ForeignKey("knowledge_article.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    questions: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    status: Mapped[str] = mapped_column(default="draft")
    editor: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    published_at: Mapped[datetime | None]
    submitted_by: Mapped[str] = mapped_column(default="", server_default=text("''"))
    note: Mapped[str] = mapped_column(default="", server_default=text("''"))
    translated_from: Mapped[int | None]


class WorkingCopyRow(Base):
    """What one editor has typed in one language of an article and not saved yet, for when connection, login or machine are lost."""

    __tablename__ = "knowledge_working_copy"
    __table_args__ = ({"info": care(personal=("editor", "title", "body", "questions"), keep="until it is saved or thrown away")},)

    article_id: Mapped[str] = mapped_column(ForeignKey("knowledge_article.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    editor: Mapped[str] = mapped_column(primary_key=True)
    base: Mapped[int]
    title: Mapped[str]
    body: Mapped[str]
    questions: Mapped[list[str]]
    at: Mapped[datetime]


class FileRow(Base):
    """An attachment or image; its bytes lie in the blob store under `articles/` and its id."""

    __tablename__ = "knowledge_file"
    __table_args__ = ({"info": care(personal=("editor",), keep=_KEPT)},)

    id: Mapped[Id]
    article_id: Mapped[str] = mapped_column(ForeignKey("knowledge_article.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    digest: Mapped[str]
    editor: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class PassageRow(Base):
    """One passage of a published version. `id` is article/language/version/ordinal."""

    __tablename__ = "knowledge_passage"
    __table_args__ = (
        ForeignKeyConstraint(
            ["article_id", "language", "version"],
            ["knowledge_version.article_id", "knowledge_version.language", "knowledge_version.version"],
            ondelete="CASCADE",
        ),
        Index("ix_knowledge_passage_article", "article_id", "language"),
        {"info": care(keep="while its version is published")},
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    article_id: Mapped[str]
    language: Mapped[str]
    version: Mapped[int]
    ordinal: Mapped[int]
    title_path: Mapped[list[str]]
    text: Mapped[str]


class EmbeddingRow(Base):
    """The vectors of one passage by one encoder: float32, little endian, `views` rows; another encoder adds rows of its own.

    `digest` is that of the texts that were encoded, so that a change of tags or of the way passages are viewed is noticed.
    """

    __tablename__ = "knowledge_embedding"
    __table_args__ = ({"info": care(keep="while its passage is kept")},)

    passage_id: Mapped[str] = mapped_column(ForeignKey("knowledge_passage.id", ondelete="CASCADE"), primary_key=True)
    encoder: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    views: Mapped[int]
    vectors: Mapped[bytes] = mapped_column(LargeBinary)


class IndexStateRow(Base):
    """The one row that says which state of the passages is current, and the calibration of each encoder.

    `uncalibrated` counts the passages embedded by each encoder since its calibration. `encoder` is the name of the one that the index is
    served from, once another was adopted: an encoder that is wanted now may still be reading the articles. `calibration_asked_at`: since
    when somebody waits for a new calibration.
    """

    __tablename__ = "knowledge_index"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"), {"info": care(keep="for ever: one row")})

    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    generation: Mapped[int] = mapped_column(default=0)
    calibrations: Mapped[dict[str, Any]] = mapped_column(default=dict)
    uncalibrated: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    encoder: Mapped[str] = mapped_column(default="", server_default=text("''"))
    calibration_asked_at: Mapped[datetime | None]
    calibrated_at: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class CategoryRow(Base):
    """What editors say of a category of articles: `titles` by language; `strict`: articles in it are only ever quoted."""

    __tablename__ = "knowledge_category"
    __table_args__ = ({"info": care(keep="until an editor removes it")},)

    name: Mapped[str] = mapped_column(primary_key=True)
    titles: Mapped[dict[str, Any]] = mapped_column(default=dict)
    strict: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    place: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    changed_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class PolicyRow(Base):
    """The one row with what holds for the whole knowledge base. `strict`: articles are only ever quoted, no generator says anything."""

    __tablename__ = "knowledge_policy"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"), {"info": care(personal=("changed_by",), keep="for ever: one row")})

    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    strict: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    changed_by: Mapped[str] = mapped_column(default="", server_default=text("''"))
    changed_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class GeneratorUseRow(Base):
    """What the generator used on one day (UTC), all nodes together: requests, tokens in and out, cost in millionths of the currency."""

    __tablename__ = "generator_use"
    __table_args__ = ({"info": care(keep="730 days")},)

    day: Mapped[date] = mapped_column(primary_key=True)
    requests: Mapped[int] = mapped_column(default=0)
    tokens_in: Mapped[int] = mapped_column(BigInteger, default=0)
    tokens_out: Mapped[int] = mapped_column(BigInteger, default=0)
    cost: Mapped[int] = mapped_column(BigInteger, default=0)


class ChangeRow(Base):
    """What each generation of the index changed: one article, everything, or (neither) only how sure answers are.

    `token` is like no other, so that a file of another database, or of a past that was undone by a restore, is known by it.
    """

    __tablename__ = "knowledge_change"
    __table_args__ = ({"info": care(keep="the newest 10,000")},)

    generation: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    article_id: Mapped[str | None]
    everything: Mapped[bool]
    token: Mapped[uuid.UUID] = mapped_column(server_default=text("gen_random_uuid()"))
