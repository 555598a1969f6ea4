"""Two contacts become one, with a record of all that moved; and the way back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from context.contact_events import ContactMerged, ContactUnmerged
from context.events import Actor
from context.identity.identifiers import Kind
from context.identity.models import IdentifierRow, LinkSuggestionRow, MergeRow
from context.identity.moving import move_all, move_back, refresh_owned
from context.identity.threads import join_threads, level_threads, tell_open
from context.ledger import SYSTEM, Ledger
from context.models import ContactRow, ConversationRow, IdentityRow, MessageRow
from context.types import Author
from kit.errors import ConflictError, NotFoundError

FIELDS = ("name", "email", "phone", "language")


class MergeError(ConflictError):
    """These contacts cannot be merged."""


@dataclass(frozen=True)
class Why:
    """Why two contacts are one: by which method, on what evidence, who decided."""

    method: str
    actor: Actor = SYSTEM
    evidence: dict[str, Any] = field(default_factory=dict)


async def merge_contacts(session: AsyncSession, ledger: Ledger, from_id: UUID, into_id: UUID, *, why: Why) -> MergeRow:
    """`from_id` becomes part of `into_id`. All that is stored moves; the old contact stays as a pointer.

    Raises MergeError when both are members of the shop under different ids, or one was merged already.
    """
    if from_id == into_id:
        raise MergeError("This is the same contact")
    gone, stays = await _lock_both(session, from_id, into_id)
    if await _both_members(session, from_id, into_id):
        raise MergeError("Both are members of the shop, under different numbers", hint="Undo the wrong number first.")
    await join_threads(session, ledger, from_id, into_id, actor=why.actor)
    before = _fields(stays) | {"identifiers": await _raise_claims(session, from_id, into_id)}
    _fill(gone, stays)
    await session.flush()
    moved = await move_all(session, from_id, into_id)
    gone.merged_into = into_id
    merge = MergeRow(
        from_id=from_id, into_id=into_id, method=why.method, actor_kind=why.actor.kind, actor_id=why.actor.id, evidence=why.evidence,
        moved=moved, before=before | {"after": _fields(stays)}, at=ledger.now,
    )  # fmt: skip
    session.add(merge)
    await _settle_suggestion(session, ledger, from_id, into_id, why=why)
    await session.flush()
    await refresh_owned(session)
    await tell_open(session, ledger, into_id, event=ContactMerged(contact_id=str(from_id), into_id=str(into_id)), actor=why.actor)
    return merge


async def unmerge(session: AsyncSession, ledger: Ledger, merge_id: UUID, *, actor: Actor) -> MergeRow:
    """Undoes a merge: what moved goes back, with the conversations that only the returning one wrote in since.

    What was added to the other one since stays there. Raises NotFoundError, MergeError when it was undone, or built upon.
    """
    merge = await session.get(MergeRow, merge_id, with_for_update=True, populate_existing=True)
    if merge is None:
        raise NotFoundError("There is no such merge")
    if merge.undone_at is not None:
        raise MergeError("This merge was undone already")
    returning, stays = await _lock_both(session, merge.from_id, merge.into_id, undoing=True)
    if stays.merged_into is not None:
        raise MergeError("This contact was merged into another since", hint="Undo that merge first.")
    await move_back(session, merge.moved, from_id=merge.from_id, into_id=merge.into_id)
    await _give_back_conversations(session, merge)
    _unfill(stays, merge.before)
    await _lower_claims(session, merge)
    returning.merged_into = None
    merge.undone_at, merge.undone_by = ledger.now, actor.id or actor.kind
    await session.flush()
    await refresh_owned(session)
    await level_threads(session, merge.from_id, merge.into_id)
    event = ContactUnmerged(contact_id=str(merge.from_id), from_id=str(merge.into_id))
    await tell_open(session, ledger, merge.into_id, event=event, actor=actor)
    await session.refresh(merge)
    return merge


async def list_merges(session: AsyncSession, contact_id: UUID) -> list[MergeRow]:
    """The merges in which the contact took part, newest first, those undone too."""
    query = select(MergeRow).where((MergeRow.from_id == contact_id) | (MergeRow.into_id == contact_id))
    return list((await session.execute(query.order_by(MergeRow.at.desc()))).scalars())


async def _lock_both(session: AsyncSession, from_id: UUID, into_id: UUID, *, undoing: bool = False) -> tuple[ContactRow, ContactRow]:
    query = select(ContactRow).where(ContactRow.id.in_((from_id, into_id))).order_by(ContactRow.id)
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    rows = {row.id: row for row in (await session.execute(locked)).scalars()}
    if len(rows) < 2:
        raise NotFoundError("There is no such contact")
    if not undoing and any(row.merged_into is not None for row in rows.values()):
        raise MergeError("One of them was merged already", hint="Read the contact again: its id leads to the one that it became.")
    return rows[from_id], rows[into_id]


async def _both_members(session: AsyncSession, one: UUID, other: UUID) -> bool:
    query = select(IdentifierRow.contact_id).where(
        IdentifierRow.contact_id.in_((one, other)), IdentifierRow.kind == Kind.MEMBER, IdentifierRow.verified
    )
    return len(set((await session.execute(query)).scalars())) > 1


def _fields(row: ContactRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS} | {"attributes": dict(row.attributes)}


def _fill(gone: ContactRow, stays: ContactRow) -> None:
    """The survivor's own words stay; only what it lacks is taken over."""
    for name in FIELDS:
        setattr(stays, name, getattr(stays, name) or getattr(gone, name))
    stays.attributes = dict(gone.attributes) | dict(stays.attributes)


