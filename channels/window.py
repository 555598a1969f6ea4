"""Until when a customer may be written to freely: computed here, shown by the console, asked before each send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.base import Capabilities
from channels.models import ChannelAddressRow
from context.models import ConversationRow, IdentityRow

MARGIN = timedelta(minutes=2)  # the provider's clock is the one that counts


@dataclass(frozen=True)
class Window:
    """`limited`: whether the channel has a window at all; `closes_at` None where it has none, or the customer never wrote."""

    limited: bool
    open: bool
    closes_at: datetime | None
    templates: bool

    def as_json(self) -> dict[str, object]:
        """For the console: it counts down to `closes_at` by itself."""
        closes = self.closes_at.isoformat() if self.closes_at else None
        return {"limited": self.limited, "open": self.open, "closes_at": closes, "templates": self.templates}


async def read_window(session: AsyncSession, conversation: ConversationRow, capabilities: Capabilities, *, now: datetime) -> Window:
    """The window of a conversation on the channel and account where its customer last wrote."""
    last, entry = await _last(session, conversation.contact_id, conversation.channel, conversation.account)
    return window_at(capabilities, last, entry, now=now)


async def _last(session: AsyncSession, contact_id: UUID, channel: str, account: str) -> tuple[datetime | None, datetime | None]:
    address = ChannelAddressRow
    mine = select(IdentityRow.external_id).where(
        IdentityRow.contact_id == contact_id, IdentityRow.channel == channel, IdentityRow.account == account
    )
    query = select(func.max(address.last_inbound_at), func.max(address.free_entry_until)).where(
        address.channel == channel, address.account == account, address.address.in_(mine)
    )
    last, entry = (await session.execute(query)).one()
    return last, entry


def window_at(capabilities: Capabilities, last: datetime | None, entry: datetime | None, *, now: datetime, human: bool = False) -> Window:
    """Pure: the window after the customer's last message. `human`: for what people write."""
    if capabilities.window is None:
        return Window(False, True, None, capabilities.templates)
    length = capabilities.human_window if human and capabilities.human_window else capabilities.window
    ends = [t for t in (last + length if last else None, entry) if t is not None]
    closes = max(ends) - MARGIN if ends else None
    return Window(True, closes is not None and now < closes, closes, capabilities.templates)
