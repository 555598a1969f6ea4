"""Trains taggers on marked sentences: of few the linear one, here; of many the network, in a process of its own, where torch works."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.data import Example, TrainingData
from nlu.encoders import Encoder
from nlu.entities import EntityExtractor
from nlu.entities.patterns import Vocabulary
from nlu.errors import EncoderError
from nlu.tagging.features import CHARACTERS, word_key
from nlu.tagging.inputs import Floats, Inputs
from nlu.tagging.labels import Label, label_of, to_tags
from nlu.tagging.reading import Reading, read
from nlu.tagging.states import StateSource, by_token, state_source
from nlu.tagging.tagger import ALL, Design, Tagger, numbered, pack_tagger
from nlu.types import Entity

ENGLISH = "en"
SECONDS_AT_MOST = 3600
OWNED, TRIED = 0.98, 50
UNMARKED_FEW, UNMARKED_SHARE = 200, 1
KEPT = 20
NETWORK_CODE, LINEAR_CODE = ("fit.py", "features.py"), ("linear.py", "linear_fit.py", "features.py")
FEW = 300
"""Up to so many sentences the linear tagger is as good as the network or better, and is trained in a moment rather than in a minute."""
SMALL = 200
"""Below so many sentences a word that stands in one only is learned too."""
REQUESTED = "requested"
"""In an example's metadata: the names of the entities that had just been asked for."""
_NOW = datetime(2026, 1, 5, 12)  # noqa: DTZ001


@dataclass(frozen=True)
class TaggingPlan:
    """`english`: the encoder for English sentences, `others` for all languages together; None for the tagger's own vectors only.

    `cache`: the folder where trained weights are kept, so that what does not touch the marked sentences does not train them again.
    `few`: up to how many sentences the linear tagger is trained.
    """

    english: Encoder | None
    others: Encoder | None
    cache: Path
    few: int = FEW


@dataclass(frozen=True)
class TrainedTaggers:
    """For an artefact: the JSON part of each group ("en", "*") and all tensors."""

    described: dict[str, Any]
    tensors: dict[str, Floats]


@dataclass(frozen=True)
class _Row:
    example: Example
    reading: Reading
    asked: tuple[str, ...]
    known: tuple[Entity, ...] | None


def train_taggers(data: TrainingData, vocabulary: Vocabulary, plan: TaggingPlan) -> TrainedTaggers:
    """One tagger for English on its encoder's states and one for all languages, as far as marked sentences ask for them; else empty.

    A label whose marked spans the typed extractors and patterns find by themselves is theirs and is not learned. Deterministic on one
    machine. Raises EncoderError when the training process fails.
    """
    rows = _rows(data, vocabulary)
    labels = _labels(rows)
    found = TrainedTaggers({}, {})
    marked = {row.example.language for row in rows if _marks(row, labels)}
    english = state_source(plan.english) if plan.english else None
    groups: list[tuple[str, Encoder | None, StateSource | None]] = []
    if ENGLISH in marked and english is not None:
        groups.append((ENGLISH, plan.english, english))
    if marked - {ENGLISH} or (marked and english is None):
        groups.append((ALL, plan.others, state_source(plan.others) if plan.others else None))

    def train(group: tuple[str, Encoder | None, StateSource | None]) -> tuple[Design, Mapping[str, Floats]]:
        name, encoder, source = group
        own = _chosen([row for row in rows if name == ALL or row.example.language == ENGLISH], labels)
        own = _with_tables(own, vocabulary)
        design = _design(own, labels, vocabulary, encoder if source else None)
        return design, _weights(design, own, (encoder, source), plan)

    with ThreadPoolExecutor(max_workers=2) as pool:
        for (name, _, _), trained in zip(groups, pool.map(train, groups), strict=True):
            described, tensors = pack_tagger(trained, f"tagger/{name}")
            found.described[name] = described
            found.tensors.update(tensors)
    return found


