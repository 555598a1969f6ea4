"""For a dialogue: does its newest turn need knowledge, and which articles answer it. Untrained, or learned from what people used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assist.dialogues import AGENT, Dialogue, Turn
from assist.logistic import fit_order
from assist.need import NeedModel, evidence, learn_need, untrained_need
from assist.snippets import DEPTH, FEATURES, UNTRAINED, USED, Shelf, spoken
from assist.wanting import Wanting, wanting_of
from knowledge.chinese import one_script
from knowledge.dense import embed_question
from knowledge.ports import Embedder, Vectors

NEIGHBOURS = 8
_SHARPNESS = 10.0
_OLDER = 0.5  # what a turn counts in the context for each one since
_INVERSE_L2 = 1.0
_BELIEF = 10.0  # how surely the untrained order is believed: a score of 0.1 more makes an article e times as likely
_MOST_PAIRS = 200  # candidates looked at for each dialogue that is learned from
Floats = NDArray[np.float64]
NOTHING: Floats = np.zeros((0, len(FEATURES)))  # the candidates where there are no articles


@dataclass(frozen=True)
class Advice:
    """The chance (0 to 1) that knowledge is needed, and the articles that would answer, best first."""

    chance: float
    ranked: tuple[str, ...]


@dataclass(frozen=True)
class UsedBefore:
    """Earlier questions, float32 (n, dimension), with what was used for each: the mean of the nearest sentences, (n, dimension)."""

    questions: Vectors
    answers: Vectors

    def expected(self, vector: Vectors, *, without: int = -1) -> Vectors | None:
        """float32 (dimension,): what was used for the questions nearest to this one; `without` leaves one of them out."""
        cosines = self.questions @ vector
        if without >= 0:
            cosines[without] = -1.0
        nearest = np.argsort(-cosines, kind="stable")[:NEIGHBOURS]
        nearest = nearest[cosines[nearest] > 0]
        if not len(nearest):
            return None
        mean = np.exp(_SHARPNESS * cosines[nearest]) @ self.answers[nearest]
        return np.asarray(mean / max(1e-9, float(np.linalg.norm(mean))), dtype=np.float32)


@dataclass(frozen=True)
class RankModel:
    """A linear order of candidates: `weights` (FEATURES,), and what was used before."""

    weights: Floats
    used: UsedBefore | None = None


PLAIN = RankModel(UNTRAINED)


@dataclass(frozen=True)
class KnowledgeAdviser:
    """Answers for a dialogue; read-only, so that threads may share it. Without a `shelf` it only says whether knowledge is needed."""

    shelf: Shelf | None
    encoder: Embedder
    wanting: Wanting
    rank: RankModel = PLAIN
    need: NeedModel | None = None

    def advise(self, turns: Sequence[Turn]) -> Advice:
        """For the last of `turns`, a customer's."""
        vector = embed_question(turns[-1].text, self.encoder)
        used = self.rank.used.expected(vector) if self.rank.used else None
        look = self.shelf.candidates(turns, vector, context_of(turns, self.encoder), used=used) if self.shelf else NOTHING
        found = evidence(turns[-1].text, look, wants=self.wanting.chance(turns[-1].text, vector, before=said_before(turns)))
        chance = self.need.chance(found, vector) if self.need else untrained_need(found)
        return Advice(chance, ranked(self.shelf, look, self.rank.weights) if self.shelf else ())


def said_before(turns: Sequence[Turn]) -> str:
    """What the agent had said last."""
    return next((one.text for one in reversed(turns) if one.speaker == AGENT), "")


def context_of(turns: Sequence[Turn], encoder: Embedder) -> Vectors:
    """float32 (dimension,): the last few turns together, older ones counting less."""
    vectors = encoder.encode([one_script(one.text) for one in reversed(spoken(turns))])
    mean = sum(np.float32(_OLDER**age) * vector for age, vector in enumerate(vectors))
    return np.asarray(mean / max(1e-9, float(np.linalg.norm(mean))), dtype=np.float32)


def ranked(shelf: Shelf, features: Floats, weights: Floats) -> tuple[str, ...]:
    """The ids of the best articles, at most DEPTH; `features` as in `Shelf.candidates`."""
    order = np.argsort(-(features @ weights), kind="stable")[:DEPTH]
    return tuple(shelf.snippets[place].id for place in order)


def learn_adviser(shelf: Shelf | None, dialogues: Sequence[Dialogue], encoder: Embedder) -> KnowledgeAdviser:
    """Learns both from dialogues of which it is known; what they cannot teach stays untrained."""
    wanting = wanting_of(encoder)
    told = [_look(shelf, one, encoder, wanting) for one in dialogues if one.needs_kb is not None]
    need = learn_need([one.evidence for one in told], [one.vector for one in told], [one.needed for one in told])
    rank = _learn_rank(shelf, [one for one in told if one.needed and one.relevant & shelf.place_of.keys()]) if shelf else PLAIN
    return KnowledgeAdviser(shelf, encoder, wanting, rank, need)


@dataclass(frozen=True)
class Told:
    """A turn of which it is known: its vector and evidence, what was used, the likeliest articles (n,) and their features (n, FEATURES)."""

    vector: Vectors
    evidence: Floats
    needed: bool
    relevant: frozenset[str]
    places: NDArray[np.int64]
    features: Floats


def _look(shelf: Shelf | None, dialogue: Dialogue, encoder: Embedder, wanting: Wanting) -> Told:
    turns = dialogue.before_reply()
    vector = embed_question(turns[-1].text, encoder)
    features = shelf.candidates(turns, vector, context_of(turns, encoder)) if shelf else NOTHING
    places = np.argsort(-(features @ UNTRAINED), kind="stable")[:_MOST_PAIRS].astype(np.int64)
    found = evidence(turns[-1].text, features, wants=wanting.chance(turns[-1].text, vector, before=said_before(turns)))
    return Told(vector, found, bool(dialogue.needs_kb), dialogue.relevant, places, features[places])


def _learn_rank(shelf: Shelf, answered: Sequence[Told]) -> RankModel:
    if not answered:
        return PLAIN
    used = _remember(shelf, answered)
    rows, right = [], []
    for number, one in enumerate(answered):
        features = one.features.copy()
        expected = used.expected(one.vector, without=number)
        if expected is not None:
            features[:, USED] = shelf.nearness(expected)[one.places]
        rows.append(features)
        right.append(np.array([shelf.snippets[place].id in one.relevant for place in one.places]))
    told = [(group, labels) for group, labels in zip(rows, right, strict=True) if labels.any()]
    if not told:
        return PLAIN
    groups, rights = zip(*told, strict=True)
    return RankModel(fit_order(groups, rights, inverse_l2=_INVERSE_L2, believed=_BELIEF * UNTRAINED), used)


def _remember(shelf: Shelf, answered: Sequence[Told]) -> UsedBefore:
    answers = []
    for one in answered:
        places = sorted(shelf.place_of[identity] for identity in one.relevant if identity in shelf.place_of)
        answers.append(np.mean([shelf.best_view(place, one.vector) for place in places], axis=0))
    return UsedBefore(np.stack([one.vector for one in answered]), np.stack(answers).astype(np.float32))
