"""What the page asks for: each command is parsed, checked and answered, and a refusal never loses what was written."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from assist.suggestions import check_may_send, record_dismissed, record_shown, record_used
from console.inbox.assist_commands import AssistCommands
from console.inbox.desk_page import MOST, PAGE, DeskPage, Opened
from console.strings import strings
from context.staff.models import StaffRow
from context.types import MessageView
from desk.inbox import View
from kit.errors import BatonError, InvalidInputError, NotAuthenticatedError
from kit.log import get_logger

REMEMBERED = 50

log = get_logger("console")
Data = Mapping[str, Any]


class Commands:
    """The hands of one open inbox."""

    def __init__(self, page: DeskPage) -> None:
        self.page = page
        self._sent: OrderedDict[str, None] = OrderedDict()  # ids of what was sent, so that a repeat sends nothing twice
        self._sending = asyncio.Lock()
        self._handlers: dict[str, Callable[[StaffRow, Data], Awaitable[None]]] = {
            "view": self._choose_view,
            "more": self._show_more,
            "open": self._open,
            "send": self._send,
            "take": self._take,
            "release": self._release,
            "hand_back": self._hand_back,
            "resolve": self._resolve,
            "typing": self._typing,
            "shown": self._shown,
            "dismiss": self._dismiss,
            "trace": self._trace,
        } | AssistCommands(page).handlers()

    async def run(self, data: Data) -> None:
        """Carries out one command, after asking again who is there. What goes wrong is told to the page, with the command's `id`."""
        kind, reference = str(data.get("kind")), str(data.get("id", ""))
        try:
            handler = self._handlers.get(kind)
            if handler is None:
                raise InvalidInputError(strings()["error_unknown_command"])
            staff = await self.page.login.check("converse")
            await handler(staff, data)
        except NotAuthenticatedError:
            self.page.screen("expired", {"id": reference})
        except BatonError as error:
            self._failed(kind, reference, error.message, error.hint)
        except (DBAPIError, OSError) as error:
            log.warning("a command of the inbox failed", kind=kind, reason=type(error).__name__)
            self._failed(kind, reference, strings()["error_database"], None)
        else:
            if reference:
                self.page.screen("done", {"id": reference, "kind": kind})

    def _failed(self, kind: str, reference: str, message: str, hint: str | None) -> None:
        self.page.screen("failed", {"id": reference, "kind": kind, "message": message, "hint": hint or ""})

    async def _choose_view(self, _staff: StaffRow, data: Data) -> None:
        try:
            self.page.view = View(data["view"])
        except (ValueError, KeyError):
            raise InvalidInputError(strings()["error_unknown_view"]) from None
        self.page.limit = PAGE
        await self.page.show_list()

    async def _show_more(self, _staff: StaffRow, _data: Data) -> None:
        self.page.limit = min(self.page.limit * 2, MOST)
        await self.page.show_list()

    async def _open(self, _staff: StaffRow, data: Data) -> None:
        await self.page.open(_id(data, "conversation"))

    async def _send(self, staff: StaffRow, data: Data) -> None:
        reference = str(data.get("id", ""))
        async with self._sending:
            if reference not in self._sent:
                await self._send_once(staff, data)
                self._sent[reference] = None
            while len(self._sent) > REMEMBERED:
                self._sent.popitem(last=False)

    async def _send_once(self, staff: StaffRow, data: Data) -> None:
        conversation, text = _id(data, "conversation"), str(data.get("text", ""))
        desk = self.page.services.desk
        if data.get("note"):
            await desk.note(staff.id, conversation, text)
        else:
            suggestion = self._own_suggestion(data)
            if suggestion is not None:
                async with self.page.services.database.transaction() as session:
                    await check_may_send(session, suggestion, text)
            if data.get("take"):
                await desk.take(staff.id, conversation)
            message = await desk.reply(staff.id, conversation, text, suggestion_id=suggestion, reference=str(data.get("id") or "") or None)
            if suggestion is not None:
                await self._record_used(staff, suggestion, message, text)

    async def _record_used(self, staff: StaffRow, suggestion: UUID, message: MessageView, text: str) -> None:
        services = self.page.services
        try:
            async with services.database.transaction() as session:
                await record_used(session, services.ledger, suggestion, staff_id=staff.id, message_id=message.id, sent_text=text)
        except BatonError as error:  # the reply is with the customer: that the draft is gone must not look like a failure
            log.warning("the use of a suggestion was not recorded", reason=error.code)

    async def _take(self, staff: StaffRow, data: Data) -> None:
        await self.page.services.desk.take(staff.id, _id(data, "conversation"))

    async def _release(self, staff: StaffRow, data: Data) -> None:
        await self.page.services.desk.release(staff.id, _id(data, "conversation"))

    async def _hand_back(self, staff: StaffRow, data: Data) -> None:
        await self.page.services.desk.hand_back(staff.id, _id(data, "conversation"))

    async def _resolve(self, staff: StaffRow, data: Data) -> None:
        await self.page.services.desk.resolve(staff.id, _id(data, "conversation"))

    async def _typing(self, staff: StaffRow, data: Data) -> None:
        opened = self.page.opened
        if opened is not None and opened.id == _id(data, "conversation") and opened.row["agentId"] == str(staff.id):
            await self.page.services.desk.typing(staff.id, opened.id, on=bool(data.get("on")))

    async def _shown(self, staff: StaffRow, data: Data) -> None:
        opened = self._opened(data)
        known = [found for found in map(_as_id, data.get("ids") or ()) if found in opened.suggestions]
        if known and opened.may_answer(staff.id):
            async with self.page.services.database.transaction() as session:
                await record_shown(session, self.page.services.ledger, known, staff_id=staff.id)

    async def _dismiss(self, staff: StaffRow, data: Data) -> None:
        suggestion = self._own_suggestion(data)
        if suggestion is None:
            raise InvalidInputError(strings()["error_unknown_suggestion"])
        async with self.page.services.database.transaction() as session:
            await record_dismissed(session, self.page.services.ledger, suggestion, staff_id=staff.id)
        await self.page.show_suggestions()

    async def _trace(self, _staff: StaffRow, data: Data) -> None:
        self._opened(data)
        await self.page.show_trace(_id(data, "message"))

    def _opened(self, data: Data) -> Opened:
        opened = self.page.opened
        if opened is None or opened.id != _id(data, "conversation"):
            raise InvalidInputError(strings()["error_not_open"])
        return opened

    def _own_suggestion(self, data: Data) -> UUID | None:
        """The suggestion that is named, if it was made for the open conversation."""
        opened, named = self.page.opened, _as_id(data.get("suggestion"))
        if opened is None or opened.id != _id(data, "conversation") or named not in opened.suggestions:
            return None
        return named


def _as_id(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


def _id(data: Data, name: str) -> UUID:
    found = _as_id(data.get(name))
    if found is None:
        raise InvalidInputError(strings()["error_malformed_id"])
    return found
