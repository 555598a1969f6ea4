"""What the sentiment head learns from: the project's own sentences and lists of words.

`training_data/sentiment/<language>/<topic>.yml` holds class -> sentences (`<language>.yml` is read as well) and `words/<list>.yml` valence
or role -> words. They are those of Baton, whatever bot is trained, so that the trained heads lie beside them (sentiment_kept.py).
`held_out/` is never learned from; `benchmarks/quality_sentiment.py` measures on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nlu.data import TrainingDataError
from nlu.language import convert_scripts
from nlu.sentiment import CLASSES
from nlu.sentiment_words import ROLES, Words

SENTIMENT_FOLDER = Path(__file__).resolve().parents[1] / "training_data" / "sentiment"
WORDS, HELD_OUT = "words", "held_out"
CHINESE_LIST = "zh"
STRONGEST = 3.0


@dataclass(frozen=True)
class Feeling:
    """A sentence with its class (a name in CLASSES)."""

    text: str
    kind: str
    language: str


def read_sentiment(folder: Path) -> tuple[Feeling, ...]:
    """All sentences of the folder; empty when there is none. Raises TrainingDataError on an unknown class or malformed YAML."""
    named = [(file.stem, file) for file in sorted(folder.glob("*.yml"))]
    named += [(file.parent.name, file) for file in sorted(folder.glob("*/*.yml")) if file.parent.name not in {WORDS, HELD_OUT}]
    return tuple(
        Feeling(sentence, kind, language) for language, file in named for kind, found in _classes(file).items() for sentence in found
    )


def read_words(folder: Path) -> dict[str, Words]:
    """The lists of words of the folder, by file name; Chinese in Simplified characters. Raises TrainingDataError on what is not a list."""
    return {file.stem: _words(file) for file in sorted((folder / WORDS).glob("*.yml"))}


def stable_hash(text: str) -> int:
    """The same on every machine and in every process."""
    return int(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), 16)


def _classes(file: Path) -> dict[str, list[str]]:
    content = _lists(file)
    for kind in content:
        if kind not in CLASSES:
            hint = f"Known: {', '.join(CLASSES)}; each holds a list."
            raise TrainingDataError(f"{kind!r} is not a class of sentiment", file=str(file), line=1, hint=hint)
    return content


def _words(file: Path) -> Words:
    valences: dict[str, float] = {}
    stems: dict[str, float] = {}
    roles: dict[str, frozenset[str]] = {}
    for key, entries in _lists(file).items():
        words = [convert_scripts(word, "t2s") if file.stem == CHINESE_LIST else word for word in entries]
        if key in ROLES:
            roles[key] = frozenset(words)
            continue
        value = _valence(key, file)
        for word in words:
            if word.endswith("*") and len(word) > 1:
                stems.setdefault(word[:-1].casefold(), value)
            else:
                valences.setdefault(word if file.stem == "emoji" else word.casefold(), value)
    return Words(emoji=valences) if file.stem == "emoji" else Words(valences, stems, roles=roles)


def _valence(key: str, file: Path) -> float:
    try:
        value = float(key)
    except ValueError:
        value = STRONGEST + 1
    if not -STRONGEST <= value <= STRONGEST:
        hint = f"A list is named by its valence from -3 to 3, or one of {', '.join(ROLES)}."
        raise TrainingDataError(f"{key!r} does not name a list of words", file=str(file), line=1, hint=hint)
    return value


def _lists(file: Path) -> dict[str, list[str]]:
    """Everything is text ("no" is a word, not a truth value)."""
    try:
        content: Any = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader) or {}  # noqa: S506 (knows no type but text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise TrainingDataError("malformed YAML", file=str(file), line=line, hint="Check indentation and quotes.") from None
    plain = isinstance(content, Mapping) and all(isinstance(v, list) and all(isinstance(e, str) for e in v) for v in content.values())
    if not plain:
        raise TrainingDataError("not a table of lists", file=str(file), line=1, hint="Write a name, a colon, and a list below it.")
    return {str(key): list(entries) for key, entries in content.items()}
