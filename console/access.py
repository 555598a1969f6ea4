"""Who is at the other end: every page and every action asks again whether the login still lives and what the role allows."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from console.language import DEFAULT, language_of_browser, speak, spoken
from context.staff.accounts import check_may, find_session_staff
from context.staff.models import StaffRow
from desk.personal.preferences import DEFAULTS, Preferences, get_preferences
from kit.db import Database
from kit.errors import NotAuthenticatedError

COOKIE = "baton_staff"


class SessionEndedError(NotAuthenticatedError):
    """Your session has ended."""


@dataclass(frozen=True)
class Login:
    """A browser's login, by the token in its cookie."""

    database: Database
    token: str
    preferences: Preferences = DEFAULTS
    language: str = DEFAULT

    async def check(self, what: str) -> StaffRow:
        """Whose login this is. Raises SessionEndedError when it ended, NotAllowedError when the role does not allow `what`."""
        async with self.database.transaction() as session:
            return await self.check_in(session, what)

    async def check_in(self, session: AsyncSession, what: str) -> StaffRow:
        """The same, inside a transaction that is open already."""
        speak(self.language)
        staff = await find_session_staff(session, self.token)
        if staff is None:
            raise SessionEndedError
        check_may(staff, what)
        return staff


async def find_login(database: Database, request: Request) -> tuple[Login, StaffRow] | None:
    """The live login that a request carries, or None. From here on the request speaks the person's language."""
    token, asked = request.cookies.get(COOKIE, ""), language_of_browser(request.headers.get("accept-language", ""))
    speak(asked)
    async with database.transaction() as session:
        staff = await find_session_staff(session, token)
        if staff is None:
            return None
        preferences = await get_preferences(session, staff.id)
    speak(preferences.language or asked)
    return Login(database, token, preferences, spoken()), staff
