"""Finding, locking and reading conversations and messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import ConversationRow, MessageRow
from context.types import (
    Attachment,
    Author,
    Button,
    Citation,
    Content,
    Delivery,
    Direction,
    Entity,
    MessageView,
    Sentiment,
    Understanding,
    Visibility,
)
from kit.errors import NotFoundError

MESSAGING_THREAD = "messaging"


async def lock_conversation(session: AsyncSession, conversation_id: UUID) -> ConversationRow:
    """The conversation with its row locked until the transaction ends. Raises NotFoundError."""
    query = select(ConversationRow).where(ConversationRow.id == conversation_id).with_for_update().execution_options(populate_existing=True)
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise NotFoundError("There is no such conversation")
    return row


async def get_conversation(session: AsyncSession, conversation_id: UUID) -> ConversationRow:
    """The conversation, not locked. Raises NotFoundError."""
    row = await session.get(ConversationRow, conversation_id, populate_existing=True)
    if row is None:
        raise NotFoundError("There is no such conversation")
    return row


async def get_message(session: AsyncSession, message_id: UUID) -> MessageView:
    """One message. Raises NotFoundError."""
    row = await session.get(MessageRow, message_id, populate_existing=True)
    if row is None:
        raise NotFoundError("There is no such message")
    return view_message(row)


async def list_messages(
    session: AsyncSession,
    conversation_ids: Sequence[UUID] | Select[tuple[UUID]],
    *,
    after: int = 0,
    public_only: bool = False,
    limit: int = 500,
) -> list[MessageView]:
    """Messages of the conversations (or of those that a query names) with `seq` above `after`, oldest first; the newest `limit` of them."""
    query = select(MessageRow).where(MessageRow.conversation_id.in_(conversation_ids), MessageRow.seq > after)
    if public_only:
        query = query.where(MessageRow.visibility == Visibility.PUBLIC)
    rows = (await session.execute(query.order_by(MessageRow.seq.desc()).limit(limit))).scalars()
    views = [view_message(row) for row in reversed(list(rows))]
    alone = not isinstance(conversation_ids, Select) and len(conversation_ids) < 2
    return views if alone else sorted(views, key=lambda view: (view.at, view.seq))  # those of a merge overlap in seq


def view_message(row: MessageRow) -> MessageView:
    """The frozen view of a stored message."""
    return MessageView(
        id=row.id,
        conversation_id=row.conversation_id,
        seq=row.seq,
        direction=Direction(row.direction),
        author=Author(row.author),
        author_name=row.author_name,
        visibility=Visibility(row.visibility),
        content=load_content(row.text, row.body),
        payload=row.payload,
        channel=row.channel,
        delivery=Delivery(row.delivery),
        at=row.at,
        understanding=load_understanding(row.understanding) if row.understanding else None,
        external_id=row.external_id,
        metadata=row.body.get("metadata", {}),
        address=row.address,
    )


def dump_content(content: Content) -> dict[str, Any]:
    """Everything of a content but its text, as JSON."""
    body: dict[str, Any] = {}
    if content.buttons:
        body["buttons"] = [asdict(b) for b in content.buttons]
    if content.citations:
        body["citations"] = [asdict(c) for c in content.citations]
    if content.attachments:
        body["attachments"] = [asdict(a) | {"id": str(a.id)} for a in content.attachments]
    return body | ({"custom": content.custom} if content.custom else {})


def load_content(text: str, body: dict[str, Any]) -> Content:
    """The inverse of `dump_content`."""
    return Content(
        text=text,
        buttons=tuple(Button(**b) for b in body.get("buttons", ())),
        citations=tuple(Citation(**c) for c in body.get("citations", ())),
        custom=body.get("custom", {}),
        attachments=tuple(Attachment(UUID(a["id"]), a["name"], a["media_type"], a["size"]) for a in body.get("attachments", ())),
    )


def dump_understanding(understanding: Understanding) -> dict[str, Any]:
    """An understanding as JSON."""
    return asdict(understanding)


def load_understanding(data: dict[str, Any]) -> Understanding:
    """The inverse of `dump_understanding`."""
    return Understanding(
        language=data["language"],
        intent=data["intent"],
        confidence=data["confidence"],
        ranking=tuple((name, probability) for name, probability in data["ranking"]),
        entities=tuple(Entity(**e) for e in data["entities"]),
        sentiment=Sentiment(**data["sentiment"]),
        model=data["model"],
        also=tuple((name, probability) for name, probability in data.get("also", ())),
        in_scope=data.get("in_scope", 1.0),
        clauses=tuple((name, words) for name, words in data.get("clauses", ())),
    )
