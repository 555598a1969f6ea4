"""Finding contacts: by words, identifier, label or segment, page by page in an order that does not shift."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from context.customer.models import ContactLabelRow
from context.customer.rules import condition, list_rules
from context.identity.identifiers import IdentifierError, Kind, parse_identifier
from context.identity.models import IdentifierRow
from context.models import ContactRow
from kit.errors import NotFoundError

ESCAPES = str.maketrans({"%": r"\%", "_": r"\_", "\\": "\\\\"})


@dataclass(frozen=True)
class Looked:
    """What is looked for; what is None does not matter. `rule`: the name of a segment or of a label by rule."""

    words: str | None = None
    identifier: tuple[str, str] | None = None
    label: str | None = None
    rule: str | None = None


async def find_contacts(
    session: AsyncSession, looked: Looked, *, now: datetime, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[ContactRow]:
    """Contacts, newest first; `after` is time and id of the last one that was read. Raises NotFoundError for a rule that there is not."""
    query = select(ContactRow).where(ContactRow.merged_into.is_(None), ContactRow.erased_at.is_(None))
    query = query.order_by(ContactRow.created_at.desc(), ContactRow.id.desc())
    if after is not None:
        query = query.where(tuple_(ContactRow.created_at, ContactRow.id) < tuple_(*after))
    for word in (looked.words or "").split()[:6]:
        query = query.where(_holds(word))
    if looked.identifier is not None:
        try:
            wanted = parse_identifier(*looked.identifier)
        except IdentifierError:
            return []
        mine = exists().where(
            IdentifierRow.contact_id == ContactRow.id, IdentifierRow.kind == wanted.kind, IdentifierRow.value == wanted.value
        )
        query = query.where(mine)
    if looked.label is not None:
        query = query.where(exists().where(ContactLabelRow.contact_id == ContactRow.id, ContactLabelRow.label == looked.label))
    if looked.rule is not None:
        rule = next((one for one in await list_rules(session) if one.name == looked.rule), None)
        if rule is None:
            raise NotFoundError(f"There is no segment {looked.rule!r}")
        query = query.where(condition(rule.rule, now=now))
    return list((await session.execute(query.limit(limit))).scalars())


def _holds(word: str) -> ColumnElement[bool]:
    pattern = f"%{word.translate(ESCAPES)}%"
    known = exists().where(IdentifierRow.contact_id == ContactRow.id, or_(*_known(word, pattern)))
    return or_(ContactRow.name.ilike(pattern), ContactRow.email.ilike(pattern), ContactRow.phone.ilike(pattern), known)


def _known(word: str, pattern: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [IdentifierRow.value.ilike(pattern)]
    with contextlib.suppress(IdentifierError):
        found.append(IdentifierRow.value == parse_identifier(Kind.PHONE, word).value)
    return found
