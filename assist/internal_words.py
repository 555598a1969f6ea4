"""Whether what an agent is about to send quotes what is for colleagues only, however it came into the reply."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from assist.models import SuggestionRow
from context.ledger import Ledger
from kit.errors import ConflictError
from kit.log import get_logger

RECENT = timedelta(hours=24)  # what an agent saw in another conversation so long ago may be what they paste here
MOST = 200
GRAM = 8
QUOTE, LEAST, SHARE = 40, 12, 0.8  # so many letters in a row are a quote; of a short passage this share, but not less than LEAST
SHOWN = 80
HAN_FROM, HAN = 0x2E80, 3  # a Chinese character says as much as three letters

log = get_logger("assist")


class InternalQuoteError(ConflictError):
    """This quotes what is for colleagues only."""


async def check_words(session: AsyncSession, ledger: Ledger, conversation_id: UUID, *, staff_id: UUID, text: str) -> None:
    """Raises InternalQuoteError where the text holds a piece of an internal passage that was suggested here, or shown to this agent lately.

    Whoever confirms that they mean it calls `note_confirmed` instead.
    """
    mine = (SuggestionRow.staff_id == staff_id, SuggestionRow.shown_at >= ledger.now - RECENT, SuggestionRow.internal)
    here = SuggestionRow.conversation_id == conversation_id
    both = union_all(
        select(SuggestionRow.text, SuggestionRow.internal).where(here).limit(MOST),
        select(SuggestionRow.text, SuggestionRow.internal).where(*mine).limit(MOST),
    )
    rows = (await session.execute(both)).all()
    found = quoted(text, [row.text for row in rows if row.internal], known=[row.text for row in rows if not row.internal])
    if found is not None:
        shown = found if len(found) <= SHOWN else found[: SHOWN - 1] + "…"
        raise InternalQuoteError(f"This quotes what is for colleagues only: “{shown}”", hint="Confirm it, or answer in your own words.")


def note_confirmed(conversation_id: UUID, *, staff_id: UUID) -> None:
    """An agent was asked and sends it all the same."""
    log.info("sent as confirmed, though it may quote internal text", conversation=str(conversation_id), staff=str(staff_id))


def quoted(text: str, internal: Iterable[str], *, known: Iterable[str] = ()) -> str | None:
    """The longest piece of `text` that stands in one of the internal passages and in nothing that customers may read (`known`), or None.

    Case, punctuation and spaces do not count. Pure.
    """
    said, public = _plain(text), [_plain(one) for one in known]
    pieces = (piece for passage in internal for piece in _pieces(said, _plain(passage)))
    secret = [piece for piece in pieces if not any(piece in one for one in public)]
    return max(secret, key=_weight, default=None)


def _pieces(said: str, passage: str) -> list[str]:
    """The pieces of what was said, long enough to be quotes, whose every GRAM letters stand in the passage."""
    grams = {passage[i : i + GRAM] for i in range(len(passage) - GRAM + 1)}
    enough = min(QUOTE, max(LEAST, int(_weight(passage) * SHARE)))
    pieces, start = [], None
    for i in range(len(said) - GRAM + 2):
        if said[i : i + GRAM] in grams and i <= len(said) - GRAM:
            start = i if start is None else start
        elif start is not None:
            pieces.append(said[start : i + GRAM - 1].strip())
            start = None
    return [piece for piece in pieces if _weight(piece) >= enough]


def _weight(text: str) -> int:
    return sum(HAN if ord(c) >= HAN_FROM else 1 for c in text)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()
