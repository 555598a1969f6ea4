"""Lists: what SQL selects is what a single line is told; pages follow each other without gap or repeat; kept views have an owner."""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from context.labels.keeping import put_label, save_label
from context.ledger import SYSTEM, Ledger
from context.models import ContactRow, ConversationRow
from context.staff.models import StaffRow
from context.types import Role
from desk.inbox import InboxRow, list_inbox
from desk.personal import saved_views
from desk.personal.models import NotificationRow
from desk.personal.notifications import mentioned_in
from desk.views import MENTION, Filters, View, Wanted, parse_filters, parse_place, place_of
from kit.clock import utc_now
from kit.errors import InvalidInputError, NotAllowedError, NotFoundError
from tests.desk.test_inbox import person

pytestmark = pytest.mark.integration


async def many(session: AsyncSession, ledger: Ledger, people: list[StaffRow], *, count: int = 60) -> list[UUID]:
    """Conversations of every kind; returns two labels."""
    dice, now = random.Random(7), utc_now()
    labels = [(await save_label(session, title, "red")).id for title in ("Fragile", "Late")]
    for _ in range(count):
        contact = ContactRow(name=dice.choice(["Ana", "Rui", None]))
        session.add(contact)
        await session.flush()
        handler = dice.choice(["bot", "queue", "agent"])
        status = dice.choice(["open", "open", "snoozed", "resolved"])
        ago = timedelta(seconds=dice.randrange(5) * 60)
        row = ConversationRow(
            contact_id=contact.id, thread_key="messaging", channel=dice.choice(["web", "whatsapp"]), account="a", status=status,
            handler=handler, agent_id=dice.choice(people).id if handler == "agent" else None, language=dice.choice(["en", "pt", None]),
            urgency=dice.randrange(3), waiting_since=now - ago if dice.random() < 0.5 else None, updated_at=now - ago,
            queue_at=now - ago if handler == "queue" and dice.random() < 0.5 else None,
            due_at=dice.choice([None, now - ago - timedelta(seconds=1), now + timedelta(hours=1)]), opened_at=now,
            resolved_at=now - ago if status == "resolved" else None, slots={}, dialogue={},
        )  # fmt: skip
        session.add(row)
        await session.flush()
        for label in labels:
            if dice.random() < 0.4:
                await put_label(session, ledger, row, label_id=label, actor=SYSTEM)
        if dice.random() < 0.2:
            session.add(NotificationRow(staff_id=people[0].id, kind=MENTION, conversation_id=row.id))
    await session.flush()
    return labels


async def everything(session: AsyncSession, staff: StaffRow) -> list[InboxRow]:
    return await list_inbox(session, staff, wanted=Wanted(staff.id, View.ALL, Filters(statuses=("open", "snoozed", "resolved"))), limit=500)


async def test_a_line_belongs_exactly_where_the_database_lists_it(session: AsyncSession, ledger: Ledger) -> None:
    ana, rui = await person(session, "ana"), await person(session, "rui")
    labels = await many(session, ledger, [ana, rui])
    rows = await everything(session, ana)
    assert len(rows) == 60
    mentioned = await mentioned_in(session, ana.id)
    some = [
        Filters(),
        Filters(labels=(str(labels[0]),)), Filters(channels=("web",), languages=("pt",)), Filters(agents=("me", "nobody")),
        Filters(agents=(str(rui.id),)), Filters(statuses=("snoozed",)), Filters(statuses=("resolved", "open")),
        Filters(teams=(str(uuid4()),)),
    ]  # fmt: skip
    for view in View:
        for filters in some:
            wanted = Wanted(ana.id, view, filters, mentioned)
            listed = await list_inbox(session, ana, wanted=wanted, limit=500)
            assert {r.id for r in listed} == {r.id for r in rows if wanted.holds(r, now=utc_now())}, (view, filters)
            assert [r.id for r in listed] == [r.id for r in sorted(listed, key=lambda r: (place_of(r).rank, place_of(r).key, r.id))]


async def test_pages_follow_each_other_without_gap_or_repeat(session: AsyncSession, ledger: Ledger) -> None:
    ana = await person(session, "ana")
    await many(session, ledger, [ana])
    whole, pages, place = [r.id for r in await list_inbox(session, ana, limit=500)], [], None
    while page := await list_inbox(session, ana, after=place, limit=7):
        pages += [r.id for r in page]
        place = parse_place(place_of(page[-1]).as_text())
    assert pages == whole


@pytest.mark.parametrize("said", ["x", "1:2", "1:2:3", "1:a:0e7f53a1-65a5-4d4b-9f3a-0a4a8d1c2b3e"])
def test_a_malformed_place_is_refused(said: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_place(said)


@pytest.mark.parametrize(
    "data", [[], {"secret": ["x"]}, {"labels": "x"}, {"labels": ["x"]}, {"statuses": ["gone"]}, {"channels": [1]}, {"channels": ["x"] * 51}]
)
def test_filters_that_make_no_sense_are_refused(data: object) -> None:
    with pytest.raises(InvalidInputError):
        parse_filters(data)


async def test_a_kept_view_is_its_owner_s_and_a_shared_one_everybody_s(session: AsyncSession) -> None:
    ana, rui, sue = await person(session, "ana"), await person(session, "rui"), await person(session, "sue", Role.SUPERVISOR)
    filters = Filters(channels=("web",))
    own = await saved_views.save_view(session, ana, title="Web", view=View.MINE, filters=filters, shared=False)
    shared = await saved_views.save_view(session, ana, title="All web", view=View.ALL, filters=filters, shared=True)
    assert [v.title for v in await saved_views.list_saved(session, ana)] == ["All web", "Web"]
    assert [(v.title, v.own, v.filters) for v in await saved_views.list_saved(session, rui)] == [("All web", False, filters)]
    with pytest.raises(NotAllowedError):
        await saved_views.delete_view(session, rui, shared.id)
    with pytest.raises(NotFoundError):
        await saved_views.delete_view(session, rui, own.id)
    await saved_views.delete_view(session, sue, shared.id)
    assert await saved_views.list_saved(session, rui) == []


async def test_an_editor_has_no_views(session: AsyncSession) -> None:
    with pytest.raises(NotAllowedError):
        await saved_views.list_saved(session, await person(session, "eva", Role.EDITOR))
