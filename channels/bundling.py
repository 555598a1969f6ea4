"""Messages of one turn that go out as one, where a channel wants that: each is claimed and settled by itself, all with the same fate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from uuid import UUID

from channels.base import Capabilities, Part
from channels.render import size
from channels.sends import Loaded, claim, load, part_key
from kit.db import Database

_ALONG = """
SELECT m.id, m.turn_id = h.turn_id AND m.author = h.author AND m.address IS NOT DISTINCT FROM h.address
    AND NOT EXISTS (SELECT FROM channel_send AS s WHERE s.message_id = m.id AND s.state <> 'waiting') AS fits
FROM message AS h JOIN message AS m ON m.conversation_id = h.conversation_id AND m.channel = h.channel AND m.account = h.account
WHERE h.id = %(id)s AND h.turn_id IS NOT NULL AND m.seq > h.seq AND m.delivery = 'queued'
ORDER BY m.seq LIMIT 50
"""

Render = Callable[[Loaded], Awaitable[Sequence[Part]]]
"""The parts of a message, as the channel can show them."""


@dataclass(frozen=True)
class Parcel:
    """What goes out as one: a part of a message, and further messages whose words and files are in it."""

    loaded: Loaded
    part: Part
    number: int
    parts: int
    along: tuple[UUID, ...] = ()

    @property
    def key(self) -> UUID:
        """Our name of it."""
        return part_key(self.loaded.message.id, self.number)

    @property
    def keys(self) -> tuple[UUID, ...]:
        """The sends that share its fate."""
        return (self.key, *(part_key(one, 0) for one in self.along))


async def with_others(database: Database, parcel: Parcel, capabilities: Capabilities, *, render: Render, now: datetime) -> Parcel:
    """The (claimed) parcel with what follows in the same turn, claimed too, as long as all of it fits into one."""
    if not capabilities.turns_together or parcel.parts != 1:
        return parcel
    async with database.plain() as connection:
        rows = await (await connection.execute(_ALONG, {"id": parcel.loaded.message.id}, prepare=True)).fetchall()
    for row in takewhile(lambda row: row.fits, rows):
        other = await load(database, row.id)
        parts = await render(other) if other is not None else ()
        if other is None or len(parts) != 1:
            break
        joined = join(parcel.part, parts[0])
        if not fits(joined, capabilities):
            break
        address = parcel.loaded.addresses[0]
        if await claim(database, other, part=0, parts=1, address=address, now=now, carrier=parcel.key) is None:
            break
        parcel = replace(parcel, part=joined, along=(*parcel.along, other.message.id))
    return parcel


def join(part: Part, other: Part) -> Part:
    """Both as one: the texts one below the other, all files."""
    files = [file for one in (part, other) for file in (one.file, *one.more) if file is not None]
    text = "\n\n".join(one.text for one in (part, other) if one.text.strip())
    return replace(part, text=text, file=files[0] if files else None, more=tuple(files[1:]))


def fits(part: Part, capabilities: Capabilities) -> bool:
    """Whether the channel takes it: the text, and all files together no larger than one may be."""
    most = max((rule.max_bytes for rule in capabilities.media.values()), default=0)
    files = [file for file in (part.file, *part.more) if file is not None]
    return size(part.text, capabilities.text_unit) <= capabilities.text_max and sum(len(f.data) for f in files) <= most
