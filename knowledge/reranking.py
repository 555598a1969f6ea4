"""The best that search found, read again by a reranker: it changes their order and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from kit.errors import BatonError
from kit.log import get_logger
from knowledge.ports import Reranker
from knowledge.types import Passage

READ_AGAIN = 10

log = get_logger("search")
Found = TypeVar("Found")


def reranked(reranker: Reranker | None, question: str, found: list[Found], passage: Callable[[Found], Passage]) -> list[Found]:
    """`found`, best first, with the first `READ_AGAIN` in the reranker's order; as it was without a reranker, or when it fails."""
    best = found[:READ_AGAIN]
    if reranker is None or len(best) < 2:
        return found
    passages = [passage(one) for one in best]
    try:
        scores = reranker.scores(question, [f"{' > '.join(one.title_path)}\n{one.text}" for one in passages])
    except BatonError as error:
        log.error("the reranker cannot be used; search goes on without it", error=error.message)
        return found
    order = sorted(range(len(best)), key=lambda place: -scores[place])
    return [*(best[place] for place in order), *found[READ_AGAIN:]]
