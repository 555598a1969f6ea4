"""Tables of teams: who belongs to them, what each person can do and how much, when a team works, and the rules that send work to it."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import Base, BigId, Id, care


class TeamHolidayRow(Base):
    """A day on which a team works otherwise than on that weekday: `spans` as in `TeamRow.hours`, none when it is closed."""

    __tablename__ = "team_holiday"
    __table_args__ = ({"info": care(keep="with its team")},)

    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    name: Mapped[str]
    spans: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))


class TeamMemberRow(Base):
    """Who belongs to a team, and at which level of support they work there (1 the first, 3 the last)."""

    __tablename__ = "team_member"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 3", name="level"),
        {"info": care(personal=("staff_id",), keep="with the account")},
    )

    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True, index=True)
    level: Mapped[int] = mapped_column(Integer, default=1, server_default=text("1"))


class StaffSkillRow(Base):
    """What a person can do: a language they write, or a product or topic they know. `level` 1 to 3."""

    __tablename__ = "staff_skill"
    __table_args__ = (
        CheckConstraint("kind IN ('language','product')", name="kind"),
        CheckConstraint("level BETWEEN 1 AND 3", name="level"),
        {"info": care(personal=("staff_id",), keep="with the account")},
    )

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(Integer, default=2, server_default=text("2"))


class StaffCapacityRow(Base):
    """How many open conversations a person may be given at once: of one channel, or of all together (`*`)."""

    __tablename__ = "staff_capacity"
    __table_args__ = (
        CheckConstraint("most BETWEEN 0 AND 200", name="most"),
        {"info": care(personal=("staff_id",), keep="with the account")},
    )

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    most: Mapped[int] = mapped_column(Integer)


class RoutingRulesRow(Base):
    """A version of the routing rules as somebody wrote them; the newest is in force."""

    __tablename__ = "routing_rules"
    __table_args__ = ({"info": care(personal=("author",), keep="all versions, until deleted")},)

    version: Mapped[BigId]
    source: Mapped[str]
    author: Mapped[str]
    note: Mapped[str] = mapped_column(default="", server_default=text("''"))
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class SlaPolicyRow(Base):
    """What is promised to whom: minutes until the first and each next response and until resolution; None promises nothing.

    The first policy by `place` whose team and lowest priority fit is the conversation's. `warn_percent` of the time gone: a warning.
    """

    __tablename__ = "sla_policy"
    __table_args__ = (Index("ix_sla_policy_place", "place"), {"info": care(keep="until deleted")})

    id: Mapped[Id]
    name: Mapped[str]
    place: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    team_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))
    least_priority: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    first_response: Mapped[int | None] = mapped_column(Integer)
    next_response: Mapped[int | None] = mapped_column(Integer)
    resolution: Mapped[int | None] = mapped_column(Integer)
    business_hours: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    warn_percent: Mapped[int] = mapped_column(Integer, default=75, server_default=text("75"))
