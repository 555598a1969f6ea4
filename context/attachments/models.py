"""Tables of attachments."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import STEP, Base, Id, care


class AttachmentRow(Base):
    """A file of a message; its bytes lie in the blob store. `message_id` is None until the message that it came for is stored.

    `owner` says who sent it up: `staff:ID`, or `CHANNEL:IDENTITY` of a customer. Only they can put it into a message.
    """

    __tablename__ = "attachment"
    __table_args__ = ({"info": care(personal=("name", "owner"), keep="with its message; a day when it was never sent", erase=STEP)},)

    id: Mapped[Id]
    message_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    owner: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
