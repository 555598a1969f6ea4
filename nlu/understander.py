"""Text in, `Understanding` out: the trained model as it serves. Imports neither torch nor scikit-learn."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from nlu.artefact import Stored, read_artefact
from nlu.clauses import split_clauses
from nlu.encoders import Encoder, get_encoder
from nlu.encoders.batching import BatchingEncoder
from nlu.encoders.port import Vectors
from nlu.encoders.recent import RecentEncoder
from nlu.encoders.tuned import is_tuned, open_tuned
from nlu.entities import EntityExtractor, EntitySettings
from nlu.entities.patterns import Vocabulary
from nlu.errors import ModelError
from nlu.intents import OUT_OF_SCOPE_NAMES, Features, IntentModel, Prediction
from nlu.language import Identified, LatinModel, canonical, identify
from nlu.lexical import row
from nlu.pack import unpack_intents
from nlu.sentiment import SentimentModel, judge
from nlu.sentiment_pack import unpack_sentiment
from nlu.tagging.serving import Look, Tagging, unpack_taggers
from nlu.tagging.tagger import Tagger
from nlu.text import fold, for_encoding
from nlu.types import Understanding

RANKED = 10
MAX_LENGTH = 2000
SURE_CLAUSE = 0.5


@dataclass(frozen=True)
class Parts:
    """What an understander is made of. `whole`: folded whole messages to their intent, by language and for all ("*")."""

    model: str
    encoders: Mapping[str, Encoder]
    intents: IntentModel
    rarity: Vectors
    whole: Mapping[str, Mapping[str, str]]
    latin: LatinModel
    sentiment: SentimentModel | None
    vocabulary: Vocabulary
    taggers: Mapping[str, Tagger] = field(default_factory=dict)


def _joined(encoder: Encoder) -> Encoder:
    return RecentEncoder(BatchingEncoder(encoder))


class Understander:
    """Understands customers' messages. Deterministic; safe for use by several threads at once."""

    def __init__(self, parts: Parts, *, settings: EntitySettings | None = None) -> None:
        """`settings`: the shop's order numbers and telephone regions."""
        self._parts = parts
        self._entities = EntityExtractor(parts.vocabulary, settings)
        self._tagging = Tagging(parts.taggers, parts.encoders, parts.vocabulary.synonyms)

    @classmethod
    def load(
        cls,
        artefact: Path,
        *,
        encoder_cache: Path,
        settings: EntitySettings | None = None,
        front: Callable[[Encoder], Encoder] = _joined,
    ) -> Understander:
        """The model in the folder `artefact`, its encoders loaded lazily. Raises ModelError when it is missing, damaged or foreign.

        `front` puts something in front of each encoder: by default what joins the requests of several threads, and keeps
        what was read last.
        """
        stored = read_artefact(artefact)
        encoders: dict[str, Encoder] = {}
        for name in stored.manifest["encoders"]:
            encoders[name] = front(_encoder(name, stored, encoder_cache))
        for name, encoder in encoders.items():
            if encoder.version != stored.manifest["encoders"][name]:
                hint = "Train again with `baton train`."
                raise ModelError(f"The model was trained with another version of the encoder {name}.", hint=hint)
        try:
            parts = _parts(stored, encoders)
        except (KeyError, TypeError, ValueError, re.error) as error:
            raise ModelError(f"The model in {artefact} is not complete: {error}", hint="Train again with `baton train`.") from None
        return cls(parts, settings=settings)

    @property
    def model(self) -> str:
        """Names what it was trained on, as `Understanding.model` does."""
        return self._parts.model

    def warm_up(self) -> None:
        """Loads every encoder now, rather than at the first message."""
        for encoder in self._parts.encoders.values():
            encoder.encode(["ok"])

    def identify(self, text: str, *, previous: str | None = None) -> Identified:
        """The language of a text, with the hint of the message before."""
        return identify(text, previous=previous, model=self._parts.latin)

    def understand(
        self,
        text: str,
        *,
        language: str | None = None,
        previous_language: str | None = None,
        expected: str | Sequence[str] | None = None,
        now: datetime | None = None,
    ) -> Understanding:
        """What `text` means.

        `language` is taken as given; without it the text is looked at, with `previous_language` for texts that do not tell. `expected`
        names the entity that was just asked for, or several; `now` (default: this moment) resolves relative dates. Never raises on any
        text; beyond the first 2,000 characters a text is not read.
        """
        spoken = language or self.identify(text, previous=previous_language).language
        asked = (expected,) if isinstance(expected, str) else tuple(expected or ())
        entities = self._entities.extract(text, language=spoken, now=now or datetime.now(UTC), expected=asked[0] if asked else None)
        look = self._tagging.look(text, spoken)
        entities = self._tagging.entities(look, entities, asked) if look else entities
        plain = canonical(text)
        features = self._features(plain, spoken, look)
        prediction = self._predict(plain, spoken, features)
        also, clauses = self._also(text, spoken, prediction.intent)
        return Understanding(
            language=spoken,
            intent=prediction.intent,
            confidence=prediction.confidence if prediction.ranking else 0.0,
            ranking=prediction.ranking[:RANKED],
            entities=entities,
            sentiment=judge(for_encoding(text), features, self._parts.sentiment, spoken),
            model=self._parts.model,
            also=also,
            in_scope=round(prediction.in_scope, 4),
            clauses=clauses,
        )

    def _also(self, text: str, language: str, main: str | None) -> tuple[tuple[tuple[str, float], ...], tuple[tuple[str, str], ...]]:
        """What single clauses want beside the whole message as (intent, probability); and of each sure clause (intent, words)."""
        said = [(clause, plain) for clause in split_clauses(text[:MAX_LENGTH]) if (plain := canonical(clause))]
        clauses = [plain for _, plain in said]
        found: dict[str, float] = {}
        words: dict[str, str] = {}
        if clauses:
            vectors = {name: self._parts.encoders[name].encode(clauses) for name in self._parts.intents.encoders_for(language)}
            for place, plain in enumerate(clauses):
                features = Features({name: rows[place] for name, rows in vectors.items()}, row(plain, self._parts.rarity))
                prediction = self._predict(plain, language, features)
                if prediction.intent is None or prediction.confidence < max(SURE_CLAUSE, found.get(prediction.best, 0.0)):
                    continue
                found[prediction.best], words[prediction.best] = prediction.confidence, said[place][0]
        found.pop(main or "", None)
        return tuple(sorted(found.items(), key=lambda one: (-one[1], one[0]))), tuple(words.items())

    def understand_many(self, texts: Sequence[str], *, language: str | None = None) -> list[Understanding]:
        """`understand` for each text, in order."""
        return [self.understand(text, language=language) for text in texts]

    def likely_intents(self, texts: Sequence[str], *, language: str) -> list[Prediction]:
        """The intents of many texts in one language, without anything else that `understand` finds in them; in order."""
        plain = [canonical(text[:MAX_LENGTH]) for text in texts]
        vectors = {name: self._parts.encoders[name].encode(plain) for name in self._parts.intents.encoders_for(language)} if plain else {}
        rows = [Features({name: v[place] for name, v in vectors.items()}, row(one, self._parts.rarity)) for place, one in enumerate(plain)]
        found = self._parts.intents.predict_many(rows, language)
        return [_corrected(said, self._whole_message(one, language), one) for one, said in zip(plain, found, strict=True)]

    def _features(self, plain: str, language: str, look: Look | None = None) -> Features:
        names = dict.fromkeys(self._parts.intents.encoders_for(language))
        if self._parts.sentiment is not None:
            names |= dict.fromkeys(self._parts.sentiment.encoders_for(language))
        known = look.vectors if look and look.reading.plain == plain else {}
        vectors = {name: known[name] if name in known else self._parts.encoders[name].encode([plain])[0] for name in names}
        return Features(vectors, row(plain, self._parts.rarity))

    def _predict(self, plain: str, language: str, features: Features) -> Prediction:
        known = self._whole_message(plain, language)
        if known is not None and known not in OUT_OF_SCOPE_NAMES:
            return Prediction(known, ((known, 1.0),), 1.0)
        return _corrected(self._parts.intents.predict(features, language), known, plain)

    def _whole_message(self, plain: str, language: str) -> str | None:
        key = fold(plain)
        own = self._parts.whole.get(language, {}).get(key)
        return own or self._parts.whole.get("*", {}).get(key)


