"""A public Zendesk Help Center by its address, asked through its API: every enabled language, page by page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from knowledge.sources.apart import Apart
from knowledge.sources.attaching import WebOpener, attach
from knowledge.sources.fetching import Fetched, Fetcher
from knowledge.sources.names import language_of_tag
from knowledge.sources.types import Document, Options, Place, Reading, Skipped, UnreadableError

PATH = "/api/v2/help_center"
MOST_LOCALES = 40


@dataclass
class ZendeskLive:
    """Reads one help centre. `address` is any address of it."""

    address: str
    options: Options
    fetcher: Fetcher
    apart: Apart
    _opener: WebOpener | None = None

    async def start(self) -> tuple[Place, ...]:
        """The first page of each language that articles can have, the default one first. Raises UnreadableError."""
        answer = await self.fetcher.get(f"{self._root}{PATH}/locales.json", accept="application/json")
        found = _json(answer)
        locales = [one for one in found.get("locales", []) if isinstance(one, str)][:MOST_LOCALES]
        default = str(found.get("default_locale") or "")
        known = sorted((one for one in locales if language_of_tag(one) is not None), key=lambda one: (one != default, one))
        if not known:
            raise UnreadableError("This help centre has no language that articles can have", hint=f"It has {', '.join(locales) or 'none'}.")
        return tuple(Place(self._first(locale)) for locale in known)

    async def read(self, place: Place) -> Reading:
        """One page of one language, and where the next one is."""
        answer = await self.fetcher.get(place.key, accept="application/json")
        reading = await self.apart.parse(Document("articles.json", answer.data, place.key), self.options, "zendesk")
        if self._opener is None:
            self._opener = WebOpener(self.fetcher, self.address)
        reading = await attach(reading, self._opener)
        following = _json(answer).get("next_page")
        places: tuple[Place, ...] = ()
        if isinstance(following, str) and urlsplit(following).netloc == urlsplit(self.address).netloc:
            places = (Place(following),)
        skipped = tuple(one if one.key != "articles.json" else Skipped(place.key, one.reason) for one in reading.skipped)
        return Reading(reading.items, skipped, places, files=reading.files)

    @property
    def _root(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    def _first(self, locale: str) -> str:
        return f"{self._root}{PATH}/{quote(locale)}/articles.json?include=sections,categories&per_page=100"


def _json(answer: Fetched) -> dict[str, Any]:
    if answer.status in {401, 403}:
        raise UnreadableError("This help centre asks for a login", hint="Give --authorization, or export its articles to a file.")
    if answer.status >= 400:
        raise UnreadableError(f"It answered {answer.status}", hint="Is this the address of a Zendesk Help Center?")
    try:
        found = json.loads(answer.data)
    except (ValueError, RecursionError):
        raise UnreadableError("It did not answer with JSON", hint="Is this the address of a Zendesk Help Center?") from None
    if not isinstance(found, dict):
        raise UnreadableError("It did not answer as Zendesk does")
    return found
