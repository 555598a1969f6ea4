"""Tables: sources of articles, the runs that read them, what each run found, and which article came from where."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Float, ForeignKey, Index, Integer, LargeBinary, UniqueConstraint, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, Id, care

OPEN_STATES = ("asked", "reading", "ready", "approved", "applying")
_OPEN = "state IN ('asked', 'reading', 'ready', 'approved', 'applying')"


class SourceRow(Base):
    """Where articles come from. `location` is a path, an address or the name of an uploaded file.

    `publish`: what is imported is published, else it is left as drafts. `every_hours`: how often it is read again by itself;
    `unasked`: what changed is then stored without waiting for approval.
    """

    __tablename__ = "knowledge_source"
    __table_args__ = (
        UniqueConstraint("kind", "location"),
        CheckConstraint("kind IN ('files', 'upload', 'site', 'zendesk')", name="kind"),
        {"info": care(personal=("by_id", "by_name"), keep="until somebody removes the source")},
    )

    id: Mapped[Id]
    kind: Mapped[str]
    location: Mapped[str]
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    publish: Mapped[bool] = mapped_column(default=True)
    every_hours: Mapped[float | None] = mapped_column(Float)
    unasked: Mapped[bool] = mapped_column(default=False)
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    by_id: Mapped[str]
    by_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SourceFileRow(Base):
    """The bytes of an uploaded source."""

    __tablename__ = "knowledge_source_file"
    __table_args__ = ({"info": care(keep="until somebody removes the source, or uploads it anew")},)

    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("knowledge_source.id", ondelete="CASCADE"), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ImportRow(Base):
    """One run over a source: asked, reading, ready (waits for approval), approved, applying, done; or failed, or dropped.

    `owner` works on it and renews `seen_at`. `worker`: any worker may take it; else the command line that began it goes on with it.
    """

    __tablename__ = "knowledge_import"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'reading', 'ready', 'approved', 'applying', 'done', 'failed', 'dropped')", name="state"),
        Index("uq_knowledge_import_open", "source_id", unique=True, postgresql_where=sql(_OPEN)),
        Index("ix_knowledge_import_asked_at", "asked_at"),
        {"info": care(personal=("by_id", "by_name"), keep="the newest 20 of each source")},
    )

    id: Mapped[Id]
    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("knowledge_source.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(default="asked")
    worker: Mapped[bool] = mapped_column(default=True)
    scheduled: Mapped[bool] = mapped_column(default=False)
    unasked: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[str]
    by_name: Mapped[str]
    owner: Mapped[str | None]
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str | None]
    asked_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PlaceRow(Base):
    """A place of a source that a run found and reads or has read. What is not done is where a run that was killed goes on."""

    __tablename__ = "knowledge_import_place"
    __table_args__ = (UniqueConstraint("import_id", "key"), {"info": care(keep="with its import")})

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("knowledge_import.id", ondelete="CASCADE"))
    key: Mapped[str]
    depth: Mapped[int] = mapped_column(Integer)
    done: Mapped[bool] = mapped_column(default=False)


class ItemRow(Base):
    """One thing that a run found: read, then new, changed, unchanged, conflict, skipped or gone.

    `data` is the item as the source has it; `base` the newest version here when it was compared; `changes` what differs (text, details,
    status); `take` what an editor decided about a conflict, or against a change; `outcome` stored or failed.
    """

    __tablename__ = "knowledge_import_item"
    __table_args__ = (
        CheckConstraint("state IN ('read', 'new', 'changed', 'unchanged', 'conflict', 'skipped', 'gone')", name="state"),
        Index("ix_knowledge_import_item_state", "import_id", "state"),
        {"info": care(keep="with its import")},
    )

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("knowledge_import.id", ondelete="CASCADE"))
    key: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    article_id: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    notes: Mapped[list[str]] = mapped_column(default=list)
    changes: Mapped[list[str]] = mapped_column(default=list)
    base: Mapped[int] = mapped_column(Integer, default=0)
    added: Mapped[int] = mapped_column(Integer, default=0)
    removed: Mapped[int] = mapped_column(Integer, default=0)
    take: Mapped[bool | None]
    outcome: Mapped[str] = mapped_column(default="")


class ImportFileRow(Base):
    """The bytes of a picture or attachment that a run found, until they are with their articles."""

    __tablename__ = "knowledge_import_file"
    __table_args__ = ({"info": care(keep="until its import has ended")},)

    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("knowledge_import.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    size: Mapped[int] = mapped_column(Integer)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class LinkRow(Base):
    """Which article in which language an item of a source became; `version` and `digest` are those of its last import.

    A newer version that is not linked is an editor's own work. `details` are category, tags, audience and what else was said when it was
    last imported; `files` the pictures and attachments of its text then, by link: name and digest.
    """

    __tablename__ = "knowledge_source_link"
    __table_args__ = (
        Index("ix_knowledge_source_link_article", "article_id", "language"),
        {"info": care(keep="until somebody removes the source")},
    )

    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("knowledge_source.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    group: Mapped[str]
    article_id: Mapped[str] = mapped_column(ForeignKey("knowledge_article.id", ondelete="CASCADE"))
    language: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str]
    details: Mapped[dict[str, Any]]
    files: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=sql("'{}'"))
