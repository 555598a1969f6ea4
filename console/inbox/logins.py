"""Whether the logins of open pages still live: asked of the database for all pages of this process at once."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from console.access import Login, SessionEndedError
from context.staff.accounts import check_may, find_sessions_staff
from context.staff.models import StaffRow
from kit.db import Database

RECHECK_SECONDS = 5.0  # so long may a login that was revoked still see what is pushed


class Logins:
    """The people at the open pages. What they ask for is checked by itself each time; this is for what they are told unasked.

    Asked by each page, fifty pages would ask at the same moment: with the first event after these seconds, which all of them hear.
    """

    def __init__(self, database: Database, *, every: float = RECHECK_SECONDS) -> None:
        self.database, self.every = database, every
        self._pages: Counter[str] = Counter()
        self._staff: dict[str, StaffRow] = {}
        self._read_at: dict[str, float] = {}
        self._reading = asyncio.Lock()

    @contextmanager
    def used_by(self, login: Login) -> Iterator[None]:
        """While this lasts, a page with this login is open."""
        self._pages[login.token] += 1
        try:
            yield
        finally:
            self._pages[login.token] -= 1
            if not self._pages[login.token]:
                for known in (self._pages, self._staff, self._read_at):
                    known.pop(login.token, None)

    async def check(self, login: Login, what: str) -> StaffRow:
        """Whose login this is, as known some seconds ago at most. Raises SessionEndedError and NotAllowedError."""
        if self._old(login.token):
            async with self._reading:
                if self._old(login.token):
                    await self._read({login.token, *self._pages})
        staff = self._staff.get(login.token)
        if staff is None:
            raise SessionEndedError
        check_may(staff, what)
        return staff

    def _old(self, token: str) -> bool:
        read_at = self._read_at.get(token)
        return read_at is None or time.monotonic() - read_at > self.every

    async def _read(self, tokens: set[str]) -> None:
        at = time.monotonic()
        async with self.database.transaction() as session:
            self._staff = await find_sessions_staff(session, tokens)
        self._read_at = dict.fromkeys(tokens, at)
