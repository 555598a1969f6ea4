"""Who looks at which conversation and writes in it: known in this process only, as all pages of the console are here. Never stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

Json = dict[str, Any]


@dataclass
class Looking:
    """One open page and what it has open."""

    staff_id: UUID
    name: str
    tell: Callable[[UUID, list[Json]], None]
    conversation_id: UUID | None = None
    writes: bool = False


class Viewers:
    """All open pages."""

    def __init__(self) -> None:
        self._pages: dict[object, Looking] = {}

    def enter(self, page: object, looking: Looking) -> None:
        """A page has opened a conversation, or none."""
        before = self._pages.get(page)
        self._pages[page] = looking
        self._tell({before.conversation_id if before else None, looking.conversation_id})

    def leave(self, page: object) -> None:
        """A page is gone."""
        before = self._pages.pop(page, None)
        if before is not None:
            self._tell({before.conversation_id})

    def writes(self, page: object, conversation_id: UUID, *, on: bool) -> None:
        """Somebody begins or stops to write there."""
        looking = self._pages.get(page)
        if looking is not None and looking.conversation_id == conversation_id and looking.writes != on:
            looking.writes = on
            self._tell({conversation_id})

    def _tell(self, conversation_ids: set[UUID | None]) -> None:
        for conversation_id in conversation_ids - {None}:
            here = [page for page in self._pages.values() if page.conversation_id == conversation_id]
            for page in here:
                others: dict[UUID, Json] = {}
                for other in here:
                    if other.staff_id != page.staff_id:
                        known = others.get(other.staff_id, {"writes": False})
                        others[other.staff_id] = {"id": str(other.staff_id), "name": other.name, "writes": other.writes or known["writes"]}
                assert conversation_id is not None
                page.tell(conversation_id, list(others.values()))
