"""From public to private: the one message that may answer a comment where nobody else reads it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messenger.send import PRIVATE
from context.conversations import lock_conversation
from context.inbound import check_text
from context.ledger import Ledger
from context.models import ConversationRow, MessageRow
from context.outbound import Writer, add_message
from context.services import access, staff_token
from context.staff.models import StaffRow
from context.threads import COMMENT, kind_of
from context.types import Author, Content, Delivery, Direction, Handler, MessageView
from kit.db import Database
from kit.errors import ConflictError

WITHIN = timedelta(days=7)


class PrivateReplyIn(BaseModel):
    """What is written to the commenter alone."""

    text: str = Field(min_length=1, max_length=2000)


async def reply_privately(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, staff: StaffRow, text: str, comment_id: str | None = None
) -> MessageView:
    """Answers the customer's last comment (`comment_id`, if that is said) by a message that others do not see. Raises ConflictError.

    Meta takes one for a comment, within seven days. When the customer answers it, that is a chat of the same contact.
    """
    if kind_of(conversation.thread_key) != COMMENT:
        raise ConflictError("This conversation is private already")
    if conversation.handler != Handler.AGENT or conversation.agent_id != staff.id:
        raise ConflictError("You do not hold this conversation", hint="Take it first, then send again.")
    comment = await _last_comment(session, conversation)
    if comment_id is not None and comment.external_id != comment_id:
        raise ConflictError("There is a newer comment", hint="Read it, and answer that one.")
    if ledger.now - comment.at > WITHIN:
        raise ConflictError("The comment is older than seven days: it can only be answered in public")
    if await _answered(session, conversation, str(comment.external_id)):
        raise ConflictError("This comment was answered privately already: one such message is allowed")
    content = Content(check_text(text), custom={PRIVATE: comment.external_id})
    writer = Writer(id=str(staff.id), name=staff.name)
    view = await add_message(session, ledger, conversation, content=content, author=Author.AGENT, writer=writer)
    conversation.waiting_since, conversation.answered_seq = None, conversation.seq
    return view


async def _last_comment(session: AsyncSession, conversation: ConversationRow) -> MessageRow:
    mine = (MessageRow.conversation_id == conversation.id, MessageRow.direction == Direction.IN)
    return (await session.execute(select(MessageRow).where(*mine).order_by(MessageRow.seq.desc()).limit(1))).scalar_one()


async def _answered(session: AsyncSession, conversation: ConversationRow, comment: str) -> bool:
    """Whether a private answer to this comment went out, or is about to."""
    mine = (MessageRow.conversation_id == conversation.id, MessageRow.direction == Direction.OUT)
    private = (MessageRow.body["custom"][PRIVATE].astext == comment, MessageRow.delivery != Delivery.FAILED)
    return (await session.execute(select(MessageRow.id).where(*mine, *private).limit(1))).first() is not None


def comments_router(database: Database, ledger: Ledger) -> APIRouter:
    """POST /v1/conversations/{id}/private-reply."""
    router = APIRouter(prefix="/v1/conversations/{conversation_id}", tags=["desk"])

    @router.post("/private-reply", status_code=201)
    async def write(conversation_id: UUID, body: PrivateReplyIn, token: Annotated[str | None, Depends(staff_token)]) -> dict[str, str]:
        """Answers a public comment by a message that others do not see; once a comment, within seven days."""
        async with database.transaction() as session:
            staff = await access(session, token)
            conversation = await lock_conversation(session, conversation_id)
            view = await reply_privately(session, ledger, conversation, staff=staff, text=body.text)
        return {"id": str(view.id)}

    return router
