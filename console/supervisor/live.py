"""Follows what happens in the house for one open supervisors' page, and shows it: a burst of events is read once."""

from __future__ import annotations

import asyncio

from sqlalchemy.exc import SQLAlchemyError

from console.supervisor.commands import SupervisorCommands
from context.events import EventRecord
from context.stream import Item, Lagging, Subscription
from kit.errors import BatonError, NotAllowedError, NotAuthenticatedError, NotFoundError
from kit.log import get_logger

QUIET_SECONDS = 5.0  # presence is no event: it is looked at as often
GATHER_SECONDS, GATHER_ITEMS = 0.15, 200
OF_STATE = ("conversation.", "handoff.", "handback.", "agent.", "sla.", "alert.", "rating.", "message.received")

log = get_logger("console")


class LiveSupervisor:
    """The ear of one open page."""

    def __init__(self, commands: SupervisorCommands) -> None:
        self.commands = commands

    async def run(self) -> None:
        """Follows until cancelled, or until the login ends or may no longer supervise."""
        while True:
            try:
                with self.commands.services.hub.subscribe(_matters) as reader:
                    await self._follow(reader)
            except (NotAuthenticatedError, NotAllowedError):
                self.commands.screen("expired", {})
                return
            except Lagging:
                log.info("a supervisors' page fell behind and starts over")
            except (SQLAlchemyError, OSError, BatonError) as error:
                log.warning("a supervisors' page lost the database", reason=type(error).__name__)
                await asyncio.sleep(1)

    async def _follow(self, reader: Subscription) -> None:
        while True:
            item = await reader.next(QUIET_SECONDS)
            items = [] if item is None else [item]
            if items:
                await asyncio.sleep(GATHER_SECONDS)  # and no longer: in a busy house it is never quiet
                items += reader.waiting(GATHER_ITEMS)
            await self.show(items)

    async def show(self, items: list[Item]) -> None:
        """Shows what a burst of events changed; asks first whether the login may still see it."""
        staff = await self.commands.login.check(self.commands.right)
        events = [item for item in items if isinstance(item, EventRecord)]
        if any(event.conversation_id == self.commands.watched for event in events):
            try:
                await self.commands.show_watched(staff)
            except NotFoundError:
                self.commands.watched = None
        await self.commands.show_state(staff)


def _matters(item: Item) -> bool:
    return isinstance(item, EventRecord) and item.name.startswith((*OF_STATE, "message."))
