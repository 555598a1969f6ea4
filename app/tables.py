"""All tables of the house in one place, for the migrations; and the one that processes keep of themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

import assist.models
import channels.email.models
import channels.help.models
import channels.models
import context.attachments.models
import context.crm.models
import context.customer.models
import context.following
import context.identity.models
import context.labels.models
import context.macros.models
import context.models
import context.orders.models
import context.outside
import context.shop.models
import context.staff.models
import context.staff.team_models
import context.webhooks.models
import desk.models
import desk.personal.models
import insights.health.models
import insights.models
import insights.unanswered.models
import insights.usage.models
import kit.database_blobs
import knowledge.imports.models
import knowledge.models
from kit.db import Base, care


class ProcessRow(Base):
    """A running process, renewed every few seconds; health is read from here."""

    __tablename__ = "process"
    __table_args__ = ({"info": care(keep="one hour after the last sign of life")},)

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    pid: Mapped[int] = mapped_column(Integer)
    state: Mapped[dict[str, Any]]
    at: Mapped[datetime]


MODULES = (
    assist.models,
    channels.help.models,
    context.attachments.models,
    context.labels.models,
    context.macros.models,
    context.crm.models,
    context.customer.models,
    context.identity.models,
    channels.email.models,
    channels.models,
    context.models,
    context.orders.models,
    context.shop.models,
    context.staff.models,
    context.staff.team_models,
    context.webhooks.models,
    desk.models,
    desk.personal.models,
    context.following,
    insights.health.models,
    insights.models,
    insights.usage.models,
    insights.unanswered.models,
    kit.database_blobs,
    knowledge.imports.models,
    knowledge.models,
)
metadata = Base.metadata
