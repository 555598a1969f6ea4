"""Stores what webhooks brought: one function a kind of happening, each idempotent, since a webhook may be worked off again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from channels.accounts import BLOCKED, find_account_row, set_state
from channels.addresses import add_alias, link_addresses, move_address, note_writing, tells_number
from channels.base import Capabilities
from channels.blocking import note_block
from channels.choices import resolve_choice
from channels.desks import apply_desk_change, prepare_desk
from channels.happenings import (
    AccountNotice,
    AddressChanged,
    Automatic,
    Blocked,
    CustomerMessage,
    DeskChanged,
    Echo,
    Edited,
    Happening,
    Opened,
    OptOut,
    Reaction,
    Receipt,
    TemplateChanged,
    Unknown,
)
from channels.models import ChannelAddressRow, ChannelMediaRow, ChannelSendRow, ChannelTemplateRow
from channels.receipts import apply_receipt
from channels.threads import link_elsewhere, note_automatic, record_in_thread
from channels.usual_statements import store_receipts
from context.inbound import MAX_TEXT, Recorded, find_or_open_conversation
from context.inbound_statement import record_message
from context.ledger import Ledger
from context.models import MessageRow
from context.outbound import Writer, add_message, mark_sent
from context.outside import desk_holds
from context.ownership import hand_off
from context.types import Author, Content, Direction, Handler, HandoffReason, HandoffRequest, Inbound
from kit.db import Database
from kit.log import get_logger

log = get_logger("intake")

Handle = Callable[[str, Any], Awaitable[str | None]]
AfterMessage = Callable[[CustomerMessage, UUID], None]
"""What is told of each new message and its conversation, for things that may as well fail (ticks, "typing")."""


@dataclass(frozen=True)
class Taker:
    """Stores happenings. `capabilities` by channel; `after` is told of new messages."""

    database: Database
    ledger: Ledger
    capabilities: Mapping[str, Capabilities]
    after: AfterMessage | None = None

    async def take(self, channel: str, happening: Happening) -> str | None:
        """Stores one happening; returns a note when people should look at it. Raises what the database raises."""
        handlers: dict[type, Handle] = {
            CustomerMessage: self._message,
            Automatic: self._automatic,
            Receipt: self._receipt,
            Reaction: self._reaction,
            Edited: self._edited,
            Opened: self._opened,
            AddressChanged: self._moved,
            Echo: self._echo,
            DeskChanged: self._desk,
            OptOut: self._opted_out,
            Blocked: self._blocked,
            TemplateChanged: self._template,
            AccountNotice: self._notice,
            Unknown: self._unknown,
        }
        return await handlers[type(happening)](channel, happening)

    async def _message(self, channel: str, happening: CustomerMessage) -> str | None:
        happening = replace(happening, at=min(happening.at, self.ledger.now))  # a clock that runs ahead must not hold the window open
        inbound = _storable(happening)
        known = await note_writing(self.database, happening)
        if not known or tells_number(happening):
            async with self.database.transaction() as session:
                await link_elsewhere(session, happening)
                await link_addresses(session, self.ledger, happening)
        if happening.held is not None:
            async with self.database.transaction() as session:
                await prepare_desk(session, self.ledger, happening)
        external = inbound.metadata.get("reply_to_external")
        numbers = self._numbers(channel)
        if happening.choice is not None or external or (numbers and len(inbound.text) <= 4):
            async with self.database.transaction() as session:
                inbound = await resolve_choice(session, inbound, happening.choice, numbers=numbers)
                inbound = await _with_reply(session, inbound)
        recorded = await self._record(happening, inbound)
        if not known and happening.aliases:
            async with self.database.transaction() as session:
                await add_alias(session, happening, recorded.contact_id)
        if happening.media:
            async with self.database.transaction() as session:
                await _keep_media(session, happening, recorded.message.id)
        if self.after is not None and not recorded.repeat:
            self.after(happening, recorded.message.conversation_id)
        return None

    async def _record(self, happening: CustomerMessage, inbound: Inbound) -> Recorded:
        if happening.thread is None:
            return await record_message(self.database, self.ledger, inbound)
        async with self.database.transaction() as session:
            return await record_in_thread(session, self.ledger, happening, inbound)

    async def _automatic(self, _channel: str, happening: Automatic) -> str | None:
        async with self.database.transaction() as session:
            return await note_automatic(session, self.ledger, happening)

    def _numbers(self, channel: str) -> bool:
        known = self.capabilities.get(channel)
        return known is not None and known.rows < 10

    async def take_receipts(self, channel: str, receipts: Sequence[Receipt]) -> None:
        """Stores the receipts of one sent message, in one statement where they are of the usual kind. Raises what the database raises."""
        if receipts[0].key is not None and await store_receipts(self.database, self.ledger, channel, receipts):
            return
        for receipt in receipts:
            await self._receipt(channel, receipt)

    async def _receipt(self, channel: str, happening: Receipt) -> str | None:
        async with self.database.transaction() as session:
            await apply_receipt(session, self.ledger, channel, happening)
        return None

    async def _reaction(self, channel: str, happening: Reaction) -> str | None:
        async with self.database.transaction() as session:
            await _wrote(session, channel, happening.account, happening.address, min(happening.at, self.ledger.now))
            row = await _find_message(session, channel, happening.account, happening.target)
            if row is None:
                return "a reaction to a message that is not known"
            metadata = dict(row.body.get("metadata", {}))
            reactions = {**metadata.get("reactions", {}), happening.address: happening.emoji}
            metadata["reactions"] = {who: emoji for who, emoji in reactions.items() if emoji}
            row.body = {**row.body, "metadata": metadata}
        return None

    async def _opened(self, channel: str, happening: Opened) -> str | None:
        async with self.database.transaction() as session:
            await _wrote(session, channel, happening.account, happening.address, min(happening.at, self.ledger.now))
        return None

    async def _edited(self, channel: str, happening: Edited) -> str | None:
        async with self.database.transaction() as session:
            row = await _find_message(session, happening.channel or channel, happening.account, happening.target)
            if row is None or row.direction != Direction.IN:
                return "a change of a message that is not known"
            metadata = dict(row.body.get("metadata", {}))
            if happening.text is None:
                metadata["revoked"] = happening.at.isoformat()
            else:
                metadata |= {"original_text": metadata.get("original_text", row.text), "edited": happening.at.isoformat()}
                row.text = happening.text[:MAX_TEXT] or row.text
            row.body = {**row.body, "metadata": metadata}
        return None

    async def _moved(self, channel: str, happening: AddressChanged) -> str | None:
        async with self.database.transaction() as session:
            moved = await move_address(session, channel, happening)
        return None if moved else "an address changed, and nothing proves that it is the same person"

    async def _echo(self, channel: str, happening: Echo) -> str | None:
        """What somebody wrote with the provider's own app stands in the conversation, and the bot leaves it to people."""
        inbound = Inbound(channel, happening.account, happening.address, happening.provider_id, happening.text)
        async with self.database.transaction() as session:
            if await _find_message(session, channel, happening.account, happening.provider_id) is not None:
                return None
            conversation = await find_or_open_conversation(session, self.ledger, inbound)
            content = Content(happening.text, custom={"echo": True})
            writer = Writer(name=happening.name)
            view = await add_message(session, self.ledger, conversation, content=content, author=Author.AGENT, writer=writer)
            await mark_sent(session, self.ledger, conversation, view.id, external_id=happening.provider_id)
            await session.flush()
            row = await session.get(MessageRow, view.id)
            assert row is not None
            row.external_id = happening.provider_id
            if conversation.handler == Handler.BOT:
                await hand_off(session, self.ledger, conversation, request=HandoffRequest(HandoffReason.AGENT_TOOK_OVER))
            if await desk_holds(session, conversation) is not None:
                conversation.waiting_since, conversation.answered_seq = None, conversation.seq
        return None

    async def _desk(self, channel: str, happening: DeskChanged) -> str | None:
        async with self.database.transaction() as session:
            return await apply_desk_change(session, self.ledger, channel, happening)

    async def _opted_out(self, channel: str, happening: OptOut) -> str | None:
        values = {"channel": channel, "account": happening.account, "address": happening.address}
        changed = {"marketing_stopped": happening.stopped}
        statement = insert(ChannelAddressRow).values(**values, **changed)
        async with self.database.transaction() as session:
            await session.execute(statement.on_conflict_do_update(index_elements=list(values), set_=changed))
        return None

    async def _blocked(self, channel: str, happening: Blocked) -> str | None:
        async with self.database.transaction() as session:
            await note_block(session, self.ledger, channel, happening)
        return None

    async def _template(self, channel: str, happening: TemplateChanged) -> str | None:
        query = select(ChannelTemplateRow).where(
            ChannelTemplateRow.channel == channel, ChannelTemplateRow.account == happening.scope,
            ChannelTemplateRow.name == happening.name, ChannelTemplateRow.language == happening.language,
        )  # fmt: skip
        async with self.database.transaction() as session:
            row = (await session.execute(query.with_for_update())).scalar_one_or_none()
            if row is None:
                return "a template that is not known here: synchronise the templates"
            for name in ("status", "category", "quality", "reason"):
                value = getattr(happening, name)
                if value is not None:
                    setattr(row, name, value)
        return None

    async def _notice(self, channel: str, happening: AccountNotice) -> str | None:
        log.warning("notice of a provider", channel=channel, account=happening.account, notice=happening.text)
        if happening.blocked:
            async with self.database.transaction() as session:
                row = await find_account_row(session, channel, happening.account)
                if row is not None:
                    await set_state(session, row, BLOCKED, reason=happening.text)
        return happening.text

    async def _unknown(self, channel: str, happening: Unknown) -> str | None:
        log.warning("a webhook held something unknown", channel=channel, reason=happening.reason)
        return happening.reason


