"""Cross-validation of the whole pipeline: every sentence is understood by a model that has not seen it.

Each fold is trained by `nlu.train.train` and asked through `Understander.understand`, as in service, entities and rejection included.
Calibration and thresholds are fitted inside the training part of each fold (nested), so that no figure has seen its own sentence.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kit.errors import InvalidInputError
from nlu.data import Example, TrainingData
from nlu.encoders import Encoder, get_encoder
from nlu.encoders.cache import CachedEncoder
from nlu.intents import OUT_OF_SCOPE_NAMES
from nlu.language import base_language
from nlu.train import Plan, Progress, train
from nlu.types import Understanding
from nlu.understander import Understander
from nlu.validate_base import same_key

FOLDS = 5
TRAINING_SHARE = 0.85


@dataclass(frozen=True)
class Judged:
    """A sentence with what a model that had not seen it made of it. `tagged`: whether that model had a tagger of entities."""

    example: Example
    understanding: Understanding
    tagged: bool = True

    @property
    def truth(self) -> str:
        """The annotated intent, out of scope always by the same name."""
        return "oos" if self.example.intent in OUT_OF_SCOPE_NAMES else self.example.intent

    @property
    def best(self) -> str:
        """The best intent, whatever the scope decision says."""
        ranking = self.understanding.ranking
        return ranking[0][0] if ranking else "oos"

    @property
    def answered(self) -> str:
        """The intent that is acted on, "oos" for a rejection."""
        return self.understanding.intent or "oos"


@dataclass(frozen=True)
class Judgement:
    """All sentences in order, how they were judged ("cross-validation, 5 folds"), and the figures of sentiment where it was trained."""

    judged: tuple[Judged, ...]
    method: str
    sentiment: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Job:
    encoder_cache: Path
    plan: Plan
    progress: Progress
    tagged: bool = True

    def remembering(self, encoder: Encoder) -> Encoder:
        """What encodes all languages, behind the cache: the sentences were all encoded for the training of the other folds."""
        return CachedEncoder(encoder, self.encoder_cache / "embeddings.sqlite") if encoder.name in self.plan.others else encoder


@dataclass(frozen=True)
class Split:
    """How to cross-validate: `folds`, and how many of them, from the first, also train the tagger of entities, which takes longest."""

    folds: int = FOLDS
    tagged: int = 1


def cross_validate(
    data: TrainingData, *, encoder_cache: Path, split: Split | None = None, plan: Plan | None = None, progress: Progress | None = None
) -> Judgement:
    """Every example judged by a model trained on the other folds, in the order of `data.examples`.

    Folds are stratified by intent and language; sentences that are the same but for case, width or Chinese script share one.
    Entities are measured on the folds whose models have a tagger (`split.tagged`). `progress` gets (what, share done from 0 to 1).
    Raises InvalidInputError for fewer than 2 folds, or data that cannot be split.
    """
    used = split or Split()
    folds = used.folds
    refuse_unsplittable(data, folds)
    job = _Job(encoder_cache, plan or Plan(), progress or _silent)
    places = assign_folds(data.examples, folds)
    found: dict[int, Understanding] = {}
    sentiment: Mapping[str, float] = {}
    for fold in range(folds):
        held = [i for i, place in enumerate(places) if place == fold]
        if not held:
            continue
        step = _part(job.progress, f"fold {fold + 1} of {folds}", fold / folds, 1 / folds)
        small = replace(job.plan, sentiment=job.plan.sentiment if fold == 0 else None)
        own = replace(job, plan=small, progress=step, tagged=fold < used.tagged)
        answers, scores = _judge(_without(data, held), [data.examples[i] for i in held], own)
        found.update(zip(held, answers, strict=True))
        sentiment = scores if fold == 0 else sentiment
    judged = tuple(Judged(example, found[i], places[i] < used.tagged) for i, example in enumerate(data.examples))
    return Judgement(judged, f"cross-validation, {folds} folds", dict(sentiment))


def judge_held_out(
    data: TrainingData, tests: Sequence[Example], *, encoder_cache: Path, plan: Plan | None = None, progress: Progress | None = None
) -> Judgement:
    """The held-out sentences `tests`, judged by a model trained on all of `data`. Raises InvalidInputError when there are none."""
    if not tests:
        raise InvalidInputError("There is no held-out sentence.", hint="Write some to training_data/tests/<language>/nlu.yml.")
    answers, sentiment = _judge(data, tests, _Job(encoder_cache, plan or Plan(), progress or _silent))
    return Judgement(tuple(Judged(e, u) for e, u in zip(tests, answers, strict=True)), "held-out sentences", dict(sentiment))


def assign_folds(examples: Sequence[Example], count: int) -> list[int]:
    """A fold (0 to count - 1) for each example: round robin within intent and language, in an order given by a hash of the sentences."""
    keys = [same_key(e.text, e.language) for e in examples]
    seen: dict[tuple[str, str], int] = {}
    place: dict[tuple[str, str], int] = {}
    for i in sorted(range(len(examples)), key=lambda i: _hash(keys[i])):
        if keys[i] not in place:
            group = (examples[i].intent, base_language(examples[i].language))
            place[keys[i]] = (seen.setdefault(group, _start(group, count))) % count
            seen[group] += 1
    return [place[key] for key in keys]


def _start(group: tuple[str, str], count: int) -> int:
    """Groups begin at different folds, so that the last folds do not all get fewer sentences."""
    return int.from_bytes(_hash(group)[:4], "big") % count


def _hash(words: tuple[str, str]) -> bytes:
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).digest()


def refuse_unsplittable(data: TrainingData, folds: int) -> None:
    """Raises InvalidInputError when the data cannot be cross-validated."""
    if folds < 2:
        raise InvalidInputError(f"{folds} folds cannot be cross-validated.", hint="Use 2 or more.")
    if not data.examples:
        raise InvalidInputError("There is no example at all.", hint="Add intents with sentences to training_data/nlu/.")
    counts: dict[str, set[tuple[str, str]]] = {}
    for example in data.examples:
        counts.setdefault(example.intent, set()).add(same_key(example.text, example.language))
    splittable = [name for name, keys in counts.items() if len(keys) > 1 and name not in OUT_OF_SCOPE_NAMES]
    if len(splittable) < 2:
        message = "Cross-validation needs at least two intents with at least two different sentences each."
        raise InvalidInputError(message, hint="Add intents or sentences; `baton nlu validate` says which have too few.")


def _without(data: TrainingData, held: Iterable[int]) -> TrainingData:
    """The data without the held examples and the synonyms that their annotations gave."""
    out = set(held)
    lines = {(data.examples[i].file, data.examples[i].line) for i in out}
    examples = tuple(e for i, e in enumerate(data.examples) if i not in out)
    return replace(data, examples=examples, synonyms=tuple(s for s in data.synonyms if not s.file or (s.file, s.line) not in lines))


def _unmarked(data: TrainingData) -> TrainingData:
    """The data without annotations, from which no tagger is trained; intents do not look at them."""
    return replace(data, examples=tuple(replace(e, entities=()) for e in data.examples))


def _judge(data: TrainingData, rows: Sequence[Example], job: _Job) -> tuple[list[Understanding], Mapping[str, float]]:
    learn = _part(job.progress, "", 0.0, TRAINING_SHARE)
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        report = train(data if job.tagged else _unmarked(data), out=model, encoder_cache=job.encoder_cache, progress=learn, plan=job.plan)
        understander = Understander.load(model, encoder_cache=job.encoder_cache, front=job.remembering)
    found = []
    for number, row in enumerate(rows):
        if number % 25 == 0:
            job.progress("understanding", TRAINING_SHARE + (1 - TRAINING_SHARE) * number / len(rows))
        found.append(understander.understand(row.text, language=row.language))
    return found, report.sentiment


def _part(progress: Progress, label: str, start: float, width: float) -> Progress:
    """Progress of a part of the work, shown as part of the whole."""
    return lambda what, share: progress(f"{label}: {what}" if label else what, start + width * share)


def _silent(what: str, share: float) -> None:
    """Progress that nobody watches."""


def cached_encoders(plan: Plan, encoder_cache: Path) -> dict[str, Encoder]:
    """An encoder for English and one ("*") for all other languages, in front of the cache of embeddings; not loaded yet."""
    names = {"en": plan.english[0], "*": plan.others[0]}
    return {
        language: CachedEncoder(get_encoder(name, encoder_cache), encoder_cache / "embeddings.sqlite") for language, name in names.items()
    }
