"""What the page of channels asks for: accounts with their state, pausing and resuming, and what could not be delivered."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from channels.accounts import list_account_rows, set_state
from channels.letters import Letter, list_letters, put_away, replay
from channels.models import ChannelAccountRow
from console.access import Login
from console.inbox.view import milliseconds
from console.obeying import Data, Obeying, id_of
from console.services import ConsoleServices
from console.web import Screen
from context.staff.audit import Subject, record_change
from context.staff.models import StaffRow
from kit.errors import NotFoundError

LETTERS = 200


class ChannelCommands(Obeying):
    """The page /console/admin/channels."""

    right = "manage_channels"

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {"list": self._list, "pause": self._pause, "replay": self._replay, "put_away": self._put_away}

    async def _list(self, _staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            await self._show(session)

    async def _show(self, session: AsyncSession) -> None:
        accounts = [_account_json(row) for row in await list_account_rows(session)]
        letters = [_letter_json(one) for one in await list_letters(session, limit=LETTERS)]
        self.screen("list", {"accounts": accounts, "letters": letters})

    async def _pause(self, staff: StaffRow, data: Data) -> None:
        paused = data.get("on") is True
        async with self.services.database.transaction() as session:
            row = await session.get(ChannelAccountRow, id_of(data), with_for_update=True)
            if row is None:
                raise NotFoundError("There is no such account")
            await set_state(session, row, "paused" if paused else "active")
            action = "channel.paused" if paused else "channel.resumed"
            await self._record(session, staff, action, Subject("channel", str(row.id), f"{row.channel} {row.name}"))
            await self._show(session)

    async def _replay(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await replay(session, self.services.ledger, id_of(data))
            await self._record(session, staff, "channel.sent_again", Subject("channel", str(id_of(data)), str(id_of(data))[:8]))
            await self._show(session)

    async def _put_away(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await put_away(session, self.services.ledger, id_of(data))
            await self._record(session, staff, "channel.put_away", Subject("channel", str(id_of(data)), str(id_of(data))[:8]))
            await self._show(session)

    async def _record(self, session: AsyncSession, staff: StaffRow, action: str, subject: Subject) -> None:
        await record_change(session, staff, action, subject, at=self.services.ledger.now)


def _account_json(row: ChannelAccountRow) -> dict[str, object]:
    return {
        "id": str(row.id), "channel": row.channel, "account": row.account, "name": row.name, "state": row.state, "reason": row.reason or "",
        "changedAt": milliseconds(row.changed_at),
    }  # fmt: skip


def _letter_json(one: Letter) -> dict[str, object]:
    return {
        "id": str(one.id), "channel": one.channel, "account": one.account, "conversation": str(one.conversation_id), "text": one.text[:300],
        "sure": one.sure, "problem": one.problem or one.reason or "", "attempts": one.attempts, "at": milliseconds(one.at),
    }  # fmt: skip
