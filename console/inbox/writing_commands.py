"""Writing: replies that can be undone for a moment, notes that name colleagues, drafts, macros, files, and who types."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from assist.internal_words import check_words, note_confirmed
from assist.suggestions import check_may_send
from console.inbox.arguments import Data, id_in, ids_in, maybe_id, text_in
from console.inbox.desk_page import DeskPage
from console.inbox.sending import after_sending
from console.inbox.view import held_json
from context.attachments.keeping import blob_key, remove_unsent, staff_owner
from context.conversations import lock_conversation
from context.macros.storing import list_macros
from context.macros.using import render_macro
from context.outbound import Sending, record_note
from context.staff.models import StaffRow
from desk.personal import outgoing
from desk.personal.drafts import Draft, check_draft, forget_draft, keep_draft
from desk.personal.notifications import mention
from desk.personal.outgoing import Outgoing, Written
from desk.personal.preferences import get_preferences
from kit.clock import utc_now


class WritingCommands:
    """The commands of the composer."""

    def __init__(self, page: DeskPage) -> None:
        self.page = page
        self._sending = asyncio.Lock()

    def handlers(self) -> dict[str, Callable[[StaffRow, Data], Awaitable[None]]]:
        """What each command does."""
        return {
            "send": self._send, "undo": self._undo, "typing": self._typing, "draft": self._draft, "macros": self._macros,
            "macro": self._macro,
            "remove_file": self._remove_file,
        }  # fmt: skip

    async def _send(self, staff: StaffRow, data: Data) -> None:
        async with self._sending:
            await (self._note(staff, data) if data.get("note") else self._reply(staff, data))
        self.page.shared.viewers.writes(self.page, id_in(data, "conversation"), on=False)

    async def _note(self, staff: StaffRow, data: Data) -> None:
        services, conversation_id = self.page.services, id_in(data, "conversation")
        key = uuid5(conversation_id, f"{staff.id}:{text_in(data, 'id')}")
        async with services.database.transaction() as session:
            conversation = await lock_conversation(session, conversation_id)
            seq = conversation.seq
            sending = Sending(key=key, files=ids_in(data, "files"))
            note = await record_note(session, services.ledger, conversation, staff=staff, text=text_in(data, "text"), sending=sending)
            if note.seq > seq:  # a repeat tells nobody again
                await mention(session, services.ledger, conversation, note=note, named=ids_in(data, "mentions"), by=staff.id)
            await forget_draft(session, staff.id, conversation_id)

    async def _reply(self, staff: StaffRow, data: Data) -> None:
        services, conversation_id = self.page.services, id_in(data, "conversation")
        opened = self.page.opened
        named = maybe_id(data.get("suggestion"))
        known = opened is not None and opened.id == conversation_id and named in opened.suggestions
        async with services.database.transaction() as session:
            if known and named is not None:
                await check_may_send(session, named, text_in(data, "text"))
            if data.get("confirmed") is True:
                note_confirmed(conversation_id, staff_id=staff.id)
            else:
                await check_words(session, services.ledger, conversation_id, staff_id=staff.id, text=text_in(data, "text"))
        if data.get("take") and await self._is_new(staff, data):
            await services.desk.take(staff.id, conversation_id)
        written = Written(
            conversation_id, text_in(data, "text"), named if known else None, ids_in(data, "files"), maybe_id(data.get("macro"))
        )
        async with services.database.transaction() as session:
            seconds = (await get_preferences(session, staff.id)).undo_seconds
            held = await outgoing.hold(session, services.ledger, staff, text_in(data, "id"), written=written, seconds=seconds)
            await forget_draft(session, staff.id, conversation_id)
            sent = await outgoing.send(session, services.ledger, held.id) if seconds == 0 else None
        if sent is not None:
            await after_sending(services, sent)
        else:
            self._show_held(held)

    async def _is_new(self, staff: StaffRow, data: Data) -> bool:
        async with self.page.services.database.transaction() as session:
            return await outgoing.find_outgoing(session, staff.id, text_in(data, "id")) is None

    def _show_held(self, held: Outgoing) -> None:
        if held.state == "held" and self.page.opened is not None and self.page.opened.id == held.written.conversation_id:
            self.page.show_in_opened("held", {"held": held_json(held, now=utc_now())})

    async def _undo(self, staff: StaffRow, data: Data) -> None:
        async with self.page.services.database.transaction() as session:
            undone = await outgoing.undo(session, staff.id, text_in(data, "sending"))
            written = undone.written
            draft = Draft(written.conversation_id, written.text, {"files": [str(f) for f in written.files]})
            await keep_draft(session, staff, draft, now=self.page.services.ledger.now)
        self.page.screen("undone", {"conversation": str(written.conversation_id), "sending": undone.client_id, "text": written.text})

    async def _typing(self, staff: StaffRow, data: Data) -> None:
        opened, on = self.page.opened, bool(data.get("on"))
        if opened is None or opened.id != id_in(data, "conversation"):
            return
        self.page.shared.viewers.writes(self.page, opened.id, on=on)
        if opened.row.agent_id == staff.id and not data.get("note"):
            await self.page.services.desk.typing(staff.id, opened.id, on=on)

    async def _draft(self, staff: StaffRow, data: Data) -> None:
        text, body = check_draft(data.get("text"), data.get("body") or {})
        draft = Draft(id_in(data, "conversation"), text, body)
        async with self.page.services.database.transaction() as session:
            await keep_draft(session, staff, draft, now=utc_now())

    async def _macros(self, staff: StaffRow, data: Data) -> None:
        async with self.page.services.database.transaction() as session:
            found = await list_macros(session, staff, text=text_in(data, "text"))
        items = [{"id": str(m.id), "title": m.title, "text": next(iter(m.draft.bodies.values()), "")[:200]} for m in found[:20]]
        self.page.screen("macros", {"text": text_in(data, "text"), "items": items})

    async def _macro(self, staff: StaffRow, data: Data) -> None:
        conversation_id = id_in(data, "conversation")
        async with self.page.services.database.transaction() as session:
            filled = await render_macro(session, staff, id_in(data, "macro"), conversation_id=conversation_id)
        result = {"conversation": str(conversation_id), "macro": str(filled.macro_id), "title": filled.title, "text": filled.text}
        self.page.screen("macro", result | {"steps": [step.step.value for step in filled.actions]})

    async def _remove_file(self, staff: StaffRow, data: Data) -> None:
        file_id = id_in(data, "file")
        async with self.page.services.database.transaction() as session:
            removed = await remove_unsent(session, file_id, owner=staff_owner(staff.id))
        if removed:
            await asyncio.to_thread(self.page.services.articles.blobs.delete, blob_key(file_id))


async def flush_held(session: AsyncSession, page: DeskPage, staff_id: UUID, conversation_id: UUID) -> list[outgoing.Sent]:
    """Sends at once what this person still holds back there: they are about to let the conversation go."""
    held = await outgoing.list_held(session, staff_id, conversation_id)
    sent = [await outgoing.send(session, page.services.ledger, one.id) for one in held]
    return [one for one in sent if one is not None]
