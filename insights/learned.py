"""Sentences that editors taught as training data: Rasa YAML beside the project, one file a language, with author and time of each.

The database is what counts; the files are written anew from it on each node before it trains, and whenever an editor decides.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from insights.grouping import is_near, sentence_key
from insights.models import LearningSentenceRow
from nlu.annotations import AnnotationError, parse_annotations
from nlu.data import Example
from nlu.rasa_yaml import read_training_data
from nlu.text import fold

FILE = "learned.yml"
_HEAD = "# Written by Baton from the console's page Learning. Change or undo it there: this file is written anew.\n"


@dataclass(frozen=True)
class Clash:
    """A sentence of the training data that is the same as (`same`), or nearly, what is being taught."""

    intent: str
    text: str
    same: bool
    place: str


@dataclass(frozen=True)
class Known:
    """The training data by language: its intents, and its sentences by their keys."""

    intents: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    by_key: Mapping[tuple[str, str], Sequence[Example]] = field(default_factory=dict)

    def same(self, text: str, *, language: str, intent: str) -> bool:
        """Whether the sentence stands under this intent already."""
        return any(one.intent == intent and fold(one.text) == fold(text) for one in self.by_key.get((language, sentence_key(text)), ()))

    def clashes(self, text: str, *, language: str, intent: str) -> tuple[Clash, ...]:
        """Sentences of other intents that are the same, or differ by politeness or a typing error; the same ones first."""
        key = sentence_key(text)
        found = [e for (spoken, known), rows in self.by_key.items() if spoken == language and is_near(known, key) for e in rows]
        clashes = [
            Clash(e.intent, e.text, fold(e.text) == fold(text), f"{Path(e.file).name}:{e.line}") for e in found if e.intent != intent
        ]
        return tuple(sorted(clashes, key=lambda c: (not c.same, c.intent)))


def yaml_files(path: Path) -> list[Path]:
    """The YAML files under a folder, in order, or the file itself; nothing where there is none."""
    return sorted(path.rglob("*.y*ml")) if path.is_dir() else [path] if path.exists() else []


def read_known(sources: Iterable[Path]) -> Known:
    """Reads training data. Raises TrainingDataError with file and line."""
    data = read_training_data(path for path in sources if path.exists())
    by_key: dict[tuple[str, str], list[Example]] = {}
    for example in data.examples:
        by_key.setdefault((example.language, sentence_key(example.text)), []).append(example)
    return Known(data.intents, data.examples, by_key)


class TrainingSentences:
    """The project's own sentences, read again when a file has changed."""

    def __init__(self, sources: Callable[[], Sequence[Path]]) -> None:
        """`sources` names the files and folders of the project, without the taught ones."""
        self._sources = sources
        self._read: tuple[object, Known] = (None, Known())

    def known(self) -> Known:
        """The sentences now. Takes a moment when a file has changed: call it in a thread."""
        sources = self._sources()
        stamp = [(str(f), f.stat().st_mtime_ns, f.stat().st_size) for s in sources for f in yaml_files(s)]
        if self._read[0] != stamp:
            self._read = (stamp, read_known(sources))
        return self._read[1]


def plain_sentence(text: str) -> str:
    """The sentence without entity markup. Raises AnnotationError."""
    return parse_annotations(text).text


async def write_learned(session: AsyncSession, folder: Path, *, known: Known | None = None) -> int:
    """Writes all taught sentences to `folder`/<language>/learned.yml, save those that `known` has already; returns how many."""
    query = select(LearningSentenceRow).where(LearningSentenceRow.status == "taught")
    rows = (await session.execute(query.order_by(LearningSentenceRow.decided_at, LearningSentenceRow.id))).scalars()
    by_language: dict[str, dict[str, list[dict[str, Any]]]] = {}
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        sentence, intent = row.taught_text or row.text, row.intent or ""
        mark = (row.language, intent, fold(_plain(sentence)))
        if mark in seen or (known is not None and known.same(_plain(sentence), language=row.language, intent=intent)):
            continue
        seen.add(mark)
        metadata = {"author": row.decided_name, "at": row.decided_at.isoformat() if row.decided_at else None, "sentence": str(row.id)}
        by_language.setdefault(row.language, {}).setdefault(intent, []).append({"text": sentence, "metadata": metadata})
    _write(folder, by_language)
    return len(seen)


def _plain(sentence: str) -> str:
    try:
        return plain_sentence(sentence)
    except AnnotationError:
        return sentence


def _write(folder: Path, by_language: Mapping[str, Mapping[str, list[dict[str, Any]]]]) -> None:
    for left in folder.glob(f"*/{FILE}"):
        if left.parent.name not in by_language:
            left.unlink()
    for language, intents in by_language.items():
        nlu = [{"intent": intent, "examples": examples} for intent, examples in intents.items()]
        body = yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True, sort_keys=False, width=1000)
        target = folder / language / FILE
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as file:
            file.write(_HEAD + body)
        Path(file.name).chmod(0o644)
        Path(file.name).replace(target)
