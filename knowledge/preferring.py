"""The article that a reader has before them, preferred where it answers about as well as what was found."""

from __future__ import annotations

from knowledge.answer import cite, quote
from knowledge.ports import Vectors
from knowledge.search import SearchIndex
from knowledge.types import Answer

NEAR = 0.1  # of the confidence (0 to 1) that the first hit has


def prefer_article(index: SearchIndex, said: Answer, article_id: str, *, language: str, vector: Vectors) -> Answer:
    """The answer from this article when it is among the hits, would be answered with by itself, and is near to the first; else `said`."""
    if not article_id or said.text is None or said.hits[0].passage.article_id == article_id:
        return said
    hit = next((one for one in said.hits if one.passage.article_id == article_id), None)
    if hit is None or hit.confidence < max(index.threshold(language), said.confidence - NEAR):
        return said
    others = tuple(one for one in said.hits if one is not hit)
    return Answer(quote(index, hit, vector), hit.passage.language, hit.confidence, (cite(hit),), (hit, *others))
