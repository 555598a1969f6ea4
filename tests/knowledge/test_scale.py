"""Search of many passages reads only what can be among the best, and finds what reading everything finds."""

from __future__ import annotations

import random
from collections.abc import Sequence

import bm25s
import numpy as np
import pytest

from knowledge.dense import DenseIndex
from knowledge.entries import Entry, EntryTable
from knowledge.lexical import Document, WordSearch, spellers
from knowledge.parts import Sizes
from knowledge.postings import Postings, PostingsBuilder, counted
from knowledge.search import SearchIndex
from knowledge.types import Filters, Passage
from tests.knowledge.fakes import HashingEmbedder

WORDS = [
    f"{first}{last}" for first in ("kel", "mur", "tan", "rui", "sab", "dov", "lin", "gar") for last in ("ba", "ce", "di", "fo", "gu", "ha")
]


def sentence(chance: random.Random, words: int) -> str:
    """Some words are common and most are rare, as in any language."""
    return " ".join(WORDS[min(len(WORDS) - 1, int(chance.paretovariate(0.6)) - 1)] for _ in range(words))


def entries(count: int) -> list[Entry]:
    """Articles of two passages; some internal, some Portuguese, some with an attached question."""
    chance, embedder = random.Random(4), HashingEmbedder()
    found = []
    for number in range(count):
        article, language = f"a{number // 2:04d}", "pt" if number % 10 < 2 else "en"
        title, text = sentence(chance, 3), sentence(chance, 12)
        passage = Passage(f"{article}/{language}/1/{number % 2}", article, language, (title,), text, number % 2)
        questions = (sentence(chance, 5),) if number % 6 == 0 else ()
        vectors = embedder.encode([title, f"{title} {text}", *questions])
        found.append(Entry(passage, vectors, "internal" if number % 14 < 2 else "public", f"c{number % 40 // 2}", (), questions))
    return found


@pytest.fixture(scope="module")
def indexes() -> tuple[SearchIndex, SearchIndex]:
    """The same entries, as few and as many."""
    some = entries(900)
    return SearchIndex(some, HashingEmbedder()), SearchIndex(iter(some), HashingEmbedder(), sizes=Sizes(entries=0, vectors=100, words=0))


def asked(count: int) -> list[str]:
    chance = random.Random(5)
    return [sentence(chance, chance.randint(1, 8)) for _ in range(count)]


def test_many_passages_are_found_as_if_they_were_few(indexes: tuple[SearchIndex, SearchIndex]) -> None:
    few, many = indexes
    assert few.dense.exact
    assert not many.dense.exact
    assert isinstance(many.entries, EntryTable)
    same = [_hits(few, question)[0][0] == _hits(many, question)[0][0] for question in asked(60)]
    assert sum(same) >= 57
    for question in asked(20):
        exact = dict(_hits(few, question))
        assert all(abs(exact[name] - score) < 0.02 for name, score in _hits(many, question) if name in exact)


@pytest.mark.parametrize("filters", [Filters(audience="internal"), Filters(categories=("c3",)), Filters(languages=("pt",))])
def test_filters_hold_among_many(indexes: tuple[SearchIndex, SearchIndex], filters: Filters) -> None:
    few, many = indexes
    for question in asked(15):
        assert _hits(few, question, filters)[0][0] == _hits(many, question, filters)[0][0]


def test_what_is_internal_is_not_found_among_many(indexes: tuple[SearchIndex, SearchIndex]) -> None:
    few, many = indexes
    internal = {entry.passage.article_id for entry in few.entries if entry.audience == "internal"}
    assert not internal & {name for question in asked(40) for name, _ in _hits(many, question)}


def test_an_entry_in_columns_is_the_entry(indexes: tuple[SearchIndex, SearchIndex]) -> None:
    few, many = indexes
    for place in (0, 1, 6, 13, 899):
        one, other = few.entries[place], many.entries[place]
        assert (one.passage, one.audience, one.category, one.questions) == (other.passage, other.audience, other.category, other.questions)
        assert np.allclose(one.vectors, other.vectors, atol=0.01)


