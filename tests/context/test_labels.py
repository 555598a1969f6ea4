"""Labels on conversations."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.conversations import lock_conversation
from context.inbound import record_inbound
from context.labels import keeping
from context.ledger import SYSTEM, Ledger
from context.models import ConversationRow, EventRow
from context.types import Inbound
from kit.errors import ConflictError, InvalidInputError, NotFoundError

pytestmark = pytest.mark.integration


async def conversation(session: AsyncSession, ledger: Ledger) -> ConversationRow:
    recorded = await record_inbound(session, ledger, Inbound("web", "main", uuid4().hex, uuid4().hex, "Hello"))
    return await lock_conversation(session, recorded.message.conversation_id)


async def test_a_label_is_put_on_and_taken_off_once(session: AsyncSession, ledger: Ledger) -> None:
    label, row = await keeping.save_label(session, "Fragile", "red"), await conversation(session, ledger)
    done = [await keeping.put_label(session, ledger, row, label_id=label.id, actor=SYSTEM) for _ in range(2)]
    assert await keeping.labels_of(session, [row.id]) == {row.id: [label.id]}
    done += [await keeping.take_label_off(session, ledger, row, label_id=label.id, actor=SYSTEM) for _ in range(2)]
    assert done == [True, False, True, False]
    names = (
        await session.execute(select(EventRow.name).where(EventRow.name.like("conversation.%labelled")).order_by(EventRow.id))
    ).scalars()
    assert list(names) == ["conversation.labelled", "conversation.unlabelled"]


async def test_an_unknown_label_is_refused(session: AsyncSession, ledger: Ledger) -> None:
    with pytest.raises(NotFoundError):
        await keeping.put_label(session, ledger, await conversation(session, ledger), label_id=uuid4(), actor=SYSTEM)


@pytest.mark.parametrize(("title", "colour"), [("", "red"), ("x" * 41, "red"), ("Fragile", "pink")])
async def test_a_label_without_title_or_known_colour_is_refused(session: AsyncSession, title: str, colour: str) -> None:
    with pytest.raises(InvalidInputError):
        await keeping.save_label(session, title, colour)


async def test_two_labels_cannot_have_one_title(session: AsyncSession) -> None:
    label = await keeping.save_label(session, "Fragile", "red")
    with pytest.raises(ConflictError):
        await keeping.save_label(session, " fragile ", "blue")
    assert (await keeping.save_label(session, "fragile", "blue", label_id=label.id)).colour == "blue"


async def test_a_deleted_label_is_on_nothing(session: AsyncSession, ledger: Ledger) -> None:
    label, row = await keeping.save_label(session, "Fragile", "red"), await conversation(session, ledger)
    await keeping.put_label(session, ledger, row, label_id=label.id, actor=SYSTEM)
    await keeping.delete_label(session, label.id)
    assert await keeping.labels_of(session, [row.id]) == {}
