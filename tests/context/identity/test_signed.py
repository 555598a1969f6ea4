"""Signed identity: what is accepted, what is refused, and whose contact the visitor is then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.ext.asyncio import AsyncSession

from app.wiring import CONSEQUENCES
from channels.web.sessions import access_session, open_for_member, open_session, thread_conversations
from context.contacts import get_trusted
from context.identity.models import IdentityKeyRow
from context.identity.signed import SignedIdentityError, create_key, list_keys, retire_key, use_signed
from context.ledger import Ledger
from kit.clock import FixedClock
from kit.errors import ConflictError, InvalidInputError, NotAuthenticatedError, NotFoundError
from kit.jobs import RecordingEnqueuer
from tests.context.identity.people import SECRET, contact_at, signed, writes

pytestmark = pytest.mark.integration
NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def ledger(enqueuer: RecordingEnqueuer, clock: FixedClock) -> Ledger:
    return Ledger(enqueuer, CONSEQUENCES, clock)


@pytest.fixture
async def key(session: AsyncSession) -> IdentityKeyRow:
    row = IdentityKeyRow(id="shop-1", algorithm="HS256", key=SECRET)
    session.add(row)
    await session.flush()
    return row


async def test_a_token_says_who_sits_there_and_what_is_verified(session: AsyncSession, ledger: Ledger, key: IdentityKeyRow) -> None:
    token = signed(
        ledger, name="Ana", email="ana@example.com", email_verified=True, phone_number="+85362000000", phone_number_verified="true"
    )
    found = await use_signed(session, ledger, token)
    assert (found.member, found.name, found.proven, found.claimed) == (
        "M-1", "Ana", (("email", "ana@example.com"),), (("phone", "+85362000000"),),
    )  # fmt: skip


async def test_a_token_counts_once(session: AsyncSession, ledger: Ledger, key: IdentityKeyRow, clock: FixedClock) -> None:
    token = signed(ledger)
    await use_signed(session, ledger, token)
    with pytest.raises(SignedIdentityError, match="used before"):
        await use_signed(session, ledger, token)
    clock.advance(5 * 60 + 30)  # within the skew after its end: still remembered
    with pytest.raises(SignedIdentityError, match="used before"):
        await use_signed(session, ledger, token)


@pytest.mark.parametrize(
    ("shift", "message"), [(-59, None), (-61, "issued in the future"), (5 * 60 + 59, None), (5 * 60 + 61, "has ended")]
)
async def test_clocks_may_differ_by_a_minute(
    session: AsyncSession, ledger: Ledger, key: IdentityKeyRow, clock: FixedClock, shift: int, message: str | None
) -> None:
    token = signed(ledger)
    clock.advance(shift)
    if message is None:
        assert (await use_signed(session, ledger, token)).member == "M-1"
    else:
        with pytest.raises(SignedIdentityError, match=message):
            await use_signed(session, ledger, token)


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"exp": int((NOW + timedelta(minutes=11)).timestamp())}, "within 10 minutes"),
        ({"exp": int(NOW.timestamp()) - 1}, "within 10 minutes"),
        ({"exp": None}, "exp"),
        ({"jti": None}, "jti"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"aud": "someone-else"}, "udience"),
        ({"aud": None}, "aud"),
        ({"iat": "soon"}, "seconds since 1970"),
        ({"iat": 1e300}, "seconds since 1970"),
        ({"sub": "x" * 300}, "sub"),
    ],
)
async def test_malformed_claims_are_refused(
    session: AsyncSession, ledger: Ledger, key: IdentityKeyRow, claims: dict[str, Any], message: str
) -> None:
    with pytest.raises(SignedIdentityError, match=message):
        await use_signed(session, ledger, signed(ledger, **claims))


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 5000, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJNLTEifQ."])
async def test_what_is_no_token_of_ours_is_refused(session: AsyncSession, ledger: Ledger, key: IdentityKeyRow, token: str) -> None:
    with pytest.raises(SignedIdentityError):
        await use_signed(session, ledger, token)


async def test_another_secret_or_algorithm_is_refused(session: AsyncSession, ledger: Ledger, key: IdentityKeyRow) -> None:
    with pytest.raises(SignedIdentityError, match="No key of ours"):
        await use_signed(session, ledger, signed(ledger, secret="another secret of somebody, long enough"))
    with pytest.raises(SignedIdentityError, match="No key of ours"):
        await use_signed(session, ledger, signed(ledger, headers={"kid": "unknown"}))
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    await create_key(session, "shop-2", algorithm="ES256", public_key=public)
    body = {"sub": "M-1", "aud": "baton", "iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 60, "jti": "j"}
    assert (await use_signed(session, ledger, jwt.encode(body, private, algorithm="ES256", headers={"kid": "shop-2"}))).member == "M-1"
    forged = jwt.encode(body, "a" * 40, algorithm="HS256", headers={"kid": "shop-2"})
    with pytest.raises(SignedIdentityError):
        await use_signed(session, ledger, forged)


async def test_two_keys_count_while_one_replaces_the_other(
    session: AsyncSession, ledger: Ledger, key: IdentityKeyRow, clock: FixedClock
) -> None:
    secret = await create_key(session, "shop-2")
    await retire_key(session, "shop-1", at=NOW + timedelta(hours=1))
    for use in (SECRET, secret):
        await use_signed(session, ledger, signed(ledger, secret=use))
    clock.advance(3600)
    await use_signed(session, ledger, signed(ledger, secret=secret))
    with pytest.raises(SignedIdentityError):
        await use_signed(session, ledger, signed(ledger, secret=SECRET, headers={"kid": "shop-1"}))
    assert {row.id for row in await list_keys(session)} == {"shop-1", "shop-2"}


async def test_keys_that_cannot_be_are_refused(session: AsyncSession, ledger: Ledger, key: IdentityKeyRow) -> None:
    for name, options in (("", {}), ("a b", {}), ("k", {"algorithm": "none"}), ("k", {"algorithm": "ES256", "public_key": "no"})):
        with pytest.raises(InvalidInputError):
            await create_key(session, name, **options)
    with pytest.raises(ConflictError):
        await create_key(session, "shop-1")
    with pytest.raises(NotFoundError):
        await retire_key(session, "nobody", at=NOW)


async def test_who_logs_in_keeps_the_conversation_and_gets_another_token(
    session: AsyncSession, ledger: Ledger, key: IdentityKeyRow
) -> None:
    token, visitor = await open_session(session, language="en")
    anonymous = await writes(session, ledger, "before the login", by=visitor.id)
    who = await use_signed(session, ledger, signed(ledger, email="ana@example.com", email_verified=True))
    fresh, same = await open_for_member(session, ledger, who, before=(token, visitor), language="en")
    assert (same.id, fresh != token) == (visitor.id, True)
    with pytest.raises(NotAuthenticatedError):
        await access_session(session, token)
    assert [c.id for c in await thread_conversations(session, same)] == [anonymous.id]
    trusted = await get_trusted(session, await contact_at(session, visitor.id))
    assert (trusted.verified, trusted.email) == (True, "ana@example.com")


async def test_a_second_device_goes_on_in_the_same_conversation(session: AsyncSession, ledger: Ledger, key: IdentityKeyRow) -> None:
    _first, one = await open_for_member(session, ledger, await use_signed(session, ledger, signed(ledger)), before=None, language="en")
    conversation = await writes(session, ledger, "at home", by=one.id)
    conversation.slots = {"order_number": "LC-1"}
    token, visitor = await open_session(session, language="en")
    await writes(session, ledger, "on the train, not logged in yet", by=visitor.id)
    who = await use_signed(session, ledger, signed(ledger))
    _second, two = await open_for_member(session, ledger, who, before=(token, visitor), language="en")
    assert (await writes(session, ledger, "logged in", by=two.id)).contact_id == await contact_at(session, one.id)
    assert len([c for c in await thread_conversations(session, two) if c.status == "open"]) == 1


async def test_another_member_at_the_same_browser_is_another_visitor(session: AsyncSession, ledger: Ledger, key: IdentityKeyRow) -> None:
    token, one = await open_for_member(session, ledger, await use_signed(session, ledger, signed(ledger)), before=None, language="en")
    await writes(session, ledger, "private", by=one.id)
    who = await use_signed(session, ledger, signed(ledger, "M-2"))
    _token, two = await open_for_member(session, ledger, who, before=(token, one), language="en")
    assert two.id != one.id
    assert await thread_conversations(session, two) == []
    assert await contact_at(session, one.id) != await contact_at(session, two.id)