def _hits(index: SearchIndex, question: str, filters: Filters = Filters()) -> list[tuple[str, float]]:  # noqa: B008 - frozen
    return [(hit.passage.article_id, hit.score) for hit in index.search(question, language="en", filters=filters)]


def _postings(documents: Sequence[Sequence[str]]) -> Postings:
    builder = PostingsBuilder()
    for document in documents:
        builder.add(document)
    return builder.build()


def _weights(postings: Postings, words: Sequence[str]) -> dict[str, float]:
    rarity = {word: np.log1p((postings.size - n + 0.5) / (n + 0.5)) for word in words if (n := postings.found_in(word))}
    return {word: float(count * rarity[word]) for word, count in counted(words).items() if word in rarity}


def test_words_score_as_bm25s_has_it() -> None:
    chance = random.Random(6)
    documents = [sentence(chance, chance.randint(1, 30)).split() for _ in range(700)]
    peer = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    peer.index(documents, show_progress=False)
    postings = _postings(documents)
    for question in asked(30):
        words = [word for word in question.split() if postings.found_in(word)]
        theirs = peer.get_scores_from_ids([peer.vocab_dict[word] for word in words])
        assert np.allclose(postings.scores(_weights(postings, words)), theirs, atol=1e-4)


def test_the_best_by_words_are_found_without_reading_all() -> None:
    chance = random.Random(7)
    postings = _postings([sentence(chance, 20).split() for _ in range(3_000)])
    allowed = np.random.default_rng(8).random(3_000) < 0.5
    for question in asked(40):
        weights = _weights(postings, question.split())
        everything = np.where(allowed, postings.scores(weights), 0)
        look = postings.look(weights)
        found = look.best(10, lambda documents: allowed[documents])
        least = np.partition(everything, -10)[-10]
        assert np.count_nonzero(everything[found] >= least - 1e-5) == len(found) == 10
        assert np.allclose(look.at(np.arange(50)), postings.scores(weights)[:50], atol=1e-5)


def test_a_second_layer_of_words_counts_how_rare_they_are_over_both() -> None:
    first = WordSearch([Document("en", ["tea", "pot"]), Document("en", ["tea", "cup"])])
    both = first.extended([Document("en", ["tea", "zeppelin"]), Document("pt", ["cha"])])
    assert both.indexes["en"].weight("tea") == WordSearch([Document("en", ["tea"])] * 3).indexes["en"].weight("tea")
    assert both.scores("zeppelin").argmax() == 2
    assert both.scores("chá").argmax() == 3
    assert first.size == 2


def test_a_new_word_corrects_the_misspelt_one_and_the_old_speller_stays() -> None:
    known = spellers(WordSearch([Document("en", ["teapot"])]))["en"]
    more = known.extended({"zeppelin": 1})
    assert more.corrected(["zepelin", "teaport", "zeppelin"]) == ["zeppelin", "teapot", "zeppelin"]
    assert known.corrected(["zepelin"]) == ["zepelin"]


def test_vectors_in_two_layers_are_found_as_in_one() -> None:
    rows = np.random.default_rng(9).normal(size=(300, 32)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    groups = [rows[place : place + 3] for place in range(0, 300, 3)]
    at_once, beside = DenseIndex(groups, 32), DenseIndex(groups[:80], 32).extended(groups[80:])
    places = np.array([3, 79, 80, 99])
    assert np.allclose(at_once.similarities(rows[7], places), beside.similarities(rows[7], places), atol=1e-6)
    assert np.allclose(at_once.everything(rows[250]), beside.everything(rows[250]), atol=1e-6)
    nearest, first = beside.everything(rows[250])
    assert np.allclose(nearest, beside.similarities(rows[250], np.arange(100)), atol=1e-6)
    assert np.allclose(first, beside.wholes(rows[250], np.arange(100)), atol=1e-6)
    assert 83 in beside.nearest(rows[250], 5)
