"""Tables of staff."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import Base, Id, care


class StaffRow(Base):
    """Someone who works here. The password is kept as an argon2 hash."""

    __tablename__ = "staff"
    __table_args__ = ({"info": care(personal=("email", "name"), keep="until the account is deleted")},)

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    demo: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class StaffSessionRow(Base):
    """A login in one browser; revocable. The token is kept as its SHA-256 only."""

    __tablename__ = "staff_session"
    __table_args__ = ({"info": care(personal=("staff_id",), keep="until it expires")},)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]


class ApiTokenRow(Base):
    """A token of the /v1 API, acting as one staff member. Kept as its SHA-256 only."""

    __tablename__ = "api_token"
    __table_args__ = ({"info": care(keep="until revoked")},)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    label: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class LoginTryRow(Base):
    """A failed login, to slow down guessing."""

    __tablename__ = "login_try"
    __table_args__ = ({"info": care(personal=("email",), keep="30 days")},)

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(server_default=NOW)
