"""Commands of a page: each asks again who is there and whether they may, and tells the page what went wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from console.access import Login
from console.refusals.telling import tell_in_one
from console.services import ConsoleServices
from console.strings import strings
from console.web import Screen
from context.staff.models import StaffRow
from kit.errors import BatonError, InvalidInputError, NotAuthenticatedError
from kit.log import get_logger

EDIT = "edit_articles"

log = get_logger("console")
Data = Mapping[str, Any]
Handler = Callable[[StaffRow, Data], Awaitable[None]]


class Obeying:
    """Runs commands by name, with the rights of a login, and tells the page what went wrong.

    `right` is what all commands need, save those that `rights` names.
    """

    right = EDIT
    rights: Mapping[str, str] = MappingProxyType({})

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        self.services = services
        self.login = login
        self.screen = screen
        self.handlers: dict[str, Handler] = {}

    async def run(self, data: Data) -> None:
        """Carries out one command."""
        kind = str(data.get("kind"))
        try:
            if kind not in self.handlers:
                raise InvalidInputError(strings()["error_unknown_command"])
            staff = await self.login.check(self.rights.get(kind, self.right))
            await self.handlers[kind](staff, data)
        except NotAuthenticatedError:
            self.screen("expired", {"kind": kind})
        except BatonError as error:
            self.screen("failed", {"kind": kind, "message": tell_in_one(error)})
        except (DBAPIError, NoConnectionError, OSError) as error:
            log.warning("a command of a page failed", kind=kind, reason=type(error).__name__)
            self.screen("failed", {"kind": kind, "message": strings()["error_database"]})


def text_of(data: Data, name: str) -> str:
    """The text of that name; empty when there is none."""
    value = data.get(name)
    return value if isinstance(value, str) else ""


def texts_of(data: Data, name: str) -> list[str]:
    """The texts of that name; none when there is no list of them."""
    value = data.get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def number_of(data: Data, name: str) -> int:
    """The whole number of that name. Raises InvalidInputError."""
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidInputError(strings()["error_unknown_command"])
    return value


def number_or(data: Data, name: str, default: int) -> int:
    """The whole number of that name, or the default."""
    value = data.get(name)
    return value if isinstance(value, int) else default


def id_of(data: Data, name: str = "id") -> UUID:
    """The id of that name. Raises InvalidInputError."""
    try:
        return UUID(str(data.get(name)))
    except ValueError:
        raise InvalidInputError(strings()["error_malformed_id"]) from None
