"""What the supervisors' page asks for. Every command asks again who is there and whether they may supervise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from console.access import Login
from console.inbox.view import message_json, row_json
from console.obeying import Data, Obeying, id_of, number_or, text_of
from console.services import ConsoleServices
from console.supervisor.view import alert_json, person_json, today_json, waiting_json
from console.web import Screen
from context.staff.models import StaffRow
from context.staff.rights import may
from desk.alerts.listing import access_acknowledge, access_alerts
from desk.inbox import access_conversation
from desk.supervising import RIGHT, access_people_at_work, access_queue, reassign
from insights.today import access_today

FARTHEST = timedelta(hours=48)


class SupervisorCommands(Obeying):
    """The page /console/supervisor."""

    right = RIGHT

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {
            "list": self._list,
            "watch": self._watch,
            "unwatch": self._unwatch,
            "whisper": self._whisper,
            "take": self._take,
            "reassign": self._reassign,
            "acknowledge": self._acknowledge,
        }
        self.watched: UUID | None = None
        self._since: datetime | None = None
        self._shown: dict[str, Any] = {}

    async def show_state(self, staff: StaffRow) -> None:
        """Tells the page who waits, who is here, which alerts stand and the figures: each part when it has changed."""
        ledger = self.services.ledger
        now = ledger.now
        since = self._since or now - timedelta(hours=24)
        async with self.services.database.transaction() as session:
            queue, count = await access_queue(session, staff)
            people = await access_people_at_work(session, staff, now=now)
            alerts = await access_alerts(session, staff)
            today = await access_today(session, staff, since=since, now=now) if may(staff, "view_reports") else None
        self._tell("queue", {"queue": [waiting_json(one) for one in queue], "count": count})
        self._tell("people", {"people": [person_json(one) for one in people]})
        self._tell("alerts", {"alerts": [alert_json(one) for one in alerts]})
        self._tell("today", {"today": today_json(today) if today else None})

    def _tell(self, kind: str, data: dict[str, Any]) -> None:
        if self._shown.get(kind) != data:
            self._shown[kind] = data
            self.screen(kind, data)

    async def show_watched(self, staff: StaffRow) -> None:
        """Tells the page the conversation that is watched, as it is now."""
        if self.watched is None:
            return
        async with self.services.database.transaction() as session:
            detail = await access_conversation(session, staff, self.watched)
        told = {"row": row_json(detail.row), "messages": [message_json(one) for one in detail.messages], "reason": detail.handoff_reason}
        self._tell("watched", told)

    async def _list(self, staff: StaffRow, data: Data) -> None:
        asked = datetime.fromtimestamp(number_or(data, "since", 0) / 1000, UTC)
        now = self.services.ledger.now
        self._since = asked if now - FARTHEST < asked < now else None
        self._shown = {}
        await self.show_state(staff)

    async def _watch(self, staff: StaffRow, data: Data) -> None:
        self.watched = id_of(data)
        self._shown.pop("watched", None)
        await self.show_watched(staff)

    async def _unwatch(self, _staff: StaffRow, _data: Data) -> None:
        self.watched = None

    async def _whisper(self, staff: StaffRow, data: Data) -> None:
        await self.services.desk.note(staff.id, id_of(data), text_of(data, "text"))
        self.screen("done", {"what": "whispered"})
        await self.show_watched(staff)

    async def _take(self, staff: StaffRow, data: Data) -> None:
        await self.services.desk.take(staff.id, id_of(data))
        self.screen("done", {"what": "taken"})
        await self._show_all(staff)

    async def _reassign(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            ledger, note = self.services.ledger, text_of(data, "note")[:1000]
            await reassign(session, ledger, staff, id_of(data), to=id_of(data, "to"), note=note)
        self.screen("done", {"what": "reassigned"})
        await self._show_all(staff)

    async def _acknowledge(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await access_acknowledge(session, self.services.ledger, staff, id_of(data))
        await self.show_state(staff)

    async def _show_all(self, staff: StaffRow) -> None:
        await self.show_watched(staff)
        await self.show_state(staff)
