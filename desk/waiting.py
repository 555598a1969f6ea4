"""What a waiting customer is told: their place, an honest wait, the hours when nobody is there, and that they may leave an address.

The rule: once, a few seconds after the wait begins (who is answered at once is not bothered). Then only when there is good news, that is,
when the place has at least halved since it was last told or has become the first; at most once a minute. So a thousandth place brings
eleven messages at most. Nothing is said of the wait unless five waits of the last two hours tell how long it takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from context.callbacks import find_open_callback
from context.conversations import lock_conversation
from context.ledger import Ledger
from context.models import ConversationRow, HandoffRow
from context.outbound import add_message
from context.phrases import WEEKDAYS, phrase
from context.staff.hours import Hours, is_open, next_opening
from context.staff.teams import list_teams
from context.types import Author, Content, Handler, Status
from desk.line import ToTell, list_to_tell, minutes_to_say, read_pace
from kit.db import Database

FIRST_AFTER = timedelta(seconds=3)
MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Service:
    """Whether people are there for a team, and when they are back (local time) if not."""

    open: bool = True
    back: datetime | None = None


def service_now(hours: list[Hours], now: datetime) -> Service:
    """Of these hours the best: open when one of them is; no hours at all means always."""
    if not hours or any(is_open(h, now) for h in hours):
        return Service()
    openings = [(found, h.zone) for h in hours if (found := next_opening(h, now)) is not None]
    if not openings:
        return Service(open=False)
    at, zone = min(openings, key=lambda pair: pair[0])
    return Service(open=False, back=at.astimezone(zone))


async def read_hours(session: AsyncSession) -> dict[UUID | None, list[Hours]]:
    """The hours of each team, and of all of them together (None)."""
    teams = await list_teams(session)
    by_team: dict[UUID | None, list[Hours]] = {team.id: [team.hours] for team in teams}
    return {**by_team, None: [team.hours for team in teams]}


def compose(language: str | None, *, place: int, told_place: int | None, seconds: float | None, service: Service, offer: bool) -> Content:
    """The words for a waiting customer. `seconds`: the expected wait, None when unknown; `offer`: an address may be left."""
    said = []
    if not service.open:
        said.append(_closed(language, service.back))
    else:
        now = "" if told_place is None else "_now"
        said.append(phrase(f"queue_first{now}", language) if place == 1 else phrase(f"queue_place{now}", language, place=place))
        if seconds is not None:
            said.append(_wait(language, seconds))
    if told_place is None:
        said.append(phrase("offer_meanwhile", language))
    if offer:
        said.append(phrase("offer_callback", language))
    return Content(("" if (language or "").startswith("zh") else " ").join(said), custom={"callback": True} if offer else {})


def _wait(language: str | None, seconds: float) -> str:
    minutes = minutes_to_say(seconds)
    if minutes is None:
        return phrase("wait_long", language)
    return phrase("wait_minute", language) if minutes == 1 else phrase("wait_minutes", language, minutes=minutes)


def _closed(language: str | None, back: datetime | None) -> str:
    if back is None:
        return phrase("closed", language)
    days = WEEKDAYS.get(language or "en", WEEKDAYS["en"])
    return phrase("closed_until", language, day=days[back.weekday()], time=back.strftime("%H:%M"))


@dataclass(frozen=True)
class WaitingTeller:
    """Tells those who wait. `every`: at most so often to one customer."""

    database: Database
    ledger: Ledger
    every: timedelta = timedelta(minutes=1)

    async def tell(self) -> int:
        """Tells everybody for whom there is news; returns how many."""
        now = self.ledger.now
        async with self.database.transaction() as session:
            due = await list_to_tell(session, now=now, first_after=FIRST_AFTER, again_after=self.every, most=MOST_AT_ONCE)
            if not due:
                return 0
            hours = await read_hours(session)
            paces = {team: await read_pace(session, team, now=now) for team in {one.team_id for one in due}}
        told = 0
        for one in due:
            service = service_now(hours.get(one.team_id, hours[None]), now)
            told += await self._tell_one(one, pace=paces[one.team_id], service=service)
        return told

    async def _tell_one(self, one: ToTell, *, pace: float | None, service: Service) -> bool:
        async with self.database.transaction() as session:
            conversation = await lock_conversation(session, one.conversation_id)
            handoff = await session.get(HandoffRow, one.handoff_id)
            if not _still_waits(conversation) or handoff is None or handoff.state != "queued" or handoff.told_place != one.told_place:
                return False
            seconds = pace * one.place if pace is not None and service.open else None
            offer = one.told_place is None and await find_open_callback(session, conversation.id) is None
            content = compose(
                conversation.language, place=one.place, told_place=one.told_place, seconds=seconds, service=service, offer=offer
            )
            await add_message(session, self.ledger, conversation, content=content, author=Author.SYSTEM)
            handoff.place = handoff.place or one.place
            handoff.told_place, handoff.told_at = one.place, self.ledger.now
            handoff.told_seconds = round(seconds) if seconds is not None else None
        return True


def _still_waits(conversation: ConversationRow) -> bool:
    return conversation.handler == Handler.QUEUE and conversation.status == Status.OPEN


def local_hours(hours: Mapping[UUID | None, list[Hours]], team_id: UUID | None) -> list[Hours]:
    """The hours that count for a conversation of this team, or of none."""
    return hours.get(team_id, hours.get(None, []))
