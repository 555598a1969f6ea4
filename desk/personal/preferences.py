"""How one person likes the console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from desk.personal.models import PreferenceRow
from kit.errors import InvalidInputError

LANGUAGES = ("en", "zh-Hant")
THEMES = ("system", "light", "dark")
UNDO_SECONDS = (0, 5, 10)


@dataclass(frozen=True)
class Preferences:
    """`language` of the interface (empty: that of the browser), `theme`, whether new messages make a sound or a desktop notification,
    for how many seconds what is sent can be taken back, and whether single letters are shortcuts.
    """

    language: str = ""
    theme: str = "system"
    sound: bool = False
    desktop: bool = False
    undo_seconds: int = 5
    keys: bool = True


DEFAULTS = Preferences()
_ALLOWED: Mapping[str, tuple[Any, ...]] = {
    "language": ("", *LANGUAGES),
    "theme": THEMES,
    "sound": (False, True),
    "desktop": (False, True),
    "undo_seconds": UNDO_SECONDS,
    "keys": (False, True),
}


async def get_preferences(session: AsyncSession, staff_id: UUID) -> Preferences:
    """What the person chose, and the defaults for the rest."""
    row = await session.get(PreferenceRow, staff_id, populate_existing=True)
    known = {f.name for f in fields(Preferences)}
    return Preferences(**{name: value for name, value in (row.data if row else {}).items() if name in known})


async def change_preferences(session: AsyncSession, staff_id: UUID, changes: Mapping[str, Any]) -> Preferences:
    """Changes some of them. Raises InvalidInputError for what does not exist."""
    for name, value in changes.items():
        if not any(value is known or (value == known and type(value) is type(known)) for known in _ALLOWED.get(name, ())):
            raise InvalidInputError("There is no such setting", hint=f"Settings are {', '.join(_ALLOWED)}.")
    changed = replace(await get_preferences(session, staff_id), **changes)
    row = insert(PreferenceRow).values(staff_id=staff_id, data=asdict(changed))
    await session.execute(row.on_conflict_do_update(index_elements=["staff_id"], set_={"data": row.excluded.data}))
    return changed
