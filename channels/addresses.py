"""The addresses of one person at one account: when they wrote last, and which of them belong together because the provider says so."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.happenings import AddressChanged, CustomerMessage
from context.contacts import find_identity, find_or_create_identity, lock_identity
from context.identity.identifiers import IdentifierError, Kind, Method, parse_identifier
from context.identity.linking import prove
from context.ledger import Ledger
from context.models import IdentityRow
from kit.db import Database
from kit.log import get_logger

FREE_ENTRY = timedelta(hours=72)

_WROTE = """
WITH noted AS (
    INSERT INTO channel_address (channel, account, address, last_inbound_at, free_entry_until, username, reply_handle, reply_until)
    VALUES (%(channel)s, %(account)s, %(address)s, %(at)s, %(entry)s, %(username)s, %(handle)s, %(until)s)
    ON CONFLICT (channel, account, address) DO UPDATE
    SET last_inbound_at = greatest(channel_address.last_inbound_at, excluded.last_inbound_at),
        free_entry_until = greatest(channel_address.free_entry_until, excluded.free_entry_until),
        username = coalesce(excluded.username, channel_address.username),
        reply_handle = CASE WHEN excluded.reply_until > channel_address.reply_until OR channel_address.reply_until IS NULL
            THEN excluded.reply_handle ELSE channel_address.reply_handle END,
        reply_until = greatest(excluded.reply_until, channel_address.reply_until)
)
SELECT count(*) AS known, count(DISTINCT contact_id) AS contacts FROM identity
WHERE channel = %(channel)s AND account = %(account)s AND external_id = ANY(%(addresses)s)
"""

log = get_logger("intake")


def all_addresses(happening: CustomerMessage) -> list[str]:
    """The address of a message and its aliases, each once."""
    return list(dict.fromkeys([happening.inbound.identity, *happening.aliases]))


def tells_number(happening: CustomerMessage) -> bool:
    """Whether a message brings a telephone number that is none of the addresses: it may come long after the first message."""
    return happening.phone is not None and happening.phone.lstrip("+") not in all_addresses(happening)


async def note_writing(database: Database, happening: CustomerMessage) -> bool:
    """Notes when the customer wrote; whether all their addresses are known, so that nothing has to be linked."""
    addresses = all_addresses(happening)
    inbound = happening.inbound
    values = {
        "channel": inbound.channel, "account": inbound.account, "address": inbound.identity, "at": happening.at,
        "entry": happening.at + FREE_ENTRY if happening.free_entry else None, "username": happening.username, "addresses": addresses,
        "handle": happening.handle, "until": happening.handle_until,
    }  # fmt: skip
    async with database.plain() as connection:
        row = await (await connection.execute(_WROTE, values, prepare=True)).fetchone()
    assert row is not None
    return int(row.known) == len(addresses)


async def link_addresses(session: AsyncSession, ledger: Ledger, happening: CustomerMessage) -> None:
    """Where one of the addresses is known, the one that writes belongs to the same contact from now on.

    A telephone number for which the provider vouches is proven by that.
    """
    await _link(session, ledger, happening)
    if happening.phone is None:
        return
    await session.flush()
    inbound = happening.inbound
    identity = await find_identity(session, inbound.channel, inbound.account, inbound.identity)
    try:
        number = parse_identifier(Kind.PHONE, happening.phone)
    except IdentifierError:
        return
    if identity is not None and not identity.verified:
        identity.verified = True
        await prove(session, ledger, identity.contact_id, number, method=Method.CHANNEL)


async def _link(session: AsyncSession, ledger: Ledger, happening: CustomerMessage) -> None:
    inbound = happening.inbound
    for address in sorted(all_addresses(happening)):
        await lock_identity(session, inbound.channel, inbound.account, address)
    if await find_identity(session, inbound.channel, inbound.account, inbound.identity) is not None:
        return
    for alias in happening.aliases:
        known = await find_identity(session, inbound.channel, inbound.account, alias)
        if known is not None:
            row = IdentityRow(contact_id=known.contact_id, channel=inbound.channel, account=inbound.account, external_id=inbound.identity)
            session.add(row)
            return
    place = (inbound.channel, inbound.account, inbound.identity)
    await find_or_create_identity(session, ledger, address=place, name=inbound.profile_name, language=inbound.language)


async def add_alias(session: AsyncSession, happening: CustomerMessage, contact_id: UUID) -> None:
    """Keeps the aliases that nobody has yet. One that belongs to somebody else stays there: people are not merged by themselves."""
    inbound = happening.inbound
    for alias in happening.aliases:
        await lock_identity(session, inbound.channel, inbound.account, alias)
        known = await find_identity(session, inbound.channel, inbound.account, alias)
        if known is None:
            session.add(IdentityRow(contact_id=contact_id, channel=inbound.channel, account=inbound.account, external_id=alias))
        elif known.contact_id != contact_id:
            log.warning("two contacts share an address", contact=str(contact_id), other=str(known.contact_id))


async def move_address(session: AsyncSession, channel: str, change: AddressChanged) -> bool:
    """Gives the new address to the contact of the old one, if `proof` is of the same contact; the old address is nobody's then."""
    for address in sorted({change.old, change.new}):
        await lock_identity(session, channel, change.account, address)
    old = await find_identity(session, channel, change.account, change.old)
    if old is None or change.proof is None:
        return False
    proof = await find_identity(session, channel, change.account, change.proof)
    if proof is None or proof.contact_id != old.contact_id:
        return False
    taken = await find_identity(session, channel, change.account, change.new)
    if taken is not None and taken.contact_id != old.contact_id:
        return False
    if taken is None:
        old.external_id = change.new
    elif taken.id != old.id:
        await session.delete(old)
    return True


async def addresses_of(session: AsyncSession, contact_id: UUID, channel: str, account: str) -> list[str]:
    """The addresses of a contact at an account, newest first."""
    query = select(IdentityRow.external_id).where(
        IdentityRow.contact_id == contact_id, IdentityRow.channel == channel, IdentityRow.account == account
    )
    return list((await session.execute(query.order_by(IdentityRow.created_at.desc()))).scalars())
