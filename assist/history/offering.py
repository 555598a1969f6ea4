"""Which learned replies are offered, so that nothing is learned from one agent's mistake alone. Pure.

A reply is offered once two agents gave it; or one agent in two conversations, of which one was rated well and none badly. To the agent
who wrote it, it is offered after two conversations. It is taken back while more of its conversations are rated badly than well, or once
somebody hid it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

GOOD, BAD = 4, 2  # from this rating on up, down to this rating
ENOUGH_AGENTS = ENOUGH_CONVERSATIONS = 2


@dataclass(frozen=True)
class Given:
    """One time that a reply was given."""

    staff_id: UUID | None
    conversation_id: UUID
    rating: int | None = None


@dataclass(frozen=True)
class Standing:
    """To whom a reply is offered: to everyone, or to these agents only."""

    everyone: bool
    to: frozenset[UUID] = frozenset()

    def reaches(self, staff_id: UUID | None) -> bool:
        """Whether this agent is offered it; None is whoever looks at a waiting conversation."""
        return self.everyone or staff_id in self.to


NOBODY = Standing(False)


def standing_of(given: Sequence[Given], *, hidden: bool = False) -> Standing:
    """To whom a reply may be offered that was given these times."""
    ratings = list({one.conversation_id: one.rating for one in given if one.rating is not None}.values())
    good, bad = sum(rating >= GOOD for rating in ratings), sum(rating <= BAD for rating in ratings)
    if hidden or bad > good:
        return NOBODY
    agents = {one.staff_id for one in given if one.staff_id is not None}
    conversations = {one.conversation_id for one in given}
    if len(agents) >= ENOUGH_AGENTS or (len(conversations) >= ENOUGH_CONVERSATIONS and good and not bad):
        return Standing(True)
    own = {agent for agent in agents if len({one.conversation_id for one in given if one.staff_id == agent}) >= ENOUGH_CONVERSATIONS}
    return Standing(False, frozenset(agent for agent in own if agent is not None))
