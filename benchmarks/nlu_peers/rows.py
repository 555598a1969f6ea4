"""The rows of a race: from files, or from a preset of public data or of the shop's own sentences."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.commands.evaluate import need, read_rows
from app.project import nlu_sources
from app.settings import Settings
from benchmarks.nlu_peers.job import OOS
from kit.errors import NotFoundError
from nlu.intents import OUT_OF_SCOPE_NAMES
from nlu.rasa_yaml import read_training_data

Pair = tuple[str, str]
_SEED = 7

FEW_SHOT = {
    "banking77-10shot": ("banking77", "train_10shot.jsonl"),
    "banking77-5shot": ("banking77", "train_5shot.jsonl"),
    "clinc150-10shot": ("clinc150", "train_10shot.jsonl"),
}
SHOP = "shop-en"
PRESETS = (*FEW_SHOT, SHOP)


@dataclass(frozen=True)
class Rows:
    """What all systems learn from and are asked: (text, intent), out of scope is "oos"."""

    name: str
    train: tuple[Pair, ...]
    test: tuple[Pair, ...]


def preset_rows(name: str, settings: Settings) -> Rows:
    """A preset; public ones are read from BATON_EVAL_DATA. Raises NotFoundError when its files are not there."""
    if name == SHOP:
        return _shop(settings.project_dir)
    folder, lessons = FEW_SHOT[name]
    where = settings.eval_data / folder
    if not where.is_dir():
        raise NotFoundError(f"There is no folder {where}", hint="Set BATON_EVAL_DATA to the folder with the public sets.")
    test = [row for row in read_rows(where / "intents.jsonl") if row["split"] == "test"]
    return Rows(name, _pairs(read_rows(where / lessons)), _pairs(test))


def file_rows(train: Path, test: Path) -> Rows:
    """JSONL files. Raises NotFoundError, or InvalidInputError with the row."""
    return Rows(train.stem, *(_pairs(need(read_rows(file), file, "text", "intent")) for file in (train, test)))


def smaller(rows: Rows, *, limit: int | None, intents: int | None) -> Rows:
    """Only the first `intents` intents by name (out of scope stays); of the test at most `limit` rows, drawn with a fixed seed."""
    if intents is not None:
        kept = {*sorted({intent for _, intent in rows.train} - {OOS})[:intents], OOS}
        rows = replace(rows, train=_only(rows.train, kept), test=_only(rows.test, kept))
    if limit is not None and limit < len(rows.test):
        rows = replace(rows, test=tuple(random.Random(_SEED).sample(rows.test, limit)))
    return rows


def _only(pairs: Sequence[Pair], kept: set[str]) -> tuple[Pair, ...]:
    return tuple(pair for pair in pairs if pair[1] in kept)


def _shop(project: Path) -> Rows:
    lessons = [e for e in read_training_data(nlu_sources(project)).examples if e.language == "en"]
    held_out = read_training_data([project / "training_data" / "tests" / "en" / "nlu.yml"]).examples
    return Rows(SHOP, *(tuple((e.text, _named(e.intent)) for e in part) for part in (lessons, held_out)))


def _pairs(rows: Sequence[dict[str, Any]]) -> tuple[Pair, ...]:
    return tuple((str(row["text"]), _named(str(row["intent"]))) for row in rows)


def _named(intent: str) -> str:
    return OOS if intent in OUT_OF_SCOPE_NAMES else intent
