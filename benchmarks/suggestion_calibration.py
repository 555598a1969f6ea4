"""The curve of `assist/matching.py`: `python -m benchmarks.suggestion_calibration`, from the sample shop's own questions.

Each question attached to an article, and each of a macro, is asked among all others of its family of languages: is the owner that is
found the right one? Each is asked without itself (the others of an article are chosen to differ, so that this is harder than life); half
of them without any of their owner, and the off-topic questions that Baton ships, where nothing is right; a third of them as a repeat
with a slip of the pen. Weights may not have the wrong sign. Figures are cross-validated in five parts.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.search_encoder import search_encoder
from app.settings import ROOT, read_settings
from assist.matching import BODY, RIVAL, Sentences
from knowledge.chinese import one_script
from knowledge.dense import unrelated_of
from knowledge.importing import read_markdown_folder
from knowledge.offtopic import OFF_TOPIC
from knowledge.ports import Embedder, Vectors
from knowledge.strays import strays_of
from knowledge.terms import family
from sample_shop.macros import sample_macros

NAMES = ("body", "words", "stray", "margin", "bias")
LONE, WITHOUT, OFF, REPEAT = "lone", "without its owner", "off topic", "repeat"
PARTS, LOOKED_AT, PULL = 5, 4, 2e-4
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Candidate:
    """One owner found for one question: what is known of it, and whether it is the right one."""

    features: tuple[float, ...]
    right: bool
    question: int
    kind: str


@dataclass(frozen=True)
class Owner:
    """What answers, with the questions that it answers."""

    body: str
    questions: tuple[str, ...]


def owners_of() -> dict[str, list[Owner]]:
    """The articles (by their openings) and macros of the sample shop, by family of languages."""
    found: dict[str, list[Owner]] = {"en": [], "pt": [], "zh": []}
    for folder in sorted(path for path in (ROOT / "sample_shop" / "articles").iterdir() if path.is_dir()):
        for draft in read_markdown_folder(folder):
            found[family(draft.language)].append(Owner(draft.body.split("\n\n")[0], tuple(draft.questions or ())))
    for macro in sample_macros():
        for language, body in macro.bodies.items():
            found[family(language)].append(Owner(re.sub(r"\{\{.*?\}\}", "", body), macro.questions))
    return found


def candidates(owners: Sequence[Owner], embedder: Embedder, language: str, *, first: int) -> Iterator[Candidate]:
    """Every question as it is asked, with the likeliest owners; questions are numbered from `first`."""
    told = [(text, number) for number, owner in enumerate(owners) for text in owner.questions]
    whose = np.array([number for _, number in told])
    vectors = _encoded([text for text, _ in told], embedder)
    shelf = Sentences(
        [text for text, _ in told],
        vectors,
        whose.tolist(),
        _encoded([one.body for one in owners], embedder),
        unrelated=unrelated_of(embedder),
    )
    stray, chance = strays_of(embedder), random.Random(1)
    for number, (text, owner, place, kind) in enumerate(_asked(told, language, chance)):
        vector = _encoded([text], embedder)[0]
        allowed = np.ones(len(told), dtype=bool)
        if kind == LONE:
            allowed[place] = False
        elif kind == WITHOUT:
            allowed[whose == owner] = False
        found = sorted(shelf.look(text, vector, language=language, allowed=allowed).items(), key=lambda one: -one[1].strength)[:LOOKED_AT]
        for rank, (found_owner, one) in enumerate(found):
            rival = found[1 if rank == 0 else 0][1].strength if len(found) > 1 else 0.0
            features = (one.body, one.words, stray.nearness(vector), one.strength - max(RIVAL, rival))
            yield Candidate(features, kind in (LONE, REPEAT) and found_owner == owner, first + number, kind)


def _asked(told: Sequence[tuple[str, int]], language: str, chance: random.Random) -> Iterator[tuple[str, int, int, str]]:
    for place, (text, owner) in enumerate(told):
        yield text, owner, place, LONE
        if place % 2 == 0:
            yield text, owner, place, WITHOUT
        if place % 3 == 0:
            yield slipped(text, chance), owner, place, REPEAT
    yield from ((text, -1, -1, OFF) for text in OFF_TOPIC[language])


def slipped(text: str, chance: random.Random) -> str:
    """The same with a word (in Chinese a character) less, and two letters in the wrong order."""
    parts = text.split() if " " in text else list(text)
    if len(parts) > 3:
        parts.pop(chance.randrange(len(parts)))
    word = chance.randrange(len(parts))
    if len(parts[word]) > 4:
        at = chance.randrange(1, len(parts[word]) - 2)
        parts[word] = parts[word][:at] + parts[word][at + 1] + parts[word][at] + parts[word][at + 2 :]
    return (" " if " " in text else "").join(parts)


def _encoded(texts: Sequence[str], embedder: Embedder) -> Vectors:
    return np.concatenate([embedder.encode([one_script(text) for text in texts[at : at + 32]]) for at in range(0, len(texts), 32)])


def fit(features: Floats, right: Floats) -> Floats:
    """The weights (NAMES): logistic, `stray` not above and the others not below zero."""
    from scipy.optimize import minimize

    rows = np.hstack([features, np.ones((len(features), 1))])
    pull = np.array([PULL] * 4 + [0.0])

    def loss(point: Floats) -> tuple[float, Floats]:
        scores = rows @ point
        value = (np.logaddexp(0, scores) - right * scores).mean() + 0.5 * (pull * point**2).sum()
        return float(value), rows.T @ (1 / (1 + np.exp(-scores)) - right) / len(right) + pull * point

    bounds = [(0, None), (0, None), (None, 0), (0, None), (None, None)]
    return np.asarray(minimize(loss, np.zeros(5), jac=True, bounds=bounds, method="L-BFGS-B").x)


def main() -> None:
    """Prints the weights, and what they give at several thresholds."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    embedder = search_encoder(read_settings(), remembering=True)
    found: list[Candidate] = []
    for language, owners in owners_of().items():
        found.extend(candidates(owners, embedder, language, first=100_000 * len(found)))
    features, right = np.array([one.features for one in found]), np.array([float(one.right) for one in found])
    part = np.array([one.question % PARTS for one in found])
    chances = np.zeros(len(found))
    for number in range(PARTS):
        weights = fit(features[part != number], right[part != number])
        chances[part == number] = 1 / (1 + np.exp(-(features[part == number] @ weights[:4] + weights[4])))
    best: dict[int, tuple[float, Candidate]] = {}
    for chance, one in zip(chances.tolist(), found, strict=True):
        if one.question not in best or chance > best[one.question][0]:
            best[one.question] = (chance, one)
    named = {name: round(float(value), 2) for name, value in zip(NAMES, fit(features, right), strict=True)}
    told = {str(threshold): at_threshold(list(best.values()), threshold) for threshold in (0.3, 0.4, 0.5)}
    print(json.dumps({"questions": len(best), "body_weight": BODY, "weights": named, "at": told}, indent=1))


def at_threshold(best: Sequence[tuple[float, Candidate]], threshold: float) -> dict[str, float]:
    """The share of right ones among those offered, and by kind of question how many are offered (rightly, where something is right)."""
    offered = [one for chance, one in best if chance >= threshold]
    found = {"precision": sum(one.right for one in offered) / max(1, len(offered))}
    for kind in (LONE, WITHOUT, OFF, REPEAT):
        mine = [(chance, one) for chance, one in best if one.kind == kind]
        hits = [chance >= threshold and (one.right or kind in (WITHOUT, OFF)) for chance, one in mine]
        found[kind] = sum(hits) / max(1, len(hits))
    return {name: round(value, 3) for name, value in found.items()}


if __name__ == "__main__":
    main()
