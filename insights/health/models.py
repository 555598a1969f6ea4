"""Tables of the health of the knowledge base: sentences with vectors, what was found among them, links and how they fared."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Integer, LargeBinary
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import Base, Id, care

_PUBLISHED = "while its version is published"


class ReadVersionRow(Base):
    """A published version whose sentences and links were read, by which encoder."""

    __tablename__ = "health_version"
    __table_args__ = (
        ForeignKeyConstraint(
            ["article_id", "language", "version"],
            ["knowledge_version.article_id", "knowledge_version.language", "knowledge_version.version"],
            ondelete="CASCADE",
        ),
        {"info": care(keep=_PUBLISHED)},
    )

    article_id: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    encoder: Mapped[str]
    read_at: Mapped[datetime] = mapped_column(server_default=NOW)


class LineRow(Base):
    """A sentence of a published version; `vector` is float16, little endian."""

    __tablename__ = "health_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["article_id", "language", "version"],
            ["health_version.article_id", "health_version.language", "health_version.version"],
            ondelete="CASCADE",
        ),
        {"info": care(keep=_PUBLISHED)},
    )

    article_id: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    sentence: Mapped[str]
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class FindingRow(Base):
    """Two articles that say the same, or two sentences that contradict each other; a candidate until a person has judged.

    `key` is that of the texts: when one of them changes it is another finding, and judged anew. `detail`: what differs.
    """

    __tablename__ = "health_finding"
    __table_args__ = (
        Index("ix_health_finding_one", "one_article", "one_language"),
        Index("ix_health_finding_other", "other_article", "other_language"),
        CheckConstraint("kind IN ('duplicate','contradiction')", name="kind"),
        {"info": care(personal=("dismissed_by", "dismissed_name"), keep="while both versions are published")},
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    one_article: Mapped[str]
    one_language: Mapped[str]
    one_text: Mapped[str]
    other_article: Mapped[str]
    other_language: Mapped[str]
    other_text: Mapped[str]
    score: Mapped[float]
    detail: Mapped[list[Any]] = mapped_column(default=list, server_default=sql("'[]'"))
    found_at: Mapped[datetime] = mapped_column(server_default=NOW)
    dismissed_by: Mapped[str | None]
    dismissed_name: Mapped[str | None]
    dismissed_at: Mapped[datetime | None]


class ArticleLinkRow(Base):
    """A link in a published version. `target` is an address outside (http, https), or a path on this site."""

    __tablename__ = "health_link"
    __table_args__ = (
        ForeignKeyConstraint(
            ["article_id", "language", "version"],
            ["health_version.article_id", "health_version.language", "health_version.version"],
            ondelete="CASCADE",
        ),
        Index("ix_health_link_target", "target"),
        {"info": care(keep=_PUBLISHED)},
    )

    article_id: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    target: Mapped[str] = mapped_column(primary_key=True)
    written: Mapped[str]
    outside: Mapped[bool]


class LinkCheckRow(Base):
    """How an address outside fared. State: new, ok, unsure (it wants a login, or no machines), broken, refused (private: never asked)."""

    __tablename__ = "health_link_check"
    __table_args__ = (
        Index("ix_health_link_check_next", "next_at"),
        CheckConstraint("state IN ('new','ok','unsure','broken','refused')", name="state"),
        {"info": care(keep="while an article links there")},
    )

    target: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="new", server_default=sql("'new'"))
    status: Mapped[int | None] = mapped_column(Integer)
    detail: Mapped[str] = mapped_column(default="", server_default=sql("''"))
    failures: Mapped[int] = mapped_column(Integer, default=0, server_default=sql("0"))
    checked_at: Mapped[datetime | None]
    next_at: Mapped[datetime] = mapped_column(server_default=NOW)
