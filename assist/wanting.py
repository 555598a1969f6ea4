"""Whether a customer's turn wants an answer at all: not a greeting, thanks, small talk, "one moment", or what the agent had asked for.

A logistic regression on the vector of the turn and a few signs, learned from `assist/sayings` by whichever encoder reads. Another, on the
vector alone, knows the clause that only asks for a person: "my vase is broken, I want to talk to somebody" is about the vase.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assist.asked import asks
from assist.logistic import chance_of, fit_logistic
from assist.told import IDLE, PERSON, STAFF, WANTING
from knowledge.chinese import has_han, one_script
from knowledge.ports import Embedder, Vectors
from nlu.clauses import clause_spans

SIGNS = ("asks", "answers", "asked back", "short", "only a datum")
_INVERSE_L2, _SPREAD = 3.0, 4.0
_ASKS_FOR_A_PERSON, _ASKS_FOR_A_PERSON_BY_A_QUESTION = 0.6, 0.9
_MOST_CLAUSES = 12  # of a longer text a clause matters little
_SHORT, _SHORT_HAN = 4, 8
_OFFERS = re.compile(
    r"(?i)help|assist|do for you|anything|what is it about|what's up|ajud|mais alguma|do que se trata|em que posso|"
    r"[帮幫][到您你忙]|还有|還有|其他|其它|甚麼事|什么事|為您|为您|為你|咩事|請說|请说"
)
_REQUESTS = re.compile(
    r"(?i)\b(?:please (?:send|tell|give|leave|enter|share|provide|confirm)|(?:let me|may i) have)\b|"
    r"[请請](?:您|你)?(?:提供|留|发|發|给|給|输入|輸入|告)|麻[烦煩](?:您|你)?|\b(?:envie|indique|diga|deixe|confirme)\b"
)
_DATUM = re.compile(r"\S*[@\d]\S*")
_WORD = re.compile(r"[^\W\d_]{2,}")
_SIGNS = frozenset(".!?。！？")
Floats = NDArray[np.float64]


def signs_of(text: str, before: str) -> Floats:
    """float (SIGNS,): `before` is what the agent had said, or ""."""
    asked = asks(text)
    answering = _asked_for(before)
    short = len(text) <= _SHORT_HAN if has_han(text) else len(text.split()) <= _SHORT
    datum = _DATUM.search(text) is not None and len(_WORD.findall(_DATUM.sub(" ", text))) < _SHORT
    return np.array([asked, answering and not asked, answering and asked, short and not asked, datum and not asked], dtype=np.float64)


def _asked_for(before: str) -> bool:
    """Whether the agent had asked for something in particular."""
    return _REQUESTS.search(before) is not None or (asks(before) and _OFFERS.search(before) is None)


class Wanting:
    """What was learned with one encoder; unchanging."""

    def __init__(self, embedder: Embedder) -> None:
        """Encodes some 600 short sentences (2 to 4 s)."""
        self.encoder, self._embedder = embedder.name, embedder
        told = [(before, said, kind is WANTING) for kind in (IDLE, WANTING) for pairs in kind.values() for before, said in pairs]
        vectors = self._encode([said for _, said, _ in told])
        self._mean = vectors.mean(axis=0)
        self._scale = _SPREAD / float(np.sqrt(((vectors - self._mean) ** 2).sum(axis=1).mean()))
        rows = np.hstack([self._scale * (vectors - self._mean), np.stack([signs_of(said, before) for before, said, _ in told])])
        self._weights, self._bias = fit_logistic(rows, np.array([wanted for *_, wanted in told]), inverse_l2=_INVERSE_L2)
        others, person = (self._encode([said for pairs in kind.values() for _, said in pairs]) for kind in (STAFF, PERSON))
        rows = self._scale * (np.concatenate([vectors, others, person]) - self._mean)
        self._person, self._person_bias = fit_logistic(rows, np.arange(len(rows)) >= len(rows) - len(person), inverse_l2=_INVERSE_L2)

    def chance(self, text: str, vector: Vectors, *, before: str = "") -> float:
        """0 to 1; `vector`: float32 (dimension,), of the turn, `before` what the agent had said."""
        row = np.concatenate([self._scale * (vector - self._mean), signs_of(text, before)])
        return chance_of(float(row @ self._weights) + self._bias)

    def matter(self, text: str) -> str:
        """`text` without the clauses that only ask for a person; as it is where nothing else would be left. Encodes its clauses."""
        spans = clause_spans(text)
        if not 1 < len(spans) <= _MOST_CLAUSES:
            return text
        clauses = [text[start:end] for start, end in spans]
        chances = [chance_of(one) for one in self._scale * (self._encode(clauses) - self._mean) @ self._person + self._person_bias]
        kept = [
            number
            for number, (clause, chance) in enumerate(zip(clauses, chances, strict=True))
            if chance < (_ASKS_FOR_A_PERSON_BY_A_QUESTION if asks(clause) else _ASKS_FOR_A_PERSON)
        ]
        return _only(text, spans, kept) if 0 < len(kept) < len(spans) else text

    def _encode(self, texts: Sequence[str]) -> Vectors:
        return np.asarray(self._embedder.encode([one_script(text) for text in texts]), dtype=np.float32)


def _only(text: str, spans: Sequence[tuple[int, int]], kept: Sequence[int]) -> str:
    """The clauses that are kept, with what parts them; the last with its sign."""
    ends = [start for start, _ in spans[1:]] + [len(text)]
    parts = [text[spans[number][0] : ends[number]] for number in kept[:-1]]
    start, end = spans[kept[-1]]
    return "".join(parts) + text[start:end] + (text[end : end + 1] if text[end : end + 1] in _SIGNS else "")


def wanting_of(embedder: Embedder) -> Wanting:
    """One for each encoder of the process."""
    return _kept(embedder)  # type: ignore[arg-type]  # an encoder is itself and no other: it hashes by identity


@lru_cache(maxsize=4)
def _kept(embedder: Embedder) -> Wanting:
    return Wanting(embedder)
