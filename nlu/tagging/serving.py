"""The taggers of a model in use: one look at a message serves the tagger and, where an encoder allows it, the intents too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from nlu.encoders import Encoder
from nlu.encoders.port import Vectors
from nlu.errors import ModelError
from nlu.tagging.inputs import Floats
from nlu.tagging.merge import Values, merge
from nlu.tagging.reading import Reading, read
from nlu.tagging.states import StateSource, by_token, state_source
from nlu.tagging.tagger import ALL, Tagger, unpack_tagger
from nlu.types import Entity


@dataclass(frozen=True)
class Look:
    """A message as a tagger reads it. `vectors`: the sentence's vector by encoder, where the same pass gave it for `reading.plain`."""

    text: str
    reading: Reading
    tagger: Tagger
    states: Floats | None
    vectors: Mapping[str, Vectors]


class Tagging:
    """Taggers by group of languages: a language's own, else that of all ("*"), else whichever there is."""

    def __init__(self, taggers: Mapping[str, Tagger], encoders: Mapping[str, Encoder], synonyms: Mapping[str, str]) -> None:
        """`encoders` hold those that the taggers' designs name. Raises ModelError when one is missing or gives no states."""
        self._taggers, self._values = dict(taggers), Values(synonyms)
        self._sources: dict[str, StateSource] = {}
        for name in {tagger.design.encoder for tagger in taggers.values() if tagger.design.encoder}:
            source = state_source(encoders[name]) if name in encoders else None
            if source is None:
                raise ModelError(f"The tagger of the model needs the encoder {name}.", hint="Train again with `baton train`.")
            self._sources[name] = source

    def look(self, text: str, language: str) -> Look | None:
        """What the tagger for `language` needs of a message; None without a tagger or without words."""
        reading = read(text) if self._taggers else None
        if reading is None or not reading.tokens:
            return None
        tagger = self._taggers.get(language) or self._taggers.get(ALL) or next(iter(self._taggers.values()))
        name = tagger.design.encoder
        if name is None:
            return Look(text, reading, tagger, None, {})
        seen = self._sources[name].look(reading.plain)
        vectors = {} if seen.vector is None else {name: seen.vector}
        return Look(text, reading, tagger, by_token(seen, reading), vectors)

    def entities(self, look: Look, known: Iterable[Entity], asked: Sequence[str]) -> tuple[Entity, ...]:
        """The message's entities: those of the tagger with what else was found, see `merge`."""
        known = tuple(known)
        tagged = look.tagger.tag(look.reading, look.states, known=known, asked=asked)
        return merge(tagged, known, names=look.tagger.design.names, asked=asked, values=self._values, text=look.text)


def unpack_taggers(described: Mapping[str, Any] | None, tensors: Mapping[str, NDArray[Any]]) -> dict[str, Tagger]:
    """The taggers of an artefact, by group of languages; none in models without marked sentences. Raises ModelError."""
    return {name: unpack_tagger(part, tensors, f"tagger/{name}") for name, part in (described or {}).items()}
