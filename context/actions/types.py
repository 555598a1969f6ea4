"""The shapes of actions: who asks in what context, what comes out, what a refusal is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from context.events import Actor, EventData
from kit.errors import ConflictError

Arguments = TypeVar("Arguments")


class ActionRefusedError(ConflictError):
    """This cannot be done for this order or customer."""

    def __init__(self, reason: str, message: str | None = None) -> None:
        """`reason` is a word for programs, such as `not_delivered`; `message` a sentence for people."""
        super().__init__(message)
        self.reason = reason

    def as_json(self) -> dict[str, str]:
        """The JSON body, with the reason."""
        return super().as_json() | {"reason": self.reason}


@dataclass(frozen=True)
class ActionContext:
    """For whom and within which transaction. `key` is unique for one wish: performing it again with the same key does nothing twice."""

    session: AsyncSession
    conversation_id: UUID | None
    contact_id: UUID
    actor: Actor
    key: str
    now: datetime


@dataclass(frozen=True)
class ActionResult:
    """`data` fills `{effect:KEY}` in the reply and is JSON-ready; `events` are for the caller to append, none for a repeat."""

    data: dict[str, Any]
    events: tuple[EventData, ...] = ()


@dataclass(frozen=True)
class Action(Generic[Arguments]):
    """An action: its name, the frozen dataclass of its arguments, and what carries it out within the context's transaction."""

    name: str
    arguments: type[Arguments]
    run: Callable[[ActionContext, Arguments], Awaitable[ActionResult]]
