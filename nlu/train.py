"""Trains the language model: data in, one versioned folder out. Same data, same bytes. Never imports torch into this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from kit.errors import InvalidInputError
from nlu.artefact import Stored, write_artefact
from nlu.data import Lookup, TrainingData
from nlu.encoders import Encoder, get_encoder
from nlu.encoders.cache import CachedEncoder
from nlu.encoders.minilm import TUNED, MiniLMEncoder
from nlu.encoders.port import Vectors
from nlu.encoders.tuned import tuned_name
from nlu.entities.patterns import Vocabulary, merge_words
from nlu.fine_tuning import Tuned, fine_tune
from nlu.intent_training import Material, Scores, Sentence, name_text, train_intents
from nlu.intents import OUT_OF_SCOPE_NAMES
from nlu.language import SIMPLIFIED, TRADITIONAL, base_language, canonical, train_latin
from nlu.lexical import rarity
from nlu.pack import pack_intents
from nlu.sentiment_data import SENTIMENT_FOLDER
from nlu.sentiment_kept import Trained, trained_or_kept
from nlu.sentiment_pack import pack_sentiment
from nlu.tagging.training import TaggingPlan, TrainedTaggers, train_taggers
from nlu.text import fold

ENGLISH_ONLY = frozenset({MiniLMEncoder.name, TUNED})
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Plan:
    """Which encoders see which languages: `english` for English, `others` for all. `sentiment`: the folder of its sentences, or None.

    `fine_tune`: the encoder `base` is tuned on the sentences first (MiniLM on the English ones) and becomes a part of the model (minutes
    rather than seconds).
    """

    english: tuple[str, ...] = ("minilm-l6-v2", "use-multilingual")
    others: tuple[str, ...] = ("use-multilingual",)
    sentiment: Path | None = SENTIMENT_FOLDER
    fine_tune: bool = False
    base: str = MiniLMEncoder.name

    @property
    def encoders(self) -> tuple[str, ...]:
        """All names, each once."""
        return tuple(dict.fromkeys(self.english + self.others))


@dataclass(frozen=True)
class TrainReport:
    """What was trained: `scores` are cross-validated, by group of languages ("en", "*")."""

    out: Path
    data: str
    examples: int
    intents: int
    languages: tuple[str, ...]
    scores: Mapping[str, Scores] = field(default_factory=dict)
    sentiment: Mapping[str, float] = field(default_factory=dict)


def train(data: TrainingData, *, out: Path, encoder_cache: Path, progress: Progress | None = None, plan: Plan | None = None) -> TrainReport:
    """Writes the model to the folder `out` (replaced in one step; nothing is written on failure).

    `encoder_cache` keeps exported networks and embeddings between trainings; `progress` gets (what, share done from 0 to 1).
    Raises InvalidInputError when there is nothing to learn.
    """
    plan, step = plan or Plan(), progress or _silent
    sentences, classes = _sentences(data)
    tuned = None
    if plan.fine_tune:
        step("fine-tuning", 0.0)
        plan, tuned = _with_tuned(plan), fine_tune(sentences, classes, base=plan.base, cache=encoder_cache)
    encoders = {name: _encoder(name, encoder_cache, tuned) for name in plan.encoders}
    with threadpool_limits(limits=2, user_api="blas"):
        material = _material(sentences, classes, encoders, step)
        material = replace(material, held={tuned.encoder.name: tuned.held} if tuned else {})
        model, scores = train_intents(material, plan.english, plan.others, lambda what, share: step(what, 0.6 + 0.3 * share))
        step("sentiment", 0.92)
        sentiment, sentiment_scores = _sentiment(plan, encoders, encoder_cache / "sentiment")
    digest = data.digest()
    described, tensors = pack_intents(model)
    feeling, feeling_tensors = pack_sentiment(sentiment)
    latin = train_latin(_texts(data, "en"), _texts(data, "pt"))
    tables = _tables(data, classes)
    step("entities", 0.94)
    tagging = _taggers(data, tables, plan, tuned, encoder_cache)
    tensors |= feeling_tensors | tagging.tensors | {"rarity": material.rarity, "latin": latin.odds}
    report = TrainReport(out, digest, len(data.examples), len(classes), data.languages, scores, sentiment_scores)
    step("writing", 0.97)
    parts = {"intents": described, "sentiment": feeling, "taggers": tagging.described, **tables}
    write_artefact(out, Stored(_manifest(report, encoders), parts, tensors, tuned.network if tuned else None))
    step("done", 1.0)
    return report


def _sentiment(plan: Plan, encoders: Mapping[str, Encoder], kept: Path) -> Trained:
    return trained_or_kept(plan.sentiment, encoders, groups=(plan.english, plan.others), folder=kept) if plan.sentiment else (None, {})


def _with_tuned(plan: Plan) -> Plan:
    if plan.base not in plan.encoders:
        hint = f"Name {plan.base} among the encoders, or tune one of {', '.join(plan.encoders)}."
        raise InvalidInputError(f"The encoder {plan.base} is not used, so tuning it would change nothing.", hint=hint)
    name = tuned_name(plan.base)
    english, others = (tuple(name if one == plan.base else one for one in group) for group in (plan.english, plan.others))
    return replace(plan, english=english, others=others)


def _encoder(name: str, encoder_cache: Path, tuned: Tuned | None) -> Encoder:
    if tuned is not None and name == tuned.encoder.name:
        return tuned.encoder
    return CachedEncoder(get_encoder(name, encoder_cache), encoder_cache / "embeddings.sqlite")


def _taggers(data: TrainingData, tables: Mapping[str, Any], plan: Plan, tuned: Tuned | None, encoder_cache: Path) -> TrainedTaggers:
    vocabulary = Vocabulary(
        {name: tuple(words) for name, words in tables["lookups"].items()}, tuple(map(tuple, tables["regexes"])), tables["synonyms"]
    )
    own = next((name for name in plan.english if name in ENGLISH_ONLY), None)
    english = tuned.encoder if tuned and own == TUNED else get_encoder(own, encoder_cache) if own else None
    return train_taggers(data, vocabulary, TaggingPlan(english, get_encoder(plan.others[0], encoder_cache), encoder_cache / "taggers"))


def _silent(what: str, share: float) -> None:
    """Progress that nobody watches."""


def _sentences(data: TrainingData) -> tuple[tuple[Sentence, ...], tuple[str, ...]]:
    """Every example, Chinese in Simplified characters; a repeat within an intent counts once a language, the two of Chinese as one."""
    classes = data.intents
    if not set(classes) - OUT_OF_SCOPE_NAMES:
        raise InvalidInputError("There is no intent to learn.", hint="Add intents with sentences to training_data/nlu/.")
    place = {name: i for i, name in enumerate(classes)}
    found: dict[tuple[str, int, str], Sentence] = {}
    for example in sorted(data.examples, key=lambda e: (e.language, e.intent, e.text)):
        text, label = canonical(example.text), place[example.intent]
        if text:
            found.setdefault((text, label, base_language(example.language)), Sentence(text, label, example.language))
    return tuple(found.values()), classes


def _material(sentences: tuple[Sentence, ...], classes: tuple[str, ...], encoders: Mapping[str, Encoder], step: Progress) -> Material:
    texts, step_width = [s.text for s in sentences], 0.6 / len(encoders)
    named = [name_text(c) for c in classes]
    with ThreadPoolExecutor(len(encoders)) as pool:  # an encoder that is not here yet is prepared by a process of its own
        made = [pool.submit(lambda one: (_encode(one, sentences, texts), one.encode(named)), one) for one in encoders.values()]
        vectors: dict[str, Vectors] = {}
        names: dict[str, Vectors] = {}
        for number, (name, rows) in enumerate(zip(encoders, made, strict=True)):
            step(f"encoding with {name}", step_width * number)
            vectors[name], names[name] = rows.result()
    return Material(classes, sentences, vectors, names, rarity(texts))


def _encode(encoder: Encoder, sentences: Sequence[Sentence], texts: Sequence[str]) -> Vectors:
    """MiniLM knows English only, so other languages are not shown to it (their rows stay zero and are not used)."""
    if encoder.name not in ENGLISH_ONLY:
        return encoder.encode(texts)
    rows = [i for i, s in enumerate(sentences) if s.language == "en"]
    out = np.zeros((len(texts), encoder.dimension), dtype=np.float32)
    if rows:
        out[rows] = encoder.encode([texts[i] for i in rows])
    return out


def _texts(data: TrainingData, language: str) -> list[str]:
    words = [word for lookup in data.lookups if lookup.language == language for word in lookup.words]
    return [e.text for e in data.examples if e.language == language] + words


def _tables(data: TrainingData, classes: Sequence[str]) -> dict[str, Any]:
    """Lookup tables named like an intent decide whole messages; the others are entities."""
    whole = [lookup for lookup in data.lookups if lookup.name in classes]
    entities = merge_words((lookup.name, lookup.words) for lookup in data.lookups if lookup.name not in classes)
    synonyms = {s.text: s.value for s in data.synonyms}
    return {
        "whole": _whole(whole),
        "lookups": {name: list(words) for name, words in entities.items()},
        "regexes": [[r.name, r.pattern] for r in data.regexes],
        "synonyms": synonyms,
    }


def _whole(lookups: Sequence[Lookup]) -> dict[str, dict[str, str]]:
    """By language; "*" holds the messages on which all languages agree. Chinese counts in both scripts, each word in Simplified."""
    tables: dict[str, dict[str, str]] = {}
    for lookup in lookups:
        for word in lookup.words:
            tables.setdefault(lookup.language, {}).setdefault(fold(canonical(word)), lookup.name)
    for own, other in ((TRADITIONAL, SIMPLIFIED), (SIMPLIFIED, TRADITIONAL)):
        for text, intent in dict(tables.get(other, {})).items():
            tables.setdefault(own, {}).setdefault(text, intent)
    meanings: dict[str, set[str]] = {}
    for table_of in tables.values():
        for text, intent in table_of.items():
            meanings.setdefault(text, set()).add(intent)
    tables["*"] = {text: next(iter(found)) for text, found in sorted(meanings.items()) if len(found) == 1}
    return tables


def _manifest(report: TrainReport, encoders: Mapping[str, Encoder]) -> dict[str, Any]:
    return {
        "data": report.data,
        "examples": report.examples,
        "intents": report.intents,
        "languages": list(report.languages),
        "encoders": {name: encoder.version for name, encoder in encoders.items()},
        "scores": {name: asdict(score) for name, score in report.scores.items()},
        "sentiment": dict(report.sentiment),
    }
