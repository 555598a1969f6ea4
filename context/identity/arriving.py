"""A visitor shows a signed identity: whose contact the visitor is from now on."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from context.contacts import find_or_create_identity, get_contact, lock_identity
from context.identity.identifiers import Identifier, IdentifierError, Kind, Method, parse_identifier
from context.identity.linking import MemberTakenError, claim, prove
from context.identity.signed import SignedVisitor
from context.ledger import Ledger


async def arrive(session: AsyncSession, ledger: Ledger, signed: SignedVisitor, *, address: tuple[str, str, str]) -> None:
    """The visitor at `address` is that member of the shop. Raises MemberTakenError when another member sat at this address before."""
    await lock_identity(session, *address)
    identity = await find_or_create_identity(session, ledger, address=address, name=signed.name)
    member = Identifier(Kind.MEMBER, signed.member)
    contact_id = (await prove(session, ledger, identity.contact_id, member, method=Method.SIGNED)).contact_id
    for kind, said in signed.proven:
        if (found := _parsed(kind, said)) is not None:
            contact_id = (await prove(session, ledger, contact_id, found, method=Method.SIGNED)).contact_id
    for kind, said in signed.claimed:
        if (found := _parsed(kind, said)) is not None:
            await claim(session, contact_id, found, method=Method.TYPED, at=ledger.now)
    await session.refresh(identity)
    identity.verified, identity.sees_from = True, None
    contact = await get_contact(session, contact_id)
    contact.name = contact.name or signed.name
    known = {kind: value for kind, value in signed.proven if _parsed(kind, value) is not None}
    contact.email, contact.phone = contact.email or known.get("email"), contact.phone or known.get("phone")
    await session.flush()


def _parsed(kind: str, said: str) -> Identifier | None:
    """None for what the shop has in a form that nobody can reach: the member is known without it."""
    try:
        return parse_identifier(kind, said)
    except IdentifierError:
        return None


__all__ = ["MemberTakenError", "arrive"]
