"""A draft answer joined from what agents replied: the reply that says best what they all say, and what others add to it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from context.redaction.redactor import LINK, PLACEHOLDERS
from insights.unanswered.grouping import Vectors
from insights.unanswered.replies import Reply
from insights.unanswered.small_talk import is_small_talk, without_greeting
from knowledge.passages import width

LONGEST = 900  # columns: a Chinese character is two
MOST_ADDED = 3
SAYS_THE_SAME = 0.72
ABOUT_IT = 0.30
TO_QUESTION, TO_OTHERS = 0.5, 0.5
SHOWN = 6

_PERSONAL = tuple(mark for mark in PLACEHOLDERS if mark != LINK)


@dataclass(frozen=True)
class DraftAnswer:
    """An answer in one language. `text` is empty when nothing that agents wrote stands alone; `replies` are shown beside it."""

    language: str
    text: str
    replies: tuple[str, ...]
    count: int


def stands_alone(sentence: str) -> bool:
    """Whether a sentence of a reply may go into an article: no small talk, nothing about one customer, and something said."""
    return not is_small_talk(sentence) and not any(mark in sentence for mark in _PERSONAL) and width(sentence.strip(" .!?。")) > 5


def draft_answers(replies: Sequence[Reply], question: Vectors, encode: Callable[[Sequence[str]], Vectors]) -> dict[str, DraftAnswer]:
    """For each language in which agents replied, an answer. `question`: float32 (dimension,), the mean of its wordings."""
    by_language: dict[str, list[Reply]] = {}
    for reply in replies:
        by_language.setdefault(reply.language, []).append(reply)
    return {language: _draft(language, group, question, encode) for language, group in sorted(by_language.items())}


def _draft(language: str, replies: Sequence[Reply], question: Vectors, encode: Callable[[Sequence[str]], Vectors]) -> DraftAnswer:
    usable = [tuple(one for one in map(without_greeting, reply.sentences) if stands_alone(one)) for reply in replies]
    candidates = list(dict.fromkeys(sentences for sentences in usable if sentences))
    glue = "" if language.startswith("zh") else " "
    shown = tuple(dict.fromkeys(reply.text for reply in replies))[:SHOWN]
    if not candidates:
        return DraftAnswer(language, "", shown, len(replies))
    texts = [glue.join(sentences) for sentences in candidates]
    rows = encode(texts)
    said = np.array([usable.count(one) for one in candidates], dtype=np.float32)
    best = _best(rows, said, question)
    parts = _fitting(candidates[best])
    others = [one for place, sentences in enumerate(candidates) if place != best for one in sentences]
    parts += _added(parts, list(dict.fromkeys(others)), question, encode)
    ordered = sorted(range(len(texts)), key=lambda i: (i != best, -float(rows[i] @ question), i))
    return DraftAnswer(language, glue.join(parts), tuple(texts[i] for i in ordered)[:SHOWN], len(replies))


def _best(rows: Vectors, said: Vectors, question: Vectors) -> int:
    """The reply that is nearest to the question and to what the others say, a reply that was given twice counting twice."""
    to_question = rows @ question
    others = (rows @ rows.T) @ said - 1.0  # without the cosine with itself
    to_others = others / max(float(said.sum()) - 1.0, 1.0)
    return int(np.round(TO_QUESTION * to_question + TO_OTHERS * to_others, 5).argmax())


def _fitting(sentences: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for one in sentences:
        if kept and width("".join([*kept, one])) > LONGEST:
            break
        kept.append(one)
    return kept


def _added(parts: Sequence[str], others: Sequence[str], question: Vectors, encode: Callable[[Sequence[str]], Vectors]) -> list[str]:
    """Sentences of other replies that are about the question and say something that is not there yet."""
    if not others:
        return []
    rows, held, added = encode(others), encode(list(parts)), list[str]()
    for place in np.argsort(-np.round(rows @ question, 5), kind="stable").tolist():
        if len(added) == MOST_ADDED or float(rows[place] @ question) < ABOUT_IT:
            break
        fits = width("".join([*parts, *added, others[place]])) <= LONGEST
        if fits and float((held @ rows[place]).max()) < SAYS_THE_SAME:
            added.append(others[place])
            held = np.vstack([held, rows[place][None, :]])
    return added
