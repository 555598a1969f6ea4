"""What was said to a customer of a door and has not reached them yet, and waiting until the bot has had its turn."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.rasa.hand_out import hand_out
from channels.rasa.types import REST, Address
from context.conversations import get_conversation, list_messages, lock_conversation, view_message
from context.events import EventRecord, MessageDelivered
from context.inbound import Recorded
from context.inbound_statement import record_message
from context.ledger import SYSTEM, Ledger
from context.models import ConversationRow, IdentityRow, MessageRow
from context.stream import Hub, Item, Lagging, Signal, Subscription
from context.types import Author, Delivery, Direction, Handler, Inbound, MessageView, Status, Visibility
from kit.db import Database

TURN_SECONDS, HUMAN_SECONDS = 25.0, 2.0
LOOK_SECONDS = 1.0
_WAKES = ("turn.", "handoff.queued", "handoff.accepted", "handback.done", "conversation.resolved", "message.queued")
Gone = Callable[[], Awaitable[bool]]
_UNSEEN = (Delivery.QUEUED, Delivery.SENT)


def _unseen(address: Address) -> Select[MessageRow]:
    return (
        select(MessageRow)
        .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
        .join(IdentityRow, IdentityRow.contact_id == ConversationRow.contact_id)
        .where(
            IdentityRow.channel == address.channel, IdentityRow.account == address.account, IdentityRow.external_id == address.sender,
            MessageRow.channel == address.channel, MessageRow.account == address.account,
            MessageRow.direction == Direction.OUT, MessageRow.visibility == Visibility.PUBLIC, MessageRow.delivery.in_(_UNSEEN),
        )
        .order_by(MessageRow.seq)
        .execution_options(populate_existing=True)
    )  # fmt: skip


async def record_handed_out(
    session: AsyncSession, ledger: Ledger, address: Address, *, only: UUID | None = None, within: UUID | None = None
) -> list[MessageView]:
    """The messages (or `only` this one) that the customer has not got yet, oldest first, marked as delivered: each is handed out once.

    `within` is the conversation in which they most likely stand; it saves looking twice.
    """
    query = _unseen(address) if only is None else _unseen(address).where(MessageRow.id == only)
    held = {within: await lock_conversation(session, within)} if within else {}
    rows = list((await session.execute(query)).scalars())
    if {row.conversation_id for row in rows} - held.keys():
        held |= {each: await lock_conversation(session, each) for each in sorted({r.conversation_id for r in rows} - held.keys())}
        rows = [row for row in (await session.execute(query)).scalars() if row.conversation_id in held]
    for row in rows:
        row.delivery = Delivery.DELIVERED
        await ledger.append(session, MessageDelivered(message_id=str(row.id)), actor=SYSTEM, conversation=held[row.conversation_id])
    return [view_message(row) for row in rows]


async def here() -> bool:
    """The client that has not gone."""
    return False


@dataclass(frozen=True)
class Waiter:
    """Records messages and waits for what the bot says to them."""

    database: Database
    ledger: Ledger
    hub: Hub

    async def record(self, inbound: Inbound) -> Recorded:
        """Stores a message; when this returns, it is safe."""
        return await record_message(self.database, self.ledger, inbound)

    async def hand_out(self, address: Address) -> list[MessageView]:
        """What the customer has not got yet."""
        async with self.database.transaction() as session:
            return await record_handed_out(session, self.ledger, address)

    async def answers(self, recorded: Recorded, address: Address, gone: Gone = here) -> AsyncIterator[list[MessageView]]:
        """What is said to a recorded message, until the bot's turn is over. A repeated message gets the answers of its turn again.

        While a human holds the conversation, what comes within two seconds. Nothing is handed out to a client that has `gone`.
        """
        message = recorded.message
        if recorded.repeat:
            yield await self._said_after(message)
        began = time.monotonic()
        with self.hub.subscribe(lambda item: _wakes(item, message.conversation_id)) as reader:
            if not recorded.repeat:
                await _next(reader, any_message=False)
            while True:
                over, found = await self._look(message, address, waited=time.monotonic() - began, gone=gone)
                if found:
                    yield found
                if over or (over is not None and found):
                    return
                await _next(reader, any_message=over is not None)

    async def _look(self, message: MessageView, address: Address, *, waited: float, gone: Gone) -> tuple[bool | None, list[MessageView]]:
        """Whether it is over (see `_is_over`), and what there is to hand out; nothing before the bot has had its turn."""
        if await gone():
            return True, []
        found = await hand_out(self.database, self.ledger, address, message)
        if found is not None:
            return True, found
        async with self.database.transaction() as session:
            over = await self._is_over(session, message, waited=waited)
            if over is None:
                return None, []
            return over, await record_handed_out(session, self.ledger, address, within=message.conversation_id)

    async def said_to(self, recorded: Recorded, address: Address) -> list[MessageView]:
        """All that was said to a message once the turn is over. On REST it counts as handed out; elsewhere the channel sends it."""
        if address.channel == REST:
            return [m async for found in self.answers(recorded, address) for m in found]
        message, began = recorded.message, time.monotonic()
        with self.hub.subscribe(lambda item: _wakes(item, message.conversation_id)) as reader:
            while True:
                async with self.database.transaction() as session:
                    over = await self._is_over(session, message, waited=time.monotonic() - began)
                if over:
                    return await self._said_after(message)
                await _next(reader, any_message=False)

    @staticmethod
    async def _is_over(session: AsyncSession, message: MessageView, *, waited: float) -> bool | None:
        """True: nothing more comes for now; False: a human holds it, and may say something at once; None: the bot has not answered."""
        conversation = await get_conversation(session, message.conversation_id)
        if conversation.answered_seq >= message.seq or conversation.status == Status.RESOLVED or waited > TURN_SECONDS:
            return True
        return None if conversation.handler == Handler.BOT else waited > HUMAN_SECONDS

    async def _said_after(self, message: MessageView) -> list[MessageView]:
        """What was said between this message and the customer's next one, save what still waits to be handed out on REST."""
        async with self.database.transaction() as session:
            following = select(func.min(MessageRow.seq)).where(
                MessageRow.conversation_id == message.conversation_id, MessageRow.author == Author.CUSTOMER, MessageRow.seq > message.seq
            )
            end = (await session.execute(following)).scalar_one()
            said = await list_messages(session, [message.conversation_id], after=message.seq, public_only=True)
        return [
            m
            for m in said
            if m.direction == Direction.OUT and (end is None or m.seq < end) and not (m.channel == REST and m.delivery in _UNSEEN)
        ]


async def _next(reader: Subscription, *, any_message: bool) -> None:
    """Waits for something that may change the answer: `any_message`, or only the end of a turn and changes of hands; at most a second."""
    until = time.monotonic() + LOOK_SECONDS
    with contextlib.suppress(Lagging):
        while (left := until - time.monotonic()) > 0:
            item = await reader.next(left)
            if not isinstance(item, EventRecord) or any_message or item.name != "message.queued":
                return


def _wakes(item: Item, conversation_id: UUID) -> bool:
    """Events that may change the answer; and that the bot types no more, which comes before the event that its turn is over."""
    if isinstance(item, Signal):
        return item.conversation_id == conversation_id and item.author == Author.BOT and not item.on
    return isinstance(item, EventRecord) and item.conversation_id == conversation_id and item.name.startswith(_WAKES)
