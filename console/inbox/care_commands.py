"""Taking care of a conversation: taking and letting go, labels, sleep, passing on, merging."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from assist.internal_words import check_words
from channels.comments import reply_privately
from console.inbox.arguments import Data, id_in, maybe_id, text_in, time_in
from console.inbox.desk_page import DeskPage
from console.inbox.sending import after_sending
from console.inbox.writing_commands import flush_held
from context.conversations import lock_conversation
from context.event_base import Actor
from context.labels.keeping import put_label, save_label, take_label_off
from context.staff.accounts import check_may
from context.staff.models import StaffRow
from desk.merging import merge_conversations
from desk.parting import part_conversations


class CareCommands:
    """The commands of the conversation's head."""

    def __init__(self, page: DeskPage) -> None:
        self.page = page

    def handlers(self) -> dict[str, Callable[[StaffRow, Data], Awaitable[None]]]:
        """What each command does."""
        return {
            "take": self._take, "release": self._release, "hand_back": self._hand_back, "resolve": self._resolve, "label": self._label,
            "new_label": self._new_label, "snooze": self._snooze, "wake": self._wake, "transfer": self._transfer, "merge": self._merge,
            "part": self._part, "private_reply": self._private_reply,
        }  # fmt: skip

    async def _take(self, staff: StaffRow, data: Data) -> None:
        await self.page.services.desk.take(staff.id, id_in(data, "conversation"))

    async def _release(self, staff: StaffRow, data: Data) -> None:
        await self.page.services.desk.release(staff.id, await self._let_go(staff, data))

    async def _hand_back(self, staff: StaffRow, data: Data) -> None:
        await self.page.services.desk.hand_back(staff.id, await self._let_go(staff, data))

    async def _resolve(self, staff: StaffRow, data: Data) -> None:
        await self.page.services.desk.resolve(staff.id, await self._let_go(staff, data))

    async def _let_go(self, staff: StaffRow, data: Data) -> UUID:
        """The conversation, after what was still held back for its customer has gone out."""
        conversation_id = id_in(data, "conversation")
        async with self.page.services.database.transaction() as session:
            sent = await flush_held(session, self.page, staff.id, conversation_id)
        for one in sent:
            await after_sending(self.page.services, one)
        return conversation_id

    async def _private_reply(self, staff: StaffRow, data: Data) -> None:
        services = self.page.services
        async with services.database.transaction() as session:
            conversation = await lock_conversation(session, id_in(data, "conversation"))
            text, comment = text_in(data, "text"), text_in(data, "comment")
            await check_words(session, services.ledger, conversation.id, staff_id=staff.id, text=text)
            await reply_privately(session, services.ledger, conversation, staff=staff, text=text, comment_id=comment)

    async def _label(self, staff: StaffRow, data: Data) -> None:
        services = self.page.services
        async with services.database.transaction() as session:
            conversation = await lock_conversation(session, id_in(data, "conversation"))
            change = put_label if data.get("on") else take_label_off
            await change(session, services.ledger, conversation, label_id=id_in(data, "label"), actor=Actor("agent", str(staff.id)))

    async def _new_label(self, staff: StaffRow, data: Data) -> None:
        check_may(staff, "manage_labels")
        services = self.page.services
        async with services.database.transaction() as session:
            label = await save_label(session, text_in(data, "title"), text_in(data, "colour"))
            if data.get("conversation"):
                conversation = await lock_conversation(session, id_in(data, "conversation"))
                await put_label(session, services.ledger, conversation, label_id=label.id, actor=Actor("agent", str(staff.id)))
        await self.page.show_meta()

    async def _snooze(self, staff: StaffRow, data: Data) -> None:
        await self.page.services.desk.snooze(staff.id, await self._let_go(staff, data), until=time_in(data, "until"))

    async def _wake(self, staff: StaffRow, data: Data) -> None:
        await self.page.services.desk.wake(staff.id, id_in(data, "conversation"))

    async def _transfer(self, staff: StaffRow, data: Data) -> None:
        desk, note = self.page.services.desk, text_in(data, "note").strip() or None
        conversation_id, team = await self._let_go(staff, data), maybe_id(data.get("team"))
        if team is not None:
            await desk.transfer_to_team(staff.id, conversation_id, team=team, note=note)
        else:
            await desk.transfer(staff.id, conversation_id, to=id_in(data, "to"), note=note)

    async def _merge(self, staff: StaffRow, data: Data) -> None:
        services, into = self.page.services, id_in(data, "conversation")
        async with services.database.transaction() as session:
            await merge_conversations(session, services.ledger, staff, source_id=id_in(data, "source"), into_id=into)
        await self.page.open(into)

    async def _part(self, staff: StaffRow, data: Data) -> None:
        services, opened = self.page.services, self.page.opened
        async with services.database.transaction() as session:
            merge = await part_conversations(session, services.ledger, staff, id_in(data, "merge"))
        await self.page.open(opened.id if opened is not None else merge.into_id)
