"""Making labels, putting them on conversations, taking them off."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from context.desk_events import ConversationLabelled, ConversationUnlabelled
from context.event_base import Actor
from context.labels.models import ConversationLabelRow, LabelRow
from context.ledger import Ledger
from context.models import ConversationRow
from kit.errors import ConflictError, InvalidInputError, NotFoundError

COLOURS = ("grey", "red", "orange", "green", "blue", "violet")
MOST_TITLE, MOST_LABELS = 40, 500


@dataclass(frozen=True)
class Label:
    """A label."""

    id: UUID
    title: str
    colour: str


async def list_labels(session: AsyncSession) -> list[Label]:
    """All labels by title."""
    rows = (await session.execute(select(LabelRow).order_by(LabelRow.title))).scalars()
    return [Label(row.id, row.title, row.colour) for row in rows]


async def save_label(session: AsyncSession, title: str, colour: str, *, label_id: UUID | None = None) -> Label:
    """Makes a label, or changes the one that is named. Raises InvalidInputError, ConflictError, NotFoundError."""
    said = " ".join(title.split())
    if not said or len(said) > MOST_TITLE or colour not in COLOURS:
        raise InvalidInputError(f"A label needs a title of up to {MOST_TITLE} characters and one of the colours {', '.join(COLOURS)}")
    known = await list_labels(session)
    if any(label.title.casefold() == said.casefold() and label.id != label_id for label in known):
        raise ConflictError(f"There is a label {said!r} already")
    if label_id is None and len(known) >= MOST_LABELS:
        raise ConflictError(f"There are {MOST_LABELS} labels already", hint="Delete some first.")
    row = await session.get(LabelRow, label_id) if label_id else LabelRow()
    if row is None:
        raise NotFoundError("There is no such label")
    row.title, row.colour = said, colour
    session.add(row)
    await session.flush()
    return Label(row.id, row.title, row.colour)


async def delete_label(session: AsyncSession, label_id: UUID) -> None:
    """Deletes a label and takes it off everything; one that is not there is fine."""
    await session.execute(delete(LabelRow).where(LabelRow.id == label_id))


async def labels_of(session: AsyncSession, conversation_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Which labels are on these conversations; those without any are left out."""
    if not conversation_ids:
        return {}
    query = select(ConversationLabelRow.conversation_id, ConversationLabelRow.label_id)
    query = query.where(ConversationLabelRow.conversation_id.in_(conversation_ids)).order_by(ConversationLabelRow.at)
    found: dict[UUID, list[UUID]] = {}
    for conversation_id, label_id in (await session.execute(query)).all():
        found.setdefault(conversation_id, []).append(label_id)
    return found


async def put_label(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, label_id: UUID, actor: Actor) -> bool:
    """Puts a label on a locked conversation; False when it was on it already. Raises NotFoundError."""
    if await session.get(LabelRow, label_id) is None:
        raise NotFoundError("There is no such label")
    row = insert(ConversationLabelRow).values(conversation_id=conversation.id, label_id=label_id, at=ledger.now)
    done = await session.execute(row.on_conflict_do_nothing().returning(ConversationLabelRow.label_id))
    if done.scalar_one_or_none() is None:
        return False
    await ledger.append(session, ConversationLabelled(label_id=str(label_id)), actor=actor, conversation=conversation)
    return True


async def take_label_off(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, label_id: UUID, actor: Actor) -> bool:
    """Takes a label off a locked conversation; False when it was not on it."""
    which = (ConversationLabelRow.conversation_id == conversation.id, ConversationLabelRow.label_id == label_id)
    done = await session.execute(delete(ConversationLabelRow).where(*which).returning(ConversationLabelRow.label_id))
    if done.scalar_one_or_none() is None:
        return False
    await ledger.append(session, ConversationUnlabelled(label_id=str(label_id)), actor=actor, conversation=conversation)
    return True
