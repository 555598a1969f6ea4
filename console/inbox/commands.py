"""What the page asks for: each command is parsed, checked and answered, and a refusal never loses what was written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from assist.suggestions import record_dismissed, record_shown
from console.inbox.arguments import Data, id_in, maybe_id, number_in
from console.inbox.assist_commands import AssistCommands
from console.inbox.care_commands import CareCommands
from console.inbox.desk_page import DeskPage, Opened
from console.inbox.erasing_commands import ErasingCommands
from console.inbox.link_commands import LinkCommands
from console.inbox.list_commands import ListCommands
from console.inbox.writing_commands import WritingCommands
from console.refusals.telling import tell
from console.strings import strings
from context.staff.models import StaffRow
from kit.errors import BatonError, InvalidInputError, NotAuthenticatedError
from kit.log import get_logger

log = get_logger("console")
Handler = Callable[[StaffRow, Data], Awaitable[None]]


class Commands:
    """The hands of one open inbox."""

    def __init__(self, page: DeskPage) -> None:
        self.page = page
        self.handlers: dict[str, Handler] = {
            "open": self._open,
            "seen": self._seen,
            "leave": self._leave,
            "shown": self._shown,
            "dismiss": self._dismiss,
            "trace": self._trace,
            **ListCommands(page).handlers(),
            **WritingCommands(page).handlers(),
            **CareCommands(page).handlers(),
            **AssistCommands(page).handlers(),
            **LinkCommands(page).handlers(),
            **ErasingCommands(page).handlers(),
        }

    async def run(self, data: Data) -> None:
        """Carries out one command, after asking again who is there. What goes wrong is told to the page, with the command's `id`."""
        kind, reference = str(data.get("kind")), str(data.get("id", ""))
        try:
            await self._obey(kind, data)
        except NotAuthenticatedError:
            self.page.screen("expired", {"id": reference})
        except BatonError as error:
            self._failed(kind, reference, *tell(error), code=error.code)
        except (DBAPIError, NoConnectionError, OSError) as error:
            log.warning("a command of the inbox failed", kind=kind, reason=type(error).__name__)
            self._failed(kind, reference, strings()["error_database"], None)
        else:
            if reference:
                self.page.screen("done", {"id": reference, "kind": kind})

    async def _obey(self, kind: str, data: Data) -> None:
        handler = self.handlers.get(kind)
        if handler is None:
            raise InvalidInputError(strings()["error_unknown_command"])
        if kind == "open":
            return await self._open(None, data)
        return await handler(await self.page.login.check("converse"), data)

    def _failed(self, kind: str, reference: str, message: str, hint: str | None, *, code: str = "") -> None:
        self.page.screen("failed", {"id": reference, "kind": kind, "message": message, "hint": hint or "", "code": code})

    async def _open(self, _staff: StaffRow | None, data: Data) -> None:
        await self.page.open(id_in(data, "conversation"))  # an agent waits for it: who is there is asked in the reading that shows it

    async def _seen(self, _staff: StaffRow, data: Data) -> None:
        await self.page.seen(self._opened(data).id, number_in(data, "seq"))

    async def _leave(self, _staff: StaffRow, _data: Data) -> None:
        self.page.leave()

    async def _shown(self, staff: StaffRow, data: Data) -> None:
        opened = self._opened(data)
        known = [found for found in map(maybe_id, data.get("ids") or ()) if found in opened.suggestions]
        if known and opened.may_answer(staff.id):
            async with self.page.services.database.transaction() as session:
                await record_shown(session, self.page.services.ledger, known, staff_id=staff.id)

    async def _dismiss(self, staff: StaffRow, data: Data) -> None:
        suggestion = own_suggestion(self.page, data)
        if suggestion is None:
            raise InvalidInputError(strings()["error_unknown_suggestion"])
        async with self.page.services.database.transaction() as session:
            await record_dismissed(session, self.page.services.ledger, suggestion, staff_id=staff.id)
        await self.page.show_suggestions()

    async def _trace(self, _staff: StaffRow, data: Data) -> None:
        self._opened(data)
        await self.page.show_trace(id_in(data, "message"))

    def _opened(self, data: Data) -> Opened:
        opened = self.page.opened
        if opened is None or opened.id != id_in(data, "conversation"):
            raise InvalidInputError(strings()["error_not_open"])
        return opened


def own_suggestion(page: DeskPage, data: Data) -> UUID | None:
    """The suggestion that is named, if it was made for the open conversation."""
    opened, named = page.opened, maybe_id(data.get("suggestion"))
    if opened is None or opened.id != id_in(data, "conversation") or named not in opened.suggestions:
        return None
    return named
