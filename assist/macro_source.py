"""Macros as drafts: found by what customers ask when agents use them, filled with what is known in the conversation."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from assist.matching import Sentences
from assist.ports import MACRO, Ask, Draft
from context.macros.languages import body_for
from context.macros.models import MacroRow
from context.macros.storing import view_macro
from context.macros.types import Macro, MacroAudience
from context.macros.variables import fill_variables
from kit.db import Database
from kit.errors import InvalidInputError
from knowledge.chinese import one_script
from knowledge.dense import unrelated_of
from knowledge.ports import Embedder
from knowledge.strays import strays_of


@dataclass(frozen=True)
class MacroShelf:
    """The macros at one moment, their sentences, and the encoder that read them."""

    stamp: tuple[int, datetime | None]
    encoder: str
    macros: tuple[Macro, ...] = ()
    sentences: Sentences | None = None

    def drafts(self, ask: Ask, *, stray: float, limit: int) -> list[Draft]:
        """See `DraftSource`; `stray` as in `knowledge.strays`."""
        return _drafts(self, ask, stray, limit)


_VARIABLE = re.compile(r"\{\{.*?\}\}")
NOTHING = MacroShelf((-1, None), "")


def shelve(macros: Sequence[Macro], embedder: Embedder, stamp: tuple[int, datetime | None] = (0, None)) -> MacroShelf:
    """Reads the macros."""
    return MacroShelf(stamp, embedder.name, tuple(macros), _read(macros, embedder))


class MacroDrafts:
    """The source. `refresh` looks whether macros changed and encodes their sentences anew; drafts come from the last picture."""

    def __init__(self, database: Database, embedder: Callable[[], Embedder]) -> None:
        self.database, self.embedder = database, embedder
        self._shelf = NOTHING

    async def refresh(self) -> bool:
        """Takes over changed macros; returns whether there were any."""
        embedder = self.embedder()
        async with self.database.transaction() as session:
            found = (await session.execute(select(func.count(), func.max(MacroRow.changed_at)).select_from(MacroRow))).one()
            stamp = (int(found[0]), found[1])
            if self._shelf.stamp == stamp and self._shelf.encoder == embedder.name:
                return False
            rows = (await session.execute(select(MacroRow).order_by(MacroRow.id))).scalars()
            macros = tuple(view_macro(row) for row in rows)
        self._shelf = await asyncio.to_thread(shelve, macros, embedder, stamp)
        return True

    async def drafts(self, ask: Ask, *, limit: int) -> list[Draft]:
        """See `DraftSource`."""
        shelf, embedder = self._shelf, self.embedder()
        if ask.vector is None or shelf.sentences is None or shelf.encoder != embedder.name:
            return []
        stray = strays_of(embedder).nearness(ask.vector)
        return await asyncio.to_thread(lambda: shelf.drafts(ask, stray=stray, limit=limit))


def _read(macros: Sequence[Macro], embedder: Embedder) -> Sentences | None:
    told = [(text, number) for number, macro in enumerate(macros) if _suggested(macro) for text in _sentences(macro)]
    if not told:
        return None
    vectors = embedder.encode([one_script(text) for text, _ in told])
    bodies = embedder.encode([one_script(_plain(macro)) for macro in macros])
    return Sentences([text for text, _ in told], vectors, [number for _, number in told], bodies, unrelated=unrelated_of(embedder))


def _plain(macro: Macro) -> str:
    """What it says, in its first language, without variables: encoders compare across languages."""
    return _VARIABLE.sub("", next(iter(macro.draft.bodies.values())))


def _suggested(macro: Macro) -> bool:
    """Suggestions are seen by whoever looks at the conversation: macros of one person or team are not among them."""
    return macro.draft.audience == MacroAudience.EVERYONE


def _sentences(macro: Macro) -> list[str]:
    """What it is found by: the questions written for it, else its title."""
    return list(macro.draft.questions) or [macro.title]


def _drafts(shelf: MacroShelf, ask: Ask, stray: float, limit: int) -> list[Draft]:
    if shelf.sentences is None or ask.vector is None:
        return []
    found: list[Draft] = []
    for match in shelf.sentences.matches(ask.question, ask.vector, language=ask.language, stray=stray):
        macro = shelf.macros[match.owner]
        body = body_for(macro.draft.bodies, ask.language)
        text = _filled(body[1], ask) if body else None
        if body is not None and text is not None:
            found.append(Draft(MACRO, text, (), match.chance, origin=str(macro.id), language=body[0], title=macro.title))
        if len(found) == limit:
            break
    return found


def _filled(body: str, ask: Ask) -> str | None:
    """The text, or None where something that it names is not known here: such a macro does not fit now."""
    try:
        return fill_variables(body, ask.values)[0]
    except InvalidInputError:
        return None