def _unfill(stays: ContactRow, before: dict[str, Any]) -> None:
    """Takes back what came with the merge and is unchanged since."""
    after = before["after"]
    for name in FIELDS:
        if getattr(stays, name) == after[name]:
            setattr(stays, name, before[name])
    came = {key for key, value in after["attributes"].items() if key not in before["attributes"] and stays.attributes.get(key) == value}
    stays.attributes = {key: value for key, value in stays.attributes.items() if key not in came}


async def _raise_claims(session: AsyncSession, from_id: UUID, into_id: UUID) -> list[str]:
    """What the survivor only claims and the other has proven is proven of both; returns those identifiers."""
    query = select(IdentifierRow).where(IdentifierRow.contact_id.in_((from_id, into_id)))
    rows = list((await session.execute(query)).scalars())
    proven = {(row.kind, row.value): row for row in rows if row.contact_id == from_id and row.verified}
    raised = []
    for row in rows:
        proof = proven.get((row.kind, row.value))
        if row.contact_id == into_id and not row.verified and proof is not None:
            row.verified, row.method, row.verified_at = True, proof.method, proof.verified_at
            if row.kind == Kind.MEMBER:
                proof.verified = False  # a proven member id is one contact's
                await session.flush()
            raised.append(str(row.id))
    return raised


async def _lower_claims(session: AsyncSession, merge: MergeRow) -> None:
    raised = [UUID(one) for one in merge.before.get("identifiers", ())]
    if raised:
        values = {"verified": False, "verified_at": None, "method": "typed"}
        await session.execute(update(IdentifierRow).where(IdentifierRow.id.in_(raised)).values(**values))


async def _give_back_conversations(session: AsyncSession, merge: MergeRow) -> None:
    """Conversations that began since and in which only the returning customer's addresses wrote."""
    addresses = select(IdentityRow.channel, IdentityRow.account, IdentityRow.external_id).where(IdentityRow.contact_id == merge.from_id)
    own = {tuple(row) for row in await session.execute(addresses)}
    since = select(ConversationRow.id).where(ConversationRow.contact_id == merge.into_id, ConversationRow.opened_at >= merge.at)
    for conversation_id in (await session.execute(since)).scalars().all():
        wrote = select(MessageRow.channel, MessageRow.account, MessageRow.address).where(
            MessageRow.conversation_id == conversation_id, MessageRow.author == Author.CUSTOMER
        )
        if {tuple(row) for row in await session.execute(wrote)} <= own:
            await session.execute(update(ConversationRow).where(ConversationRow.id == conversation_id).values(contact_id=merge.from_id))


async def _settle_suggestion(session: AsyncSession, ledger: Ledger, one: UUID, other: UUID, *, why: Why) -> None:
    pair = {"one_id": min(one, other), "other_id": max(one, other)}
    values = {"state": "confirmed", "decided_at": ledger.now, "decided_by": why.actor.id or why.actor.kind}
    await session.execute(update(LinkSuggestionRow).filter_by(**pair, state="open").values(**values))
