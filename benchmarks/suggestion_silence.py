"""Do live suggestions stay silent where nothing is to be said? `python -m benchmarks.suggestion_silence`, without a running Baton.

`benchmarks/suggestion_turns.txt` holds invented conversations in four languages, written from the names of the shop's articles and macros
alone: half for choosing (odd numbers), half for measuring (even). The articles and macros of the sample shop are asked as a worker asks
them, every turn of a customer with what was said before it. `--held-out` reads `held_out_conversations.jsonl` instead, `--all` tells every
turn at which something is shown that should not, or nothing that answers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from app.readers import IndexDrafts
from app.search_encoder import search_encoder
from app.seeding import ARTICLES
from app.settings import Settings, read_settings
from assist.joining import JoinedDrafts
from assist.macro_source import MacroShelf, shelve
from assist.ports import KNOWLEDGE, MACRO, Ask, Draft, DraftSource
from assist.ranking import SHIPPED
from assist.wanting import wanting_of
from benchmarks.assist_effort import FILE as HELD_OUT
from benchmarks.assist_effort import FIRST, share
from context.macros.types import Macro
from knowledge.building import index_drafts
from knowledge.calibrating import calibrate, with_calibration
from knowledge.importing import read_markdown_folder
from knowledge.ports import Embedder
from knowledge.strays import strays_of
from sample_shop.macros import sample_macros

TURNS = Path(__file__).with_name("suggestion_turns.txt")
WANTING = ("ask", "tell")


@dataclass(frozen=True)
class Asked:
    """A turn of a customer: what kind it is, what answers it, what was said before."""

    conversation: str
    language: str
    kind: str
    text: str
    answers: tuple[str, ...]
    before: str

    @property
    def for_choosing(self) -> bool:
        """Whether things may be chosen by it."""
        return int(self.conversation.split()[-1]) % 2 == 1


def read_turns(file: Path = TURNS) -> Iterator[Asked]:
    """The turns of the file."""
    conversation, before = "", ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            conversation, before = line[3:], ""
        elif line.startswith("A: "):
            before = line[3:]
        elif line and not line.startswith("#"):
            head, _, text = line.partition("| ")
            kind, _, answers = head.partition(" ")
            named = tuple(one.strip() for one in answers.split(",") if one.strip())
            yield Asked(conversation, conversation.split()[0], kind, text, named, before)


def read_held_out() -> Iterator[Asked]:
    """The turns of the conversations that effort is measured on."""
    for number, line in enumerate(HELD_OUT.read_text(encoding="utf-8").splitlines()):
        row, before = json.loads(line), ""
        for turn in row["turns"]:
            kind = "ask" if turn["answers"] else "nothing"
            yield Asked(f"{row['id']} {2 * number}", row["language"], kind, turn["text"], tuple(turn["answers"]), before)
            before = turn["reply"]


@dataclass(frozen=True)
class ShelvedMacros:
    """The macros as a source of drafts, without a database."""

    shelf: MacroShelf
    embedder: Embedder

    async def drafts(self, ask: Ask, *, limit: int) -> list[Draft]:
        """See `DraftSource`."""
        assert ask.vector is not None
        return self.shelf.drafts(ask, stray=strays_of(self.embedder).nearness(ask.vector), limit=limit)


def shop_drafts(embedder: Embedder) -> JoinedDrafts:
    """The sources of the sample shop."""
    articles = [draft for folder in sorted(ARTICLES.iterdir()) if folder.is_dir() for draft in read_markdown_folder(folder)]
    index = index_drafts(articles, embedder)
    index = with_calibration(index, calibrate(index))
    now = datetime(2026, 1, 1, tzinfo=UTC)
    macros = [Macro(UUID(int=number), draft, None, 1, 0, None, now) for number, draft in enumerate(sample_macros(), 1)]
    sources: dict[str, DraftSource] = {KNOWLEDGE: IndexDrafts(lambda: index), MACRO: ShelvedMacros(shelve(macros, embedder), embedder)}
    wanting = wanting_of(embedder)
    return JoinedDrafts(sources, lambda: embedder, lambda: SHIPPED, lambda: wanting)


async def replay(turns: Sequence[Asked], drafts: JoinedDrafts) -> list[tuple[Asked, list[Draft]]]:
    """What is shown at each turn."""
    return [(turn, await drafts.drafts(Ask(turn.text, turn.language, before=turn.before), limit=FIRST)) for turn in turns]


def usable(turn: Asked, shown: Sequence[Draft]) -> bool:
    """Whether something that is shown answers, in the language of the turn."""
    base = turn.language.partition("-")[0]
    return any(_name(one) in turn.answers and not one.internal and one.language.partition("-")[0] == base for one in shown)


def _name(draft: Draft) -> str:
    return f"macro:{draft.title}" if draft.source == MACRO else draft.origin


def figures(found: Sequence[tuple[Asked, list[Draft]]]) -> dict[str, Any]:
    """Silence where nothing is wanted, by kind and language; what is usable where something is."""
    idle = [(turn, shown) for turn, shown in found if turn.kind not in WANTING]
    needing = [(turn, shown) for turn, shown in found if turn.kind in WANTING]
    by_kind: dict[str, list[bool]] = defaultdict(list)
    for turn, shown in idle:
        by_kind[turn.kind].append(not shown)
        by_kind[turn.language].append(not shown)
    silent = [turn for turn, shown in found if not shown]
    return {
        "turns": len(found),
        "want_nothing": len(idle),
        "silent_recall": share(not shown for _, shown in idle),
        "silent_precision": share(turn.kind not in WANTING for turn in silent),
        "usable_among_three": share(usable(turn, shown) for turn, shown in needing),
        "silent_though_wanted": share(not shown for _, shown in needing),
        "silent_recall_of": {name: share(values) for name, values in by_kind.items()},
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held-out", action="store_true", help="the 40 held-out conversations instead")
    parser.add_argument("--all", action="store_true", help="tell every turn that went wrong among those for choosing")
    given = parser.parse_args()
    found = asyncio.run(replay(list(read_held_out() if given.held_out else read_turns()), _drafts(read_settings())))
    if given.all:
        for turn, shown in found:
            if (turn.for_choosing or given.held_out) and (bool(shown) if turn.kind not in WANTING else not usable(turn, shown)):
                print(turn.conversation, turn.kind, turn.text, "|", [(_name(one), round(one.confidence, 2)) for one in shown])
    print(json.dumps({"held out": figures(found)} if given.held_out else _halves(found), indent=1))


def measure(settings: Settings) -> dict[str, Any]:
    """For `make eval`: both halves, and the held-out conversations."""
    drafts = _drafts(settings)
    found, held_out = (asyncio.run(replay(list(turns), drafts)) for turns in (read_turns(), read_held_out()))
    return _halves(found) | {"held out": figures(held_out)}


def _drafts(settings: Settings) -> JoinedDrafts:
    return shop_drafts(search_encoder(settings, remembering=True))


def _halves(found: Sequence[tuple[Asked, list[Draft]]]) -> dict[str, Any]:
    return {
        "for choosing": figures([one for one in found if one[0].for_choosing]),
        "for measuring": figures([one for one in found if not one[0].for_choosing]),
    }


if __name__ == "__main__":
    main()