def _encoder(name: str, stored: Stored, cache: Path) -> Encoder:
    if is_tuned(name) and stored.network is not None:
        return open_tuned(name, stored.network, cache)
    return get_encoder(name, cache)


def _parts(stored: Stored, encoders: Mapping[str, Encoder]) -> Parts:
    model: dict[str, Any] = stored.model
    words = {name: tuple(entries) for name, entries in model["lookups"].items()}
    patterns = tuple((str(name), str(pattern)) for name, pattern in model["regexes"])
    return Parts(
        model=str(stored.manifest["data"])[:12],
        encoders=encoders,
        intents=unpack_intents(model["intents"], stored.tensors),
        rarity=stored.tensors["rarity"],
        whole=model["whole"],
        latin=LatinModel(stored.tensors["latin"].astype(np.float32)),
        sentiment=unpack_sentiment(model["sentiment"], stored.tensors),
        vocabulary=Vocabulary(words, patterns, model["synonyms"]),
        taggers=unpack_taggers(model.get("taggers"), stored.tensors),
    )


def _corrected(prediction: Prediction, known: str | None, plain: str) -> Prediction:
    """What is known word for word, `known`, counts before what was predicted; what has neither letter nor digit says nothing."""
    if known is not None and known not in OUT_OF_SCOPE_NAMES:
        return Prediction(known, ((known, 1.0),), 1.0)
    silent = known is not None or not any(c.isalnum() for c in plain)
    return Prediction(None, prediction.ranking, 0.0) if silent else prediction