def _storable(happening: CustomerMessage) -> Inbound:
    """The inbound message as it can be stored: its time beside it, what is too long cut, the whole kept."""
    inbound = happening.inbound
    metadata = inbound.metadata | {"sent_at": happening.at.isoformat()}
    text = inbound.text
    if len(text) > MAX_TEXT:
        metadata, text = metadata | {"whole_text": text}, text[: MAX_TEXT - 1] + "…"
    return replace(inbound, text=text, metadata=metadata)


async def _with_reply(session: AsyncSession, inbound: Inbound) -> Inbound:
    """With our own id of the message that the customer answers."""
    external = inbound.metadata.get("reply_to_external")
    if not external:
        return inbound
    row = await _find_message(session, inbound.channel, inbound.account, external)
    return replace(inbound, metadata=inbound.metadata | {"reply_to": str(row.id)}) if row is not None else inbound


async def _find_message(session: AsyncSession, channel: str, account: str, external_id: str) -> MessageRow | None:
    """A message by the provider's id of it, whichever side it came from."""
    mine = (MessageRow.channel == channel, MessageRow.account == account, MessageRow.external_id == external_id)
    row = (await session.execute(select(MessageRow).where(*mine).with_for_update())).scalar_one_or_none()
    if row is not None:
        return row
    sent = (ChannelSendRow.channel == channel, ChannelSendRow.account == account, ChannelSendRow.provider_id == external_id)
    query = select(MessageRow).join(ChannelSendRow, ChannelSendRow.message_id == MessageRow.id).where(*sent)
    return (await session.execute(query.limit(1).with_for_update(of=MessageRow))).scalar_one_or_none()


async def _keep_media(session: AsyncSession, happening: CustomerMessage, message_id: UUID) -> None:
    for ordinal, ref in enumerate(happening.media):
        values = {
            "message_id": message_id, "ordinal": ordinal, "channel": happening.inbound.channel, "account": happening.inbound.account,
            "source": ref.source, "kind": ref.kind, "type": ref.type, "name": ref.name, "sha256": ref.sha256,
        }  # fmt: skip
        await session.execute(insert(ChannelMediaRow).values(**values).on_conflict_do_nothing())


async def _wrote(session: AsyncSession, channel: str, account: str, address: str, at: datetime) -> None:
    values = {"channel": channel, "account": account, "address": address}
    statement = insert(ChannelAddressRow).values(**values, last_inbound_at=at)
    later = {"last_inbound_at": at}
    newer = (ChannelAddressRow.last_inbound_at.is_(None)) | (ChannelAddressRow.last_inbound_at < at)
    await session.execute(statement.on_conflict_do_update(index_elements=list(values), set_=later, where=newer))
