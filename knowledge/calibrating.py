"""Calibrating an index on its own articles: questions made from them, with what answers them there and not there."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from knowledge.calibration import Calibration, Example, fit
from knowledge.dense import embed_views, views
from knowledge.offtopic import OFF_TOPIC
from knowledge.search import SearchIndex
from knowledge.sentences import split_sentences
from knowledge.terms import family

QUESTIONS = 120  # made from articles, for each language


def calibrate(index: SearchIndex, *, seed: int = 7) -> Calibration:
    """Fits the confidence of `index` on questions made from its own articles, some seconds of encoding; changes nothing.

    Headings serve as questions, against a copy of the index in which just those headings are gone (in the variants in other languages
    too), so that the text below must answer. Asked once as they are (right when their article comes first), once with their article
    left out, so that nothing answers. The title of an article that is one passage counts as a heading when no other article has it.
    Questions about quite other things (`offtopic`) are asked too.
    """
    chosen = _choose(index, random.Random(seed))  # noqa: S311 - a sample, not a secret
    copy = _beheaded(index, chosen)
    examples = [*_article_examples(index, copy, chosen), *_off_topic_examples(copy)]
    random.Random(seed).shuffle(examples)  # noqa: S311
    return fit(examples)


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
    ranked = copy.rank(question, language=language, allowed=allowed)
    if ranked:
        yield Example(family(language), kind, ranked[0].score, int(copy.articles[ranked[0].place]) == article)


def with_calibration(index: SearchIndex, calibration: Calibration) -> SearchIndex:
    """The same index with another calibration."""
    return SearchIndex(index.entries, index.embedder, generation=index.generation, calibration=calibration)
