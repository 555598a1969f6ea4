"""What an agent may do on a conversation's channel: the window with its countdown, the templates where it is closed; and sending one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels.accounts import find_account_row
from channels.base import Account
from channels.registry import capabilities_of
from channels.whatsapp.templates import Template, fill, list_templates
from channels.window import read_window
from context.conversations import get_conversation, lock_conversation
from context.events import Actor, AgentReplied
from context.ledger import Ledger
from context.models import ConversationRow
from context.outbound import Writer, add_message
from context.staff.models import StaffRow
from context.types import Author, Handler, MessageView, Status
from kit.errors import ConflictError, NotFoundError


@dataclass(frozen=True)
class Offer:
    """For the composer: what the channel can do, whether one may write freely and until when, and what may be sent anyway."""

    channel: str
    account_state: str | None
    window: dict[str, Any]
    text_max: int
    text_unit: str
    files: bool
    templates: tuple[dict[str, Any], ...]


async def read_offer(session: AsyncSession, ledger: Ledger, conversation_id: UUID) -> Offer:
    """What is offered in a conversation now. Raises NotFoundError."""
    conversation = await get_conversation(session, conversation_id)
    known = capabilities_of(conversation.channel)
    window = await read_window(session, conversation, known, now=ledger.now)
    row = await find_account_row(session, conversation.channel, conversation.account)
    templates = await _templates(session, conversation) if known.templates else []
    usable = tuple(asdict(t) for t in templates if t.usable)
    state = row.state if row is not None else None
    return Offer(conversation.channel, state, window.as_json(), known.text_max, known.text_unit.value, bool(known.media), usable)


async def _templates(session: AsyncSession, conversation: ConversationRow) -> list[Template]:
    row = await find_account_row(session, conversation.channel, conversation.account)
    if row is None or not row.settings.get("waba_id"):
        return []
    return await list_templates(session, Account(row.id, row.channel, row.account, row.name, row.state, dict(row.settings)))


async def send_template(
    session: AsyncSession, ledger: Ledger, conversation_id: UUID, *, staff: StaffRow, template: tuple[str, str], values: Mapping[str, str]
) -> MessageView:
    """An agent who holds the conversation sends the template (name, language). Raises ConflictError, NotFoundError, InvalidInputError."""
    conversation = await lock_conversation(session, conversation_id)
    if conversation.status == Status.RESOLVED or conversation.handler != Handler.AGENT or conversation.agent_id != staff.id:
        raise ConflictError("You do not hold this conversation", hint="Take it first, then send again.")
    offered = {(t.name, t.language): t for t in await _templates(session, conversation)}
    if template not in offered:
        raise NotFoundError("There is no such template", hint="Synchronise the templates of the account.")
    writer = Writer(id=str(staff.id), name=staff.name)
    content = fill(offered[template], values)
    view = await add_message(session, ledger, conversation, content=content, author=Author.AGENT, writer=writer)
    conversation.waiting_since = None
    conversation.answered_seq = conversation.seq
    replied = AgentReplied(message_id=str(view.id), staff_id=str(staff.id), suggestion_id=None)
    await ledger.append(session, replied, actor=Actor("agent", str(staff.id)), conversation=conversation)
    return view
