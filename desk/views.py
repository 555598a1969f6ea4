"""Which conversations a list holds, and in which order: once as SQL, and once for a single line that has changed. A test holds them equal.

Those who wait in the queue stand first, by their place in it; then the others, the most lately changed first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, case, cast, exists, func, literal, or_, tuple_

from context.labels.models import ConversationLabelRow
from context.models import ConversationRow
from context.types import Handler, Status
from desk.personal.models import NotificationRow
from desk.routing.order import queue_place
from kit.errors import InvalidInputError

if TYPE_CHECKING:
    from desk.inbox import InboxRow

MOST_CHOICES = 50
MENTION = "mention"
ME, NOBODY = "me", "nobody"


class View(StrEnum):
    """The lists that everybody has."""

    ALL = "all"
    MINE = "mine"
    UNASSIGNED = "unassigned"  # in the queue: a person is wanted, and nobody has it
    WAITING = "waiting"  # the customer waits for a person's answer, whoever holds it
    BREACHED = "breached"
    MENTIONS = "mentions"
    BOT = "bot"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Filters:
    """What narrows a list: within a field one of the values is enough, and every field that has values must agree.

    `agents` are ids of people, `me` or `nobody`; `teams` and `labels` are ids; `statuses` are those of `Status`.
    """

    labels: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()

    def as_json(self) -> dict[str, list[str]]:
        """The fields that have values."""
        return {f.name: list(getattr(self, f.name)) for f in fields(self) if getattr(self, f.name)}


NO_FILTERS = Filters()
_IDS = {"labels", "teams", "agents"}


def parse_filters(data: object) -> Filters:
    """Filters from JSON. Raises InvalidInputError for anything else."""
    if not isinstance(data, Mapping) or not set(data) <= {f.name for f in fields(Filters)}:
        raise InvalidInputError("There is no such filter")
    return Filters(**{name: _choices(name, values) for name, values in data.items()})


def _choices(name: str, values: object) -> tuple[str, ...]:
    if not isinstance(values, list) or len(values) > MOST_CHOICES or not all(isinstance(v, str) and len(v) <= 100 for v in values):
        raise InvalidInputError(f"The filter {name!r} is a list of at most {MOST_CHOICES} texts")
    for value in values if name in _IDS else ():
        if value not in (ME, NOBODY):
            _id(value)
    if name == "statuses" and not set(values) <= set(Status):
        raise InvalidInputError("There is no such status")
    return tuple(dict.fromkeys(values))


def _id(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise InvalidInputError("The id is malformed") from None


@dataclass(frozen=True)
class Place:
    """Where a line stands in its list; smaller comes first."""

    rank: int
    key: int
    id: UUID

    def as_text(self) -> str:
        """For the one who asks for what comes after it."""
        return f"{self.rank}:{self.key}:{self.id}"


def parse_place(said: object) -> Place | None:
    """The place in its text form. Raises InvalidInputError."""
    if not said:
        return None
    rank, _, rest = str(said).partition(":")
    key, _, which = rest.partition(":")
    try:
        return Place(int(rank), int(key), _id(which))
    except ValueError:
        raise InvalidInputError("There is no such place in the list") from None


@dataclass(frozen=True)
class Wanted:
    """One list as one person sees it. `mentioned`: conversations in which a note names them, for telling whether a line belongs."""

    staff_id: UUID
    view: View = View.ALL
    filters: Filters = NO_FILTERS
    mentioned: frozenset[UUID] = field(default=frozenset(), compare=False)

    def holds(self, row: InboxRow, *, now: datetime) -> bool:
        """Whether the list holds this line; the same as `condition`."""
        return self._in_view(row, now) and self._agrees(row)

    def _in_view(self, row: InboxRow, now: datetime) -> bool:
        if self.view == View.MENTIONS:
            return row.id in self.mentioned
        statuses = self.filters.statuses
        if self.view == View.RESOLVED or Status.RESOLVED in statuses:
            if row.status == Status.RESOLVED:
                return self.view in (View.RESOLVED, View.ALL)
            if self.view == View.RESOLVED:
                return False
        return row.status != Status.RESOLVED and {
            View.MINE: row.agent_id == self.staff_id,
            View.UNASSIGNED: row.handler == Handler.QUEUE,
            View.WAITING: row.handler != Handler.BOT and row.waiting_since is not None,
            View.BREACHED: row.due_at is not None and row.due_at <= now,
            View.BOT: row.handler == Handler.BOT,
        }.get(self.view, True)

    def _agrees(self, row: InboxRow) -> bool:
        wanted = self.filters
        return (
            (not wanted.labels or bool({str(label) for label in row.labels} & set(wanted.labels)))
            and (not wanted.teams or str(row.team_id) in wanted.teams)
            and (not wanted.channels or row.channel in wanted.channels)
            and (not wanted.languages or row.language in wanted.languages)
            and (not wanted.statuses or row.status in wanted.statuses)
            and (not wanted.agents or self._agent(row) in self._agents())
        )

    def _agents(self) -> set[str]:
        return {str(self.staff_id) if agent == ME else agent for agent in self.filters.agents}

    @staticmethod
    def _agent(row: InboxRow) -> str:
        return str(row.agent_id) if row.agent_id else NOBODY

    def condition(self, *, now: datetime) -> list[ColumnElement[bool]]:
        """The conditions on `ConversationRow` that make this list."""
        return [*self._view_condition(now), *self._filter_conditions()]

    def _view_condition(self, now: datetime) -> list[ColumnElement[bool]]:
        table = ConversationRow
        if self.view == View.MENTIONS:
            mine = (NotificationRow.staff_id == self.staff_id, NotificationRow.kind == MENTION)
            return [exists().where(NotificationRow.conversation_id == table.id, *mine)]
        if self.view == View.RESOLVED:
            return [table.status == Status.RESOLVED]
        if self.view == View.ALL and Status.RESOLVED in self.filters.statuses:
            return []
        of_view: dict[View, list[ColumnElement[bool]]] = {
            View.MINE: [table.agent_id == self.staff_id],
            View.UNASSIGNED: [table.handler == Handler.QUEUE],
            View.WAITING: [table.handler != Handler.BOT, table.waiting_since.is_not(None)],
            View.BREACHED: [table.due_at <= now],
            View.BOT: [table.handler == Handler.BOT],
        }
        return [table.status != Status.RESOLVED, *of_view.get(self.view, [])]

    def _filter_conditions(self) -> list[ColumnElement[bool]]:
        wanted, table = self.filters, ConversationRow
        found: list[ColumnElement[bool]] = []
        if wanted.labels:
            on = (ConversationLabelRow.conversation_id == table.id, ConversationLabelRow.label_id.in_([UUID(i) for i in wanted.labels]))
            found.append(exists().where(*on))
        if wanted.teams:
            found.append(table.team_id.in_([UUID(i) for i in wanted.teams]))
        if wanted.agents:
            ids = [UUID(agent) for agent in self._agents() if agent != NOBODY]
            found.append(or_(table.agent_id.in_(ids), literal(NOBODY in wanted.agents) & table.agent_id.is_(None)))
        for column, values in ((table.channel, wanted.channels), (table.language, wanted.languages), (table.status, wanted.statuses)):
            if values:
                found.append(column.in_(values))
        return found


def place_of(row: InboxRow) -> Place:
    """Where a line stands; the same as `place_columns`."""
    if row.status == Status.RESOLVED:
        return Place(2, -_micros(row.resolved_at or row.updated_at), row.id)
    if row.handler == Handler.QUEUE:
        return Place(0, _micros(row.queue_at or row.updated_at), row.id)
    return Place(1, -_micros(row.updated_at), row.id)


def _micros(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def place_columns() -> tuple[ColumnElement[Any], ColumnElement[Any], ColumnElement[Any]]:
    """The columns that order a list."""
    table = ConversationRow
    resolved, queued = table.status == Status.RESOLVED, table.handler == Handler.QUEUE
    rank = case((resolved, 2), (queued, 0), else_=1)
    key = case(
        (resolved, -_sql_micros(func.coalesce(table.resolved_at, table.updated_at))),
        (queued, _sql_micros(func.coalesce(queue_place(), table.updated_at))),
        else_=-_sql_micros(table.updated_at),
    )
    return rank, key, table.id.expression


def _sql_micros(at: Any) -> ColumnElement[int]:
    return cast(func.extract("epoch", at) * 1_000_000, BigInteger)


def after(place: Place) -> ColumnElement[bool]:
    """The condition for what comes after a place."""
    return tuple_(*place_columns()) > tuple_(literal(place.rank), literal(place.key, BigInteger), literal(place.id))
