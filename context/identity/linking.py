"""What a contact claims and proves to be, and what follows: a link where nothing speaks against it, else a suggestion for a person.

A typed e-mail or number alone links nobody. Two contacts are linked by themselves only when both have proven the same identifier, exactly
one other contact has, nobody marked it as shared, and neither their names, their member ids nor their other proven identifiers differ:
couples share telephones and families e-mail addresses.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from context.contact_events import ContactVerified
from context.contacts import get_contact
from context.identity.identifiers import STRONG, Identifier, Kind, Method, same_name
from context.identity.merging import Why, merge_contacts
from context.identity.models import IdentifierRow, LinkSuggestionRow, MergeRow
from context.ledger import SYSTEM, Ledger
from context.models import ContactRow
from kit.errors import ConflictError


class MemberTakenError(ConflictError):
    """This contact is another member of the shop already."""


@dataclass(frozen=True)
class Proof:
    """What became of a proof: whose contact it is now, the merge where there was one, how many suggestions were made."""

    contact_id: UUID
    merge: MergeRow | None = None
    suggested: int = 0
    identifier: Identifier | None = None  # what was proven, where a code did it


async def list_identifiers(session: AsyncSession, contact_id: UUID) -> list[IdentifierRow]:
    """What the contact is known by, oldest first."""
    query = select(IdentifierRow).where(IdentifierRow.contact_id == contact_id).order_by(IdentifierRow.at, IdentifierRow.value)
    return list((await session.execute(query)).scalars())


async def claim(session: AsyncSession, contact_id: UUID, identifier: Identifier, *, method: Method, at: datetime) -> IdentifierRow:
    """Notes what somebody says of themselves. Who has proven it already keeps that; others who have are suggested, never linked."""
    row = await _upsert(session, contact_id, identifier, method=method, at=at)
    if not row.verified and identifier.kind != Kind.DEVICE:
        for other in await _holders(session, identifier, besides=contact_id):
            await suggest(session, contact_id, other.contact_id, identifier=identifier, at=at)
    return row


async def prove(
    session: AsyncSession,
    ledger: Ledger,
    contact_id: UUID,
    identifier: Identifier,
    *,
    method: Method,
    evidence: dict[str, Any] | None = None,
) -> Proof:
    """The contact has proven an identifier. Raises MemberTakenError when it is another member than was proven before."""
    await _lock(session, identifier)
    holders = await _holders(session, identifier, besides=contact_id)
    if identifier.kind == Kind.MEMBER:
        return await _prove_member(session, ledger, contact_id, identifier, method=method, holders=holders)
    row = await _verify(session, contact_id, identifier, method=method, at=ledger.now)
    await ledger.append(session, ContactVerified(contact_id=str(contact_id), method=method), actor=SYSTEM)
    why = Why(method, evidence={"kind": identifier.kind, "value": identifier.value} | (evidence or {}))
    if row.shared or any(other.shared for other in holders):
        return Proof(contact_id)
    proven = [other for other in holders if other.verified and other.method in STRONG]
    recycled = method == Method.CHANNEL and any(other.method == Method.CHANNEL for other in proven)  # a number gets another owner
    if method in STRONG and len(proven) == 1 and not recycled and not await speaks_against(session, contact_id, proven[0].contact_id):
        merge = await _merge_older(session, ledger, contact_id, proven[0].contact_id, why=why)
        return Proof(merge.into_id, merge)
    for other in holders:
        await suggest(session, contact_id, other.contact_id, identifier=identifier, at=ledger.now)
    return Proof(contact_id, suggested=len(holders))


async def speaks_against(session: AsyncSession, one: UUID, other: UUID) -> list[str]:
    """What makes it doubtful that two contacts are one person: `name`, or the kinds of proven identifiers that differ."""
    first, second = await get_contact(session, one), await get_contact(session, other)
    doubts = [] if same_name(first.name, second.name) else ["name"]
    for kind in (Kind.MEMBER, Kind.EMAIL, Kind.PHONE):
        ones, others = await _proven_values(session, one, kind), await _proven_values(session, other, kind)
        if ones and others and not ones & others:
            doubts.append(kind)
    return doubts


async def suggest(session: AsyncSession, one: UUID, other: UUID, *, identifier: Identifier, at: datetime) -> None:
    """Notes that two contacts may be one, for a person to decide; what was decided once is not asked again."""
    evidence = {"kind": identifier.kind, "value": identifier.value}
    values = {"one_id": min(one, other), "other_id": max(one, other), "evidence": evidence, "at": at}
    await session.execute(insert(LinkSuggestionRow).values(**values).on_conflict_do_nothing(index_elements=["one_id", "other_id"]))


async def choose_survivor(session: AsyncSession, one: UUID, other: UUID) -> tuple[UUID, UUID]:
    """(who goes, who stays): the member of the shop stays, else who has proven more, else the older contact."""
    ranks = {}
    for contact_id in (one, other):
        proven = [row for row in await list_identifiers(session, contact_id) if row.verified]
        created = (await session.execute(select(ContactRow.created_at).where(ContactRow.id == contact_id))).scalar_one()
        ranks[contact_id] = (any(row.kind == Kind.MEMBER for row in proven), len(proven), -created.timestamp())
    goes, stays = sorted((one, other), key=lambda contact_id: ranks[contact_id])
    return goes, stays


async def _merge_older(session: AsyncSession, ledger: Ledger, one: UUID, other: UUID, *, why: Why) -> MergeRow:
    goes, stays = await choose_survivor(session, one, other)
    return await merge_contacts(session, ledger, goes, stays, why=why)


async def _prove_member(
    session: AsyncSession, ledger: Ledger, contact_id: UUID, identifier: Identifier, *, method: Method, holders: list[IdentifierRow]
) -> Proof:
    if await _proven_values(session, contact_id, Kind.MEMBER) - {identifier.value}:
        raise MemberTakenError(hint="Open a new session for this member.")
    owner = next((other.contact_id for other in holders if other.verified), None)
    await ledger.append(session, ContactVerified(contact_id=str(owner or contact_id), method=method), actor=SYSTEM)
    if owner is None:
        await _verify(session, contact_id, identifier, method=method, at=ledger.now)
        return Proof(contact_id)
    why = Why(method, evidence={"kind": identifier.kind, "value": identifier.value})
    merge = await merge_contacts(session, ledger, contact_id, owner, why=why)
    return Proof(owner, merge)


async def _lock(session: AsyncSession, identifier: Identifier) -> None:
    """Serialises proofs of one identifier, so that two who prove it together see each other."""
    digest = hashlib.blake2b(f"identifier\0{identifier.kind}\0{identifier.value}".encode(), digest_size=8).digest()
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int.from_bytes(digest, "big", signed=True)})


async def _holders(session: AsyncSession, identifier: Identifier, *, besides: UUID) -> list[IdentifierRow]:
    query = (
        select(IdentifierRow)
        .join(ContactRow, ContactRow.id == IdentifierRow.contact_id)
        .where(IdentifierRow.kind == identifier.kind, IdentifierRow.value == identifier.value)
        .where(IdentifierRow.contact_id != besides, ContactRow.merged_into.is_(None))
        .order_by(IdentifierRow.at)
        .limit(50)
    )
    return list((await session.execute(query)).scalars())


async def _proven_values(session: AsyncSession, contact_id: UUID, kind: Kind) -> set[str]:
    query = select(IdentifierRow.value).where(
        IdentifierRow.contact_id == contact_id, IdentifierRow.kind == kind, IdentifierRow.verified, IdentifierRow.method.in_(STRONG)
    )
    return set((await session.execute(query)).scalars())


async def _upsert(session: AsyncSession, contact_id: UUID, identifier: Identifier, *, method: Method, at: datetime) -> IdentifierRow:
    where = {"contact_id": contact_id, "kind": identifier.kind, "value": identifier.value}
    statement = insert(IdentifierRow).values(**where, method=method, at=at)
    await session.execute(statement.on_conflict_do_nothing(index_elements=["contact_id", "kind", "value"]))
    query = select(IdentifierRow).filter_by(**where).with_for_update().execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one()


async def _verify(session: AsyncSession, contact_id: UUID, identifier: Identifier, *, method: Method, at: datetime) -> IdentifierRow:
    """A stronger proof replaces an order's; an order's never replaces a stronger one."""
    row = await _upsert(session, contact_id, identifier, method=method, at=at)
    if not row.verified or row.method == Method.ORDER or method in STRONG:
        row.verified, row.method, row.verified_at = True, method, at
    await session.flush()
    return row
