"""The port `Crm`: a customer system outside, as far as Baton needs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from kit.errors import UnavailableError


class CrmError(UnavailableError):
    """The customer system does not answer at the moment."""


class CrmRefusedError(Exception):
    """The customer system refuses what it was told; trying again would not help."""


@dataclass(frozen=True)
class CrmContact:
    """What the system knows of somebody: `tags` become labels, `attributes` are kept under their names."""

    external_id: str
    name: str | None = None
    tags: tuple[str, ...] = ()
    attributes: dict[str, Any] = field(default_factory=dict)


class Crm(Protocol):
    """A customer system. Every method ends within its own time limit and raises CrmError when it cannot be asked."""

    @property
    def name(self) -> str:
        """What stands in the tables."""

    async def find(self, email: str) -> CrmContact | None:
        """Whom the system knows by a proven e-mail address."""

    async def add_note(self, external_id: str, text: str, *, at: datetime) -> str:
        """Writes a note about a conversation and its outcome; returns its id there. Raises CrmRefusedError."""


@dataclass
class MemoryCrm:
    """The fake of the port; `down` makes it unreachable."""

    name: str = "memory"
    contacts: dict[str, CrmContact] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)
    down: bool = False

    async def find(self, email: str) -> CrmContact | None:
        """See the port."""
        if self.down:
            raise CrmError
        return self.contacts.get(email)

    async def add_note(self, external_id: str, text: str, *, at: datetime) -> str:  # noqa: ARG002 - the port's shape
        """See the port."""
        if self.down:
            raise CrmError
        self.notes.append((external_id, text))
        return str(len(self.notes))