def _rows(data: TrainingData, vocabulary: Vocabulary) -> list[_Row]:
    if not any(example.entities for example in data.examples):
        return []
    extractor, rows, seen = EntityExtractor(vocabulary), [], set()
    tried = Counter[str]()
    for example in sorted(data.examples, key=lambda e: (e.language, e.text, e.intent)):
        asked = tuple(sorted({str(name) for name in example.metadata.get(REQUESTED) or ()}))
        reading = read(example.text)
        identity = (example.language, example.text, example.entities, asked)
        if reading.tokens and identity not in seen:
            seen.add(identity)
            tested = any(tried[span.name] < TRIED for span in example.entities)
            tried.update(span.name for span in example.entities if tested)
            known = extractor.extract(example.text, language=example.language, now=_NOW) if tested else None
            rows.append(_Row(example, reading, asked, known))
    return rows


def _labels(rows: Sequence[_Row]) -> tuple[Label, ...]:
    """Those of the marked spans, without what extractors find by themselves, all of it and nothing else."""
    spans: Counter[Label] = Counter()
    tried: Counter[str] = Counter()
    said: Counter[str] = Counter()
    certain: Counter[str] = Counter()
    for row in rows:
        spans.update(label_of(span) for span in row.example.entities)
        if row.known is not None:
            typed = {(e.name, e.start, e.end) for e in row.known if e.extractor != "lookup"}
            tried.update(span.name for span in row.example.entities)
            said.update(name for name, _, _ in typed)
            certain.update(span.name for span in row.example.entities if (span.name, span.start, span.end) in typed)
    owned = {name for name in tried if certain[name] >= OWNED * max(tried[name], said[name])}
    return tuple(sorted(label for label in spans if label.role or label.group or label.name not in owned))


def _chosen(rows: Sequence[_Row], labels: Sequence[Label]) -> list[_Row]:
    """The marked sentences and a share of the others, drawn by their text so that another sentence changes nothing."""
    marked = [row for row in rows if _marks(row, labels)]
    plain = [row for row in rows if not _marks(row, labels)]
    plain.sort(key=lambda row: _digest(row.example.text.encode("utf-8", "replace")))
    return marked + plain[: max(UNMARKED_FEW, UNMARKED_SHARE * len(marked))]


def _with_tables(rows: Sequence[_Row], vocabulary: Vocabulary) -> list[_Row]:
    """The rows with what lookups and patterns find in them."""
    if not (vocabulary.words or vocabulary.patterns):
        return [replace(row, known=()) for row in rows]
    extractor = EntityExtractor(vocabulary)
    return [replace(row, known=extractor.extract(row.example.text, language=row.example.language, now=_NOW)) for row in rows]


def _marks(row: _Row, labels: Sequence[Label]) -> bool:
    return any(label_of(span) in labels for span in row.example.entities)


def _design(rows: Sequence[_Row], labels: tuple[Label, ...], vocabulary: Vocabulary, encoder: Encoder | None) -> Design:
    known = {label_of(span) for row in rows for span in row.example.entities}
    words = Counter(word_key(word) for row in rows for word in row.reading.words)
    characters = Counter(char for row in rows for word in row.reading.words for char in word)
    rare = 0 if len(rows) < SMALL else 1
    return Design(
        labels=tuple(label for label in labels if label in known),
        words=numbered(sorted(word for word, count in words.items() if count > rare)),
        characters=numbered(sorted(char for char, count in characters.items() if count > rare)),
        tables=tuple(sorted({*vocabulary.words, *(name for name, _ in vocabulary.patterns)})),
        encoder=encoder.name if encoder else None,
        asked=any(row.asked for row in rows),
    )


