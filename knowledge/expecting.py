"""What somebody who understands questions in another way expects of one: which articles it is about.

Search knows a question by what articles and the questions attached to them say. A trained understander knows it by thousands of other
sentences, sorted into intents; which articles an intent is about is learned from the attached questions that it understands so. What it
adds on the sample shop's questions stands in docs/benchmarks.md (`python -m benchmarks.evaluate --only shop_unseen_questions`). Half of the
unseen ones were looked at when `EXPECTED` was chosen; 0.2 to 0.5 makes little difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

EXPECTED = 0.3
"""How much an article's share of what is expected counts, in scores of search, which lie between 0 and about 1."""
ASSURED, USUAL = 0.1, 0.05
"""What that share adds to the contrast behind an answer's confidence, and what is taken off in any case; see decision 0057."""
LEAST = 0.001


@dataclass(frozen=True)
class Expected:
    """By article the chance (0 to 1, together at most 1) that a question is about it."""

    articles: Mapping[str, float] = field(default_factory=dict)

    def raise_of(self, article_id: str) -> float:
        """What is added to an article's score."""
        return EXPECTED * self.articles.get(article_id, 0.0)

    def assurance(self, article_id: str) -> float:
        """What is added to the contrast (`calibration.Curve`): less than nothing where another article is expected."""
        return ASSURED * self.articles.get(article_id, 0.0) - USUAL


class Expecting(Protocol):
    """The port: who expects something of a question."""

    def expected(self, question: str, language: str) -> Expected | None:
        """What is expected of a question in `language`; None while nothing is known. Called from many threads."""


def shares(read: Iterable[tuple[str, Mapping[str, float]]]) -> dict[str, dict[str, float]]:
    """By intent the share of each article in the questions that have it.

    `read`: for each attached question its article and the chances of its intents (0 to 1).
    """
    found: dict[str, dict[str, float]] = {}
    for article, chances in read:
        for intent, chance in chances.items():
            of_intent = found.setdefault(intent, {})
            of_intent[article] = of_intent.get(article, 0.0) + chance
    return {intent: _normal(articles) for intent, articles in found.items()}


def _normal(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {name: value / total for name, value in weights.items() if total and value / total >= LEAST}


def expected_of(chances: Mapping[str, float], articles: Mapping[str, Mapping[str, float]]) -> Expected:
    """The articles that a question's intents are about, weighed by the chances of the intents (0 to 1)."""
    found: dict[str, float] = {}
    for intent, chance in chances.items():
        for article, share in articles.get(intent, {}).items():
            found[article] = found.get(article, 0.0) + chance * share
    return Expected(found)
