"""Tables of staff, and of the teams they work in (what belongs to a team: `team_models.py`)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, func, select, text
from sqlalchemy.orm import Mapped, column_property, mapped_column

from context.models import NOW
from kit.db import Base, BigId, Id, care

RANDOM_ID = func.gen_random_uuid()


class CustomRoleRow(Base):
    """A role of this installation: a named set of permissions (context/staff/permissions.py). Built-in roles have no row."""

    __tablename__ = "custom_role"
    __table_args__ = ({"info": care(keep="until somebody removes it")},)

    name: Mapped[str] = mapped_column(primary_key=True)
    description: Mapped[str] = mapped_column(default="", server_default=text("''"))
    permissions: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    changed_at: Mapped[datetime] = mapped_column(server_default=NOW)


class StaffRow(Base):
    """Someone who works here. The password is kept as an argon2 hash; a `temporary` one only serves to choose another."""

    __tablename__ = "staff"
    __table_args__ = ({"info": care(personal=("email", "name"), keep="until the account is deleted")},)

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column()
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    demo: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    temporary: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    custom_permissions: Mapped[list[str] | None] = column_property(
        select(CustomRoleRow.permissions).where(CustomRoleRow.name == role).correlate_except(CustomRoleRow).scalar_subquery()
    )


class StaffSessionRow(Base):
    """A login in one browser; revocable. The token is kept as its SHA-256 only."""

    __tablename__ = "staff_session"
    __table_args__ = ({"info": care(personal=("staff_id", "device"), keep="until it expires")},)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(unique=True, server_default=RANDOM_ID)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    device: Mapped[str] = mapped_column(default="", server_default=text("''"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    used_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]


class ApiTokenRow(Base):
    """A token of the /v1 API, acting as one staff member, with no more than `permissions` if there are any. Kept as its SHA-256 only."""

    __tablename__ = "api_token"
    __table_args__ = ({"info": care(keep="until revoked")},)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(unique=True, server_default=RANDOM_ID)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    label: Mapped[str]
    permissions: Mapped[list[str] | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class PasswordLinkRow(Base):
    """A link with which one person chooses a password, once. The token is kept as its SHA-256 only."""

    __tablename__ = "password_link"
    __table_args__ = ({"info": care(personal=("staff_id",), keep="until it is used or expires")},)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]


class AuditRow(Base):
    """Who changed what, and when. `details` never holds a secret."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject", "subject_kind", "subject_id"),
        {"info": care(personal=("actor_id", "actor_name", "subject_id", "subject_name", "details"), keep="730 days")},
    )

    id: Mapped[BigId]
    at: Mapped[datetime] = mapped_column(server_default=NOW, index=True)
    actor_id: Mapped[str]
    actor_name: Mapped[str]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    subject_name: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))


class LoginTryRow(Base):
    """A failed login, to slow down guessing."""

    __tablename__ = "login_try"
    __table_args__ = ({"info": care(personal=("email",), keep="30 days")},)

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class TeamRow(Base):
    """People who share a queue. `hours` holds, for each weekday 0 (Monday) to 6, spans of local time ["09:00", "18:00"].

    `auto_assign`: whoever is online gets waiting conversations by themselves; else people take them by hand.
    """

    __tablename__ = "team"
    __table_args__ = ({"info": care(keep="until deleted")},)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)  # how rules name it
    name: Mapped[str]
    time_zone: Mapped[str] = mapped_column(default="UTC", server_default=text("'UTC'"))
    hours: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    auto_assign: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
