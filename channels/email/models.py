"""The table of mailboxes: how far each one was read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from context.models import NOW
from kit.db import Base, care


class MailboxRow(Base):
    """A folder of a mailbox: the last UID that was stored, which means something together with `validity` only."""

    __tablename__ = "channel_mailbox"
    __table_args__ = ({"info": care(keep="as long as its account")},)

    account: Mapped[str] = mapped_column(primary_key=True)
    folder: Mapped[str] = mapped_column(primary_key=True)
    validity: Mapped[int] = mapped_column(BigInteger)
    last_uid: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    read_at: Mapped[datetime] = mapped_column(server_default=NOW)
