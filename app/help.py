"""The help centre in the server: it asks a worker, which holds the index, to search (`app/help_search.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter

from app.settings import Settings
from app.wiring import Base
from channels.help.endpoints import HelpServices, help_router
from channels.help.pages import Site
from kit.asking import Asker
from kit.errors import BatonError, UnavailableError
from kit.limits import RateLimit
from knowledge.types import Answer, Citation, Hit, Passage

SEARCH = "help_search"
SEARCH_SECONDS = 2.5


@dataclass(frozen=True)
class WorkerSearch:
    """`channels.help.ports.Searching` by a question to a worker."""

    asker: Asker

    async def search(self, question: str, *, language: str, limit: int) -> Answer:
        """See the port."""
        try:
            found = await self.asker.ask(SEARCH, seconds=SEARCH_SECONDS, text=question, language=language, limit=limit)
        except UnavailableError:
            raise
        except BatonError as error:
            raise UnavailableError(error.message) from None
        hits = tuple(Hit(_passage(one["passage"]), one["score"], one["confidence"]) for one in found["hits"])
        return Answer(found["text"], found["language"], found["confidence"], tuple(Citation(**one) for one in found["citations"]), hits)


def _passage(data: dict[str, Any]) -> Passage:
    return Passage(**(data | {"title_path": tuple(data["title_path"])}))


def build_help(settings: Settings, base: Base, asker: Asker) -> APIRouter:
    """The routes of the help centre."""
    services = HelpServices(
        database=base.database, ledger=base.ledger, site=Site(settings.title, settings.public_url), searching=WorkerSearch(asker),
        secure_cookies=settings.secure_cookies, typing=RateLimit(per_second=8, burst=40), asking=RateLimit(per_second=1, burst=15),
        telling=RateLimit(per_second=0.2, burst=20),
    )  # fmt: skip
    return help_router(services)
