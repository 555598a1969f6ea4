"""What a chosen button means. Only a reference goes out and comes back; title and payload stay here, so no payload is cut or forged."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import ConversationRow, IdentityRow, MessageRow
from context.types import Direction, Inbound, Visibility

_REFERENCE = re.compile(r"b:([0-9a-f]{32}):(\d{1,3})")
_NUMBER = re.compile(r"\s*(\d{1,2})\s*[.)]?\s*")


def reference(message_id: UUID, index: int) -> str:
    """The reference of the button `index` of a message: at most 38 characters."""
    return f"b:{message_id.hex}:{index}"


async def resolve_choice(session: AsyncSession, inbound: Inbound, choice: str | None, *, numbers: bool) -> Inbound:
    """The inbound message with the payload of what was chosen: by its reference, or where `numbers` are used, by the number written.

    A reference that is not of this customer's conversation means nothing: the message stays what its text says.
    """
    if choice is not None:
        match = _REFERENCE.fullmatch(choice)
        button = await _button(session, inbound, UUID(match[1]), int(match[2])) if match else None
        if button is not None:
            return replace(inbound, payload=button["payload"], text=inbound.text or button["title"])
        return replace(inbound, text=inbound.text or "[button]") if match else replace(inbound, payload=choice)
    number = _NUMBER.fullmatch(inbound.text) if numbers else None
    if number is None:
        return inbound
    button = await _numbered(session, inbound, int(number[1]))
    return replace(inbound, payload=button["payload"], text=button["title"]) if button else inbound


def _own(inbound: Inbound) -> tuple[object, ...]:
    """That a message is in a conversation of the customer who writes."""
    return (
        MessageRow.conversation_id == ConversationRow.id,
        ConversationRow.contact_id == IdentityRow.contact_id,
        IdentityRow.channel == inbound.channel,
        IdentityRow.account == inbound.account,
        IdentityRow.external_id == inbound.identity,
        MessageRow.direction == Direction.OUT,
        MessageRow.visibility == Visibility.PUBLIC,
    )


async def _button(session: AsyncSession, inbound: Inbound, message_id: UUID, index: int) -> dict[str, str] | None:
    query = select(MessageRow.body).where(MessageRow.id == message_id, *_own(inbound))  # type: ignore[arg-type]
    body = (await session.execute(query)).scalar_one_or_none()
    return _at(body, index)


async def _numbered(session: AsyncSession, inbound: Inbound, number: int) -> dict[str, str] | None:
    """The button of that number in the last message, if that offered any."""
    query = select(MessageRow.body).where(*_own(inbound)).order_by(MessageRow.seq.desc()).limit(1)  # type: ignore[arg-type]
    body = (await session.execute(query)).scalar_one_or_none()
    return _at(body, number - 1)


def _at(body: dict[str, list[dict[str, str]]] | None, index: int) -> dict[str, str] | None:
    buttons = (body or {}).get("buttons", [])
    return buttons[index] if 0 <= index < len(buttons) else None
