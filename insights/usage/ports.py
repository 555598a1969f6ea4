"""What usage asks of agent assistance: which articles a suggestion was made from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession


class SuggestionSources(Protocol):
    """Knows suggestions."""

    async def passages(self, session: AsyncSession, suggestion_ids: Collection[UUID]) -> Mapping[UUID, tuple[tuple[str, str], ...]]:
        """For each suggestion that is known its sources as (article id, passage id); none for one that quotes no article."""


class FakeSources:
    """The fake of the port: what it is told."""

    def __init__(self, known: Mapping[UUID, tuple[tuple[str, str], ...]] | None = None) -> None:
        self.known = dict(known or {})

    async def passages(self, session: AsyncSession, suggestion_ids: Collection[UUID]) -> Mapping[UUID, tuple[tuple[str, str], ...]]:  # noqa: ARG002 - the port's shape
        """See the port."""
        return {one: self.known[one] for one in suggestion_ids if one in self.known}
