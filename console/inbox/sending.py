"""Sends what was held back, when its time has come, whether or not the page that wrote it is still open."""

from __future__ import annotations

import asyncio

from sqlalchemy.exc import SQLAlchemyError

from assist.suggestions import record_used
from console.inbox.macro_steps import follow_macro
from console.services import ConsoleServices
from context.attachments.keeping import blob_key, sweep_unsent
from desk.personal import outgoing
from desk.personal.drafts import sweep_drafts
from desk.personal.outgoing import Sent
from kit.errors import BatonError
from kit.log import get_logger

LOOK_SECONDS = 0.25
SWEEP_EVERY = 3600.0

log = get_logger("console")


async def after_sending(services: ConsoleServices, sent: Sent) -> None:
    """What follows from a reply that has gone out: that its suggestion was used is recorded, and the steps of its macro are done."""
    suggestion, message = sent.outgoing.written.suggestion_id, sent.message
    if message is None:
        return
    await follow_macro(services, sent.outgoing)
    if suggestion is None:
        return
    try:
        async with services.database.transaction() as session:
            await record_used(
                session, services.ledger, suggestion, staff_id=sent.outgoing.staff_id, message_id=message.id, sent_text=message.content.text
            )
    except BatonError as error:  # the reply is with the customer: that the draft is gone must not look like a failure
        log.warning("the use of a suggestion was not recorded", reason=error.code)


class HeldSender:
    """Looks a few times a second for what must go out. Any number of processes may do so: each sending goes out once."""

    def __init__(self, services: ConsoleServices) -> None:
        self.services = services

    async def run(self) -> None:
        """Sends until cancelled; forgets what is long settled once an hour."""
        swept = -SWEEP_EVERY
        while True:
            try:
                await self.send_due()
                if asyncio.get_running_loop().time() - swept > SWEEP_EVERY:
                    swept = asyncio.get_running_loop().time()
                    await self.sweep()
            except (SQLAlchemyError, OSError) as error:
                log.warning("held messages could not be sent", reason=type(error).__name__)
                await asyncio.sleep(1)
            await asyncio.sleep(LOOK_SECONDS)

    async def send_due(self) -> int:
        """Sends what is due; returns how many."""
        database, ledger, count = self.services.database, self.services.ledger, 0
        async with database.transaction() as session:
            due = await outgoing.list_due(session, now=ledger.now)
        for outgoing_id in due:
            async with database.transaction() as session:
                sent = await outgoing.send(session, ledger, outgoing_id)
            if sent is not None:
                count += 1
                await after_sending(self.services, sent)
        return count

    async def sweep(self) -> None:
        """Forgets files and drafts that nobody sent, and what was settled long ago."""
        now = self.services.ledger.now
        async with self.services.database.transaction() as session:
            await sweep_drafts(session, now=now)
            await outgoing.sweep_settled(session, now=now)
            files = await sweep_unsent(session, now=now)
        for file_id in files:
            await asyncio.to_thread(self.services.articles.blobs.delete, blob_key(file_id))
