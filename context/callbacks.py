"""Call-back requests: a customer who does not want to wait leaves an e-mail address or a telephone number, to be answered later."""

from __future__ import annotations

import re
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.events import Actor, CallbackClosed, CallbackRequested
from context.ledger import CUSTOMER, Ledger
from context.models import CallbackRow, ConversationRow
from context.orders.matching import plain_phone
from context.saying import say
from context.types import Handler, Status
from kit.errors import ConflictError, InvalidInputError

_EMAIL = re.compile(r"[^@\s,;<>()\"']+@[^@\s,;<>()\"'.]+(?:\.[^@\s,;<>()\"'.]+)+")
_PHONE = re.compile(r"\+?[0-9(][0-9 ().\-/]*")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９＋＠．－（）", "0123456789+@.-()")  # as Chinese keyboards write them
LONGEST_EMAIL = 254
FEWEST_DIGITS, MOST_DIGITS = 7, 15  # E.164 has at most 15


class AddressError(InvalidInputError):
    """This is neither an e-mail address nor a telephone number."""


class Kind(StrEnum):
    """How the customer wants to be reached."""

    EMAIL = "email"
    PHONE = "phone"


class Outcome(StrEnum):
    """What an agent says of a call-back they have made."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"


def parse_address(text: str) -> tuple[Kind, str]:
    """What is meant by `text`, written as it is kept: an address in small letters, or a number as digits. Raises AddressError."""
    given = text.translate(_FULL_WIDTH).strip()
    if len(given) <= LONGEST_EMAIL and _EMAIL.fullmatch(given):
        return Kind.EMAIL, given.lower()
    given = plain_phone(given)
    digits = re.sub(r"\D", "", given)
    if _PHONE.fullmatch(given) and FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        return Kind.PHONE, ("+" if given.startswith("+") else "") + digits
    raise AddressError(hint="Write an address such as ana@example.com, or a number with its area code, such as +351 912 345 678.")


async def request_callback(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, address: str) -> CallbackRow:
    """The customer of a locked conversation wants to be reached later; it stays in the queue. A second request replaces the address.

    Raises AddressError; ConflictError unless the conversation waits.
    """
    kind, kept = parse_address(address)
    if conversation.status == Status.RESOLVED or conversation.handler != Handler.QUEUE:
        raise ConflictError("Nobody waits here", hint="Ask for a person first; then leave an address if you would rather not wait.")
    row = await find_open_callback(session, conversation.id)
    if row is not None and (row.kind, row.address) == (kind, kept):
        return row
    if row is None:
        row = CallbackRow(conversation_id=conversation.id, contact_id=conversation.contact_id, asked_at=ledger.now)
        session.add(row)
    row.kind, row.address, row.language = kind, kept, conversation.language
    await session.flush()
    await ledger.append(session, CallbackRequested(callback_id=str(row.id), kind=kind), actor=CUSTOMER, conversation=conversation)
    await say(session, ledger, conversation, f"callback_{kind}", address=kept)
    return row


async def close_callbacks(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, outcome: str, actor: Actor
) -> CallbackRow | None:
    """The open request of a locked conversation is dealt with; None if there is none.

    `outcome` is reached, not_reached, resolved, handed_back or abandoned.
    """
    row = await find_open_callback(session, conversation.id)
    if row is None:
        return None
    row.outcome, row.closed_at = outcome, ledger.now
    row.closed_by = UUID(actor.id) if actor.kind == "agent" and actor.id else None
    closed = CallbackClosed(callback_id=str(row.id), outcome=outcome)
    await ledger.append(session, closed, actor=actor, conversation=conversation)
    return row


async def find_open_callback(session: AsyncSession, conversation_id: UUID) -> CallbackRow | None:
    """The request that nobody has dealt with yet, or None."""
    query = select(CallbackRow).where(CallbackRow.conversation_id == conversation_id, CallbackRow.closed_at.is_(None))
    return (await session.execute(query)).scalar_one_or_none()
