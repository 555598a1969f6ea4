"""Calibrating an index on its own articles: questions made from them, with what answers them there and not there."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge.calibration import Calibration, Example, fit
from knowledge.dense import embed_question, embed_views, views
from knowledge.offtopic import OFF_TOPIC
from knowledge.ports import Vectors
from knowledge.search import PUBLIC, Found, SearchIndex
from knowledge.sentences import split_sentences
from knowledge.terms import family

QUESTIONS = 90  # headings asked for each language; each is encoded
ATTACHED = 240  # attached questions asked for each language, encoded already; fewer would leave the threshold to chance
_ENOUGH = 60


@dataclass(frozen=True)
class Judged:
    """A customer's question of which is known what answers it: the article, or nothing (None)."""

    question: str
    language: str
    article_id: str | None


def calibrate(index: SearchIndex, *, seed: int = 7, real: Sequence[Judged] = ()) -> Calibration:
    """Fits the confidence of `index` on questions that its own articles answer; changes nothing.

    `real` questions count like those made from the articles; those about articles that are not in the index are left aside.

    Where articles of a language have at least 60 questions attached, a sample of those is asked, with their stored vectors: once as if
    that very question (and its likely translations) had not been attached, right when its article comes first; once with the whole
    article left out, so that nothing answers. That takes no encoding: 2 s for 150 articles.

    In other languages, headings serve as questions, which takes some seconds of encoding: against a copy of the index in which just
    those headings are gone (in the variants too), so that the text below must answer; and with their article left out. The title of an
    article that is one passage counts as a heading when no other article has it. Questions about quite other things (`offtopic`) are
    asked everywhere.
    """
    chance = random.Random(seed)  # noqa: S311 - a sample, not a secret
    asked = _choose_asked(index, chance)
    known = {index.asked.questions[number].language for number in asked}
    chosen = [place for place in _choose(index, chance) if index.entries[place].passage.language not in known]
    examples = [*_asked_examples(index, asked), *_off_topic_examples(index)]
    examples += [replace(example, asked=True) for example in _real_examples(index, real)]
    if chosen:
        examples.extend(_article_examples(index, _beheaded(index, chosen), chosen))
    chance.shuffle(examples)
    return fit(examples)


def _choose_asked(index: SearchIndex, chance: random.Random) -> list[int]:
    """Numbers of attached questions of public articles, at most `ATTACHED` for each language that has enough."""
    by_language: dict[str, list[int]] = {}
    for number, one in enumerate(index.asked.questions):
        if one.row is not None and index.entries[one.place].audience == "public":
            by_language.setdefault(one.language, []).append(number)
    groups = [numbers for _, numbers in sorted(by_language.items()) if len(numbers) >= _ENOUGH]
    return [number for numbers in groups for number in chance.sample(numbers, min(ATTACHED, len(numbers)))]


def _asked_examples(index: SearchIndex, numbers: Sequence[int]) -> Iterator[Example]:
    public = index.allowed(PUBLIC)
    for number in numbers:
        one = index.asked.questions[number]
        article = int(index.articles[one.place])
        there = index.rank(one.text, language=one.language, allowed=public, vector=one.row, left_out=index.asked.twins(number))
        gone = index.rank(one.text, language=one.language, allowed=public & (index.articles != article), vector=one.row)
        name = family(one.language)
        if there:
            right = int(index.articles[there[0].place]) == article
            yield Example(name, "answerable", there[0].score, right, _contrast(index, one.row, there), asked=True)
        if gone:
            yield Example(name, "left_out", gone[0].score, False, _contrast(index, one.row, gone), asked=True)


def _real_examples(index: SearchIndex, real: Sequence[Judged]) -> Iterator[Example]:
    public = index.allowed(PUBLIC)
    numbers = {entry.passage.article_id: int(index.articles[place]) for place, entry in enumerate(index.entries)} if real else {}
    for one in real:
        if one.article_id is None:
            yield from _ask(index, one.question, one.language, public, kind="off_topic")
        elif one.article_id in numbers:
            yield from _ask(index, one.question, one.language, public, article=numbers[one.article_id])


def _choose(index: SearchIndex, chance: random.Random) -> list[int]:
    """Places of sections whose headings will be asked, at most `QUESTIONS` for each language."""
    titles = Counter(entry.passage.title_path for entry in index.entries)
    by_language: dict[str, list[int]] = {}
    for place, entry in enumerate(index.entries):
        if entry.audience == "public" and titles[entry.passage.title_path] == 1 and _is_asked(index, place):
            by_language.setdefault(entry.passage.language, []).append(place)
    chosen: list[int] = []
    for _, places in sorted(by_language.items()):
        chance.shuffle(places)
        chosen.extend(places[:QUESTIONS])
    return chosen


def _is_asked(index: SearchIndex, place: int) -> bool:
    """Whether the heading says something that is not in every passage of its article: a section, or the whole article in one passage."""
    passage = index.entries[place].passage
    return len(passage.title_path) > 1 or len(index.variant(passage.article_id, passage.language)) == 1


def _beheaded(index: SearchIndex, chosen: Sequence[int]) -> SearchIndex:
    """A copy of the index without the headings of the chosen sections, in any language."""
    gone = {(index.entries[place].passage.article_id, index.entries[place].passage.ordinal) for place in chosen}
    entries = list(index.entries)
    changed = [place for place, entry in enumerate(entries) if (entry.passage.article_id, entry.passage.ordinal) in gone]
    for place in changed:
        passage = entries[place].passage
        path = passage.title_path[:-1] or (split_sentences(passage.text)[0],)
        entries[place] = replace(entries[place], passage=replace(passage, title_path=path))
    texts = [views(entries[place].passage, entries[place].tags) for place in changed]
    for place, vectors in zip(changed, embed_views(texts, index.embedder), strict=True):
        entries[place] = replace(entries[place], vectors=vectors)
    return SearchIndex(entries, index.embedder)


def _article_examples(index: SearchIndex, copy: SearchIndex, chosen: Sequence[int]) -> Iterator[Example]:
    everything = np.ones(len(copy.entries), dtype=np.bool_)
    for place in chosen:
        passage = index.entries[place].passage
        question, article = passage.title_path[-1], copy.articles[place]
        yield from _ask(copy, question, passage.language, everything, article=int(article))
        yield from _ask(copy, question, passage.language, copy.articles != article, kind="left_out")


def _off_topic_examples(copy: SearchIndex) -> Iterator[Example]:
    everything = np.ones(len(copy.entries), dtype=np.bool_)
    for language in sorted({entry.passage.language for entry in copy.entries}):
        for question in OFF_TOPIC[family(language)]:
            yield from _ask(copy, question, language, everything, kind="off_topic")


def _ask(
    copy: SearchIndex, question: str, language: str, allowed: NDArray[np.bool_], *, article: int = -1, kind: str = "answerable"
) -> Iterator[Example]:
    if not question.strip():
        return
    vector = embed_question(question, copy.embedder)
    ranked = copy.rank(question, language=language, allowed=allowed, vector=vector)
    if ranked:
        right = int(copy.articles[ranked[0].place]) == article
        yield Example(family(language), kind, ranked[0].score, right, copy.contrast(vector, ranked))


def _contrast(index: SearchIndex, vector: Vectors | None, ranked: Sequence[Found]) -> float:
    return 0.0 if vector is None else index.contrast(vector, ranked)


def with_calibration(index: SearchIndex, calibration: Calibration) -> SearchIndex:
    """The same index with another calibration."""
    return SearchIndex(index.entries, index.embedder, generation=index.generation, calibration=calibration)