def _weights(
    design: Design, rows: Sequence[_Row], seen: tuple[Encoder | None, StateSource | None], plan: TaggingPlan
) -> Mapping[str, Floats]:
    encoder, source = seen
    settings, linear = _settings(design, len(rows), source), len(rows) <= plan.few
    plain = [[r.reading.plain, r.asked, to_tags(r.reading, r.example.entities, design.labels), _places(r.known, design)] for r in rows]
    code = b"".join((Path(__file__).parent / name).read_bytes() for name in (LINEAR_CODE if linear else NETWORK_CODE))
    key = _digest(json.dumps([settings, plain, encoder.version if encoder and source else ""]).encode(), code)
    kept = plan.cache / f"{key[:32]}.safetensors"
    from safetensors.numpy import load_file

    try:
        weights: Mapping[str, Floats] = load_file(kept)
        Tagger(design, weights)
    except Exception:
        given = _inputs(design, rows, source)
        weights = _fit_few(design, rows, given) if linear else _fit(settings, _joined(design, rows, given, source))
        _keep(kept, weights)
    return weights


def _settings(design: Design, count: int, source: StateSource | None) -> dict[str, int]:
    return {
        "words": len(design.words) + 2,
        "characters": len(design.characters) + 2,
        "hints": design.hints,
        "free": design.free,
        "states": source.dimension if source else 0,
        "labels": len(design.labels),
        "epochs": 8 + min(60, 8000 // max(1, count)),
        "batch": 32 if count > 2000 else 16 if count > 100 else 8,
    }


def _places(known: Iterable[Entity] | None, design: Design) -> list[tuple[str, int, int]]:
    return [(entity.name, entity.start, entity.end) for entity in known or () if entity.name in design.tables]


def _inputs(design: Design, rows: Sequence[_Row], source: StateSource | None) -> list[Inputs]:
    """What is known of each sentence's tokens; states as exactly as they are kept."""
    found: list[Inputs] = []
    for row in rows:
        states = by_token(source.look(row.reading.plain), row.reading) if source else None
        given = design.inputs(row.reading, states, row.known or (), row.asked)
        found.append(Inputs(given.words, given.characters, given.hints, given.states.astype(np.float16)))
    return found


def _fit_few(design: Design, rows: Sequence[_Row], given: Sequence[Inputs]) -> Mapping[str, Floats]:
    from nlu.tagging.linear_fit import Lesson, fit

    tags = (to_tags(row.reading, row.example.entities, design.labels) for row in rows)
    lessons = [Lesson(inputs, one) for inputs, one in zip(given, tags, strict=True)]
    return fit(lessons, words=len(design.words) + 2, labels=len(design.labels), free=design.free)


def _joined(design: Design, rows: Sequence[_Row], parts: Sequence[Inputs], source: StateSource | None) -> dict[str, NDArray[Any]]:
    """All tokens of all sentences, one after the other."""
    beside = {"states": np.concatenate([part.states for part in parts])} if source else {}
    tags = [tag for row in rows for tag in to_tags(row.reading, row.example.entities, design.labels)]
    return beside | {
        "lengths": np.array([len(part.words) for part in parts], dtype=np.int64),
        "words": np.concatenate([part.words for part in parts]),
        "characters": np.concatenate([part.characters for part in parts]).reshape(-1, CHARACTERS),
        "hints": np.concatenate([part.hints for part in parts]),
        "tags": np.array(tags, dtype=np.int64),
    }


def _fit(settings: dict[str, int], inputs: dict[str, NDArray[Any]]) -> Mapping[str, Floats]:
    from safetensors.numpy import load_file, save_file

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
        save_file(inputs, folder / "inputs.safetensors")
        command = [sys.executable, "-m", "nlu.tagging.fit", str(folder)]
        root = Path(__file__).resolve().parents[2]
        calm = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=root, env=calm, capture_output=True, text=True, timeout=SECONDS_AT_MOST, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise EncoderError(f"The tagger could not be trained: {last}", hint="Is torch installed, and memory free (1 GB)?")
        weights: dict[str, Floats] = load_file(folder / "weights.safetensors")
        return weights


def _keep(path: Path, weights: Mapping[str, Floats]) -> None:
    """Puts weights into the cache, where the newest KEPT stay. A cache that cannot be written is none."""
    from safetensors.numpy import save

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(save(dict(weights)))
        fresh.replace(path)
        for old in sorted(path.parent.glob("*.safetensors"), key=lambda p: p.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
