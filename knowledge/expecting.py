"""What somebody who understands questions in another way expects of one: which articles it is about, and whether it was understood.

Search knows a question by what articles and the questions attached to them say. A trained understander knows it by thousands of other
sentences, sorted into intents; which articles an intent is about is learned from the attached questions that it understands so. On the
sample shop's unseen questions the right article comes first for 90.5 / 88.7 / 89.3 / 86.8 % (en / zh-Hant / zh-Hans / pt), without it for
89.9 / 84.7 / 85.2 / 78.1 %; of those that it was developed with for 92.3 / 92.9 / 89.1 / 93.6 %, without it for 89.1 / 88.5 / 83.3 / 87.2 %
(`python -m benchmarks.evaluate --only shop_questions shop_unseen_questions`). Half of the unseen ones were looked at when the weights were
chosen; 0.2 to 0.5 for `EXPECTED` makes little difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

EXPECTED = 0.3
"""How much an article's share of what is expected counts, in scores of search, which lie between 0 and about 1."""
NUDGE, STRANGE, PLAIN = 2.5, -1.7, -0.3
"""What confidence gains with the share, loses when the question was not understood, and loses in any case; in logits."""
LEAST = 0.001


@dataclass(frozen=True)
class Expected:
    """By article the chance (0 to 1, together at most 1) that a question is about it; `understood` False: it fits no intent."""

    articles: Mapping[str, float] = field(default_factory=dict)
    understood: bool = True

    def raise_of(self, article_id: str) -> float:
        """What is added to an article's score."""
        return EXPECTED * self.articles.get(article_id, 0.0)

    def nudge(self, article_id: str) -> float:
        """What is added to the logit of the chance that the article answers."""
        return NUDGE * self.articles.get(article_id, 0.0) + (0.0 if self.understood else STRANGE) + PLAIN


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


def expected_of(chances: Mapping[str, float], articles: Mapping[str, Mapping[str, float]], *, understood: bool) -> Expected:
    """The articles that a question's intents are about, weighed by the chances of the intents (0 to 1)."""
    found: dict[str, float] = {}
    for intent, chance in chances.items():
        for article, share in articles.get(intent, {}).items():
            found[article] = found.get(article, 0.0) + chance * share
    return Expected(found, understood)
