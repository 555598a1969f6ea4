"""What a macro does beside its text, once its reply has gone out: labels, a note, handing back, resolving; and its use is counted."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from console.services import ConsoleServices
from context.conversations import lock_conversation
from context.event_base import Actor
from context.labels.keeping import list_labels, put_label, take_label_off
from context.ledger import Ledger
from context.macros.storing import record_macro_used
from context.macros.types import MacroAction, MacroStep
from context.macros.using import render_macro
from context.models import ConversationRow
from context.outbound import Sending, record_note
from context.staff.accounts import get_staff
from desk.personal.outgoing import Outgoing
from kit.errors import BatonError
from kit.log import get_logger

log = get_logger("console")


async def follow_macro(services: ConsoleServices, outgoing: Outgoing) -> None:
    """Carries out the steps with the rights of whoever sent it. What cannot be done is logged: the reply is with the customer already."""
    written = outgoing.written
    if written.macro_id is None:
        return
    try:
        async with services.database.transaction() as session:
            staff = await get_staff(session, outgoing.staff_id)
            filled = await render_macro(session, staff, written.macro_id, conversation_id=written.conversation_id)
            await record_macro_used(session, written.macro_id, at=services.ledger.now)
            conversation = await lock_conversation(session, written.conversation_id)
            await _label(session, services.ledger, conversation, steps=filled.actions, actor=Actor("agent", str(staff.id)))
            for note in (one.value for one in filled.actions if one.step == MacroStep.ADD_NOTE):
                await record_note(session, services.ledger, conversation, staff=staff, text=note, sending=Sending())
        steps = {one.step for one in filled.actions}
        if MacroStep.HAND_BACK in steps:
            await services.desk.hand_back(outgoing.staff_id, written.conversation_id)
        elif MacroStep.RESOLVE in steps:
            await services.desk.resolve(outgoing.staff_id, written.conversation_id)
    except BatonError as error:
        log.warning("a step of a macro was not done", reason=error.code)


async def _label(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, steps: Iterable[MacroAction], actor: Actor
) -> None:
    known = {label.title.casefold(): label.id for label in await list_labels(session)}
    for one in steps:
        label_id = known.get(one.value.casefold())
        if one.step in (MacroStep.ADD_LABEL, MacroStep.REMOVE_LABEL) and label_id is None:
            log.warning("a macro names a label that does not exist")
        elif one.step == MacroStep.ADD_LABEL and label_id is not None:
            await put_label(session, ledger, conversation, label_id=label_id, actor=actor)
        elif one.step == MacroStep.REMOVE_LABEL and label_id is not None:
            await take_label_off(session, ledger, conversation, label_id=label_id, actor=actor)
