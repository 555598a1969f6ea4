"""Trained models and which one serves: a row a model, a row a change. The newest activation names the live model on every node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from context.events import Actor
from context.ledger import Ledger
from context.staff.audit import Subject, record_change_of
from context.staff.models import StaffRow
from context.teaching_events import ModelActivated
from insights.models import ModelActivationRow, TrainedModelRow
from kit.clock import utc_now
from kit.errors import ConflictError, NotFoundError

KEEP = 5
FALLBACKS = 3
_LOCK = 0x6261746F6E05  # any fixed number: changes of the live model stand in line
TRAINED, CHOSEN, ROLLED_BACK, ADOPTED = "trained", "chosen", "rolled_back", "adopted"


class NothingBeforeError(ConflictError):
    """There is no earlier model to go back to."""


@dataclass(frozen=True)
class Doer:
    """Who did something: the id of a staff member, or the command line of a system user."""

    id: str
    name: str

    @property
    def actor(self) -> Actor:
        """The same for the event log."""
        return Actor("system", self.id) if self.id.startswith("command line") else Actor("agent", self.id)


def doer_of(staff: StaffRow) -> Doer:
    """A staff member."""
    return Doer(str(staff.id), staff.name)


@dataclass(frozen=True)
class ModelFacts:
    """What is known of a model when it has been trained. `digest` is the SHA-256 over its files, `size` that of its archive in bytes.

    `scores`: {"cross_validated": {group: accuracy}, "held_out": {"set", "overall", "sentences", "languages": {language: accuracy}}}.
    """

    id: str
    digest: str
    size: int
    encoders: Mapping[str, Any]
    scores: Mapping[str, Any]
    examples: int
    intents: Sequence[str]
    languages: Sequence[str]
    fine_tuned: bool = False


@dataclass(frozen=True)
class Model(ModelFacts):
    """A model as stored. `active`: it serves now; `removed`: its archive is gone."""

    author: str = ""
    created_at: datetime = field(default_factory=utc_now)
    active: bool = False
    removed: bool = False


@dataclass(frozen=True)
class Active:
    """The live model, and which change made it so."""

    activation: int
    model: Model


async def record_model(session: AsyncSession, facts: ModelFacts, *, by: Doer) -> None:
    """Stores what is known of a model. Its archive must be in the blob store already; a model that is known stays as it is."""
    if await session.get(TrainedModelRow, facts.id) is None:
        values = asdict(facts) | {"intents": list(facts.intents), "languages": list(facts.languages)}
        session.add(TrainedModelRow(**values, author=by.id, author_name=by.name, created_at=utc_now()))
        await session.flush()


async def record_scores(session: AsyncSession, model_id: str, scores: Mapping[str, Any]) -> None:
    """Adds scores to those of a model."""
    row = await _get_row(session, model_id)
    row.scores = {**row.scores, **scores}


async def find_active(session: AsyncSession) -> Active | None:
    """The live model, or None before the first."""
    row = await _newest(session)
    return await _active(session, row) if row is not None else None


async def find_candidates(session: AsyncSession) -> list[Active]:
    """The live model and those that served before it, newest first: what a node without any model may try in turn."""
    found: list[Active] = []
    row = await _newest(session)
    while row is not None and len(found) <= FALLBACKS:
        one = await _active(session, row)
        if not one.model.removed:
            found.append(one)
        row = await session.get(ModelActivationRow, row.returns_to) if row.returns_to is not None else None
    return found


async def get_model(session: AsyncSession, model_id: str) -> Model:
    """One model. Raises NotFoundError."""
    row = await _get_row(session, model_id)
    newest = await _newest(session)
    return _model(row, active=newest is not None and newest.model_id == row.id)


async def list_models(session: AsyncSession, *, limit: int = 100) -> list[Model]:
    """The newest models, newest first, removed ones too."""
    newest = await _newest(session)
    active = newest.model_id if newest is not None else None
    query = select(TrainedModelRow).order_by(TrainedModelRow.created_at.desc(), TrainedModelRow.id.desc()).limit(limit)
    return [_model(row, active=row.id == active) for row in (await session.execute(query)).scalars()]


async def activate(session: AsyncSession, ledger: Ledger, model_id: str, *, by: Doer, reason: str = CHOSEN) -> bool:
    """Makes a model the live one; returns False when it is already. Raises NotFoundError when it is unknown or its archive is gone."""
    await _stand_in_line(session)
    row = await _get_row(session, model_id)
    if row.removed_at is not None:
        raise NotFoundError(f"The archive of model {model_id} was removed", hint="`baton models list` shows which are there.")
    before = await _newest(session)
    if before is not None and before.model_id == model_id:
        return False
    change = ModelActivationRow(model_id=model_id, returns_to=before.id if before else None, reason=reason)
    await _record_change(session, ledger, change, before=before, by=by)
    return True


async def roll_back(session: AsyncSession, ledger: Ledger, *, by: Doer) -> str:
    """Makes the model live that was so before the present one; a second rollback goes one further. Raises NothingBeforeError."""
    await _stand_in_line(session)
    now = await _newest(session)
    before = await session.get(ModelActivationRow, now.returns_to) if now is not None and now.returns_to is not None else None
    while before is not None:
        row = await _get_row(session, before.model_id)
        if row.removed_at is None and now is not None and row.id != now.model_id:
            change = ModelActivationRow(model_id=row.id, returns_to=before.returns_to, reason=ROLLED_BACK)
            await _record_change(session, ledger, change, before=now, by=by)
            return row.id
        before = await session.get(ModelActivationRow, before.returns_to) if before.returns_to is not None else None
    raise NothingBeforeError(hint="`baton models activate ID` chooses any other one.")


async def prune(session: AsyncSession, *, keep: int = KEEP) -> list[Model]:
    """Marks all but the newest `keep` models as removed and returns them; the live one and the one before it stay."""
    await _stand_in_line(session)
    stay = {one.model.id for one in (await find_candidates(session))[:2]}
    query = select(TrainedModelRow).where(TrainedModelRow.removed_at.is_(None)).order_by(TrainedModelRow.created_at.desc())
    rows = list((await session.execute(query)).scalars())
    gone = [row for row in rows[keep:] if row.id not in stay]
    for row in gone:
        row.removed_at = utc_now()
    still = {row.digest for row in rows if row not in gone}
    return [_model(row) for row in gone if row.digest not in still]


async def _record_change(
    session: AsyncSession, ledger: Ledger, change: ModelActivationRow, *, before: ModelActivationRow | None, by: Doer
) -> None:
    change.by, change.by_name, change.at = by.id, by.name, ledger.now
    session.add(change)
    await session.flush()
    event = ModelActivated(model_id=change.model_id, previous_id=before.model_id if before else None, reason=change.reason)
    await ledger.append(session, event, actor=by.actor)
    details = {"before": before.model_id if before else "", "after": change.model_id, "reason": change.reason}
    subject = Subject("bot", change.model_id, change.model_id)
    await record_change_of(session, (by.id, by.name), "bot.made_live", subject, at=ledger.now, details=details)


async def _stand_in_line(session: AsyncSession) -> None:
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


async def _newest(session: AsyncSession) -> ModelActivationRow | None:
    return (await session.execute(select(ModelActivationRow).order_by(ModelActivationRow.id.desc()).limit(1))).scalar_one_or_none()


async def _active(session: AsyncSession, row: ModelActivationRow) -> Active:
    return Active(row.id, _model(await _get_row(session, row.model_id), active=True))


async def _get_row(session: AsyncSession, model_id: str) -> TrainedModelRow:
    row = await session.get(TrainedModelRow, model_id)
    if row is None:
        raise NotFoundError(f"There is no model {model_id!r}", hint="`baton models list` shows which are there.")
    return row


def _model(row: TrainedModelRow, *, active: bool = False) -> Model:
    return Model(
        id=row.id,
        digest=row.digest,
        size=row.size,
        encoders=row.encoders,
        scores=row.scores,
        examples=row.examples,
        intents=tuple(row.intents),
        languages=tuple(row.languages),
        fine_tuned=row.fine_tuned,
        author=row.author_name,
        created_at=row.created_at,
        active=active,
        removed=row.removed_at is not None,
    )
