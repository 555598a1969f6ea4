"""Search: meaning and words fused, one hit for each article, the reader's own language first."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge.asked import Asked, AskedQuestions
from knowledge.calibration import SHIPPED, Calibration
from knowledge.chinese import to_simplified
from knowledge.dense import MANY, DenseIndex, Look, embed_question, highest
from knowledge.lexical import WordSearch, passage_document, spellers
from knowledge.ports import Embedder, Vectors
from knowledge.terms import family
from knowledge.topics import MOST_ARTICLES, TopicModel
from knowledge.types import Filters, Hit, Passage

DENSE_WEIGHT = {"en": 0.5, "pt": 0.4, "zh": 0.25}
ASKED_DENSE = {"en": 0.5, "pt": 0.5, "zh": 0.5}
BODY, ECHO, TOPIC, ASKED = 0.3, 0.4, 0.15, 0.7
FOREIGN = 0.9  # what a score in another language counts beside one in the reader's
CANDIDATES = 100
_MANY_PASSAGES = 2.0  # for each article and language, on average, before topics are told apart
SHORTLIST = 20
# Sections share the title of their article: its opening is quoted unless a section is nearer by this much.
OPENING = 0.18
PUBLIC = Filters()


@dataclass(frozen=True)
class Entry:
    """A passage as the index holds it: with its vectors (views, dimension; none when not embedded yet) and what filters look at.

    Only the opening of an article has `questions`, those attached to it; their vectors are the last ones.
    """

    passage: Passage
    vectors: Vectors
    audience: str = "public"
    category: str = ""
    tags: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    @property
    def text_vectors(self) -> Vectors:
        """The vectors of the passage itself, without those of the questions."""
        return self.vectors[: max(0, len(self.vectors) - len(self.questions))]

    def asked(self, place: int) -> list[Asked]:
        """The questions with their vectors, if they have been encoded."""
        article, language, first = self.passage.article_id, self.passage.language, len(self.vectors) - len(self.questions)
        rows = self.vectors[first:] if first > 0 else [None] * len(self.questions)
        return [Asked(question, article, language, place, row) for question, row in zip(self.questions, rows, strict=True)]


@dataclass(frozen=True)
class Found:
    """The best passage of an article: `place` in the index, and the numbers behind its score."""

    place: int
    dense: float
    lexical: float
    asked: float
    topic: float
    score: float


@dataclass(frozen=True)
class _Query:
    """A question with what was reckoned of it: `shares` (passages,) of its words, `asked` (attached questions,) the fused score of each."""

    language: str
    allowed: NDArray[np.bool_]
    near: Look
    shares: Vectors
    asked: Vectors
    asked_cosines: Vectors

    @property
    def meant(self) -> float:
        """What meaning weighs beside words."""
        return DENSE_WEIGHT[family(self.language)]


class SearchIndex:
    """The `PassageIndex` in memory: an unchanging snapshot; searches from many threads do not disturb each other.

    A passage scores `w * cosine + (1 - w) * share`: cosine of its nearest view (`dense.views`), share as in
    `lexical.LexicalIndex.scores`. Both are absolute, so that a question whose words are hardly found leans on meaning. MRR on COVID FAQ
    (en) / FaQuAD (pt) / AIA-BDE (pt): words alone 0.627 / 0.894 / 0.745, meaning alone 0.712 / 0.717 / 0.799, reciprocal ranks
    (Cormack 2009, k = 10) 0.732 / 0.860 / 0.829, both scaled to 0..1 by question 0.723 / 0.898 / 0.837, this 0.778 / 0.897 / 0.845.
    Reciprocal ranks lose because one half is much better than the other on every set, and ranks hide by how much. For Chinese the
    weight of meaning is lower: single characters match more, and the encoder is weaker there (DRCD, 2,000 paragraphs: words 0.940,
    meaning 0.744, this 0.949).

    An article scores what its best passage does, and more by evidence that one passage cannot give: the mean of its passages (`BODY`),
    the cosine of its variants in other languages (`ECHO`), the posterior of its topic (`TOPIC`) and the nearest question attached to it
    (`ASKED`), which never counts less than the best passage, so that articles without questions lose nothing. Topics are told apart by
    the attached questions too. Without several passages an article (there the topic would only blur: FaQuAD falls from 0.895 to 0.81),
    other languages, or questions, that part is left out.

    The weights were chosen on the sets above and on the sample shop's 1,664 attached questions, each asked with itself and its likely
    translations left out: right article first 70 / 70 / 73 % (en / pt / zh-Hant), in the first five 93 / 92 / 94 %; questions attached to
    one article are chosen to differ, so that this is harder than life. Between 0.2 and 1.0 the weight of `ASKED` moves that by about a
    point; the words of a whole article as one document, or its two or three nearest questions instead of one, gain nothing.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        embedder: Embedder,
        *,
        generation: int = 0,
        calibration: Calibration = SHIPPED,
        exact: bool = False,
    ) -> None:
        """`exact`: without a graph however many vectors there are, for an index that few questions are asked of."""
        self.generation = generation
        self.calibration = calibration
        self.embedder = embedder
        self.entries = tuple(entries)
        self.words = WordSearch([passage_document(entry.passage, entry.tags) for entry in entries])
        self.dense = DenseIndex([entry.text_vectors for entry in entries], embedder.dimension, many=sys.maxsize if exact else MANY)
        self.asked = AskedQuestions([one for place, entry in enumerate(entries) for one in entry.asked(place)], embedder.dimension)
        self.numbers: dict[str, int] = {}
        for entry in entries:
            self.numbers.setdefault(entry.passage.article_id, len(self.numbers))
        self.articles: NDArray[np.int64] = np.array([self.numbers[entry.passage.article_id] for entry in entries], dtype=np.int64)
        self._languages = np.array([entry.passage.language for entry in entries], dtype=np.str_)
        self._variants: dict[int, dict[str, list[int]]] = {}
        for place, entry in enumerate(entries):
            self._variants.setdefault(int(self.articles[place]), {}).setdefault(entry.passage.language, []).append(place)
        self.spellers = spellers(self.words, self.asked.words)
        self.answered_by = self._answering()
        self.topics = self._topic_model()
        variants = sum(len(languages) for languages in self._variants.values())
        self._echo = ECHO if variants > len(self._variants) else 0.0
        self._said = ASKED if self.asked.questions else 0.0
        self._topic = TOPIC if len(entries) >= _MANY_PASSAGES * max(1, variants) else 0.0
        self._allowed: dict[Filters, NDArray[np.bool_]] = {}

    def search(
        self, question: str, *, language: str, limit: int = 5, filters: Filters = PUBLIC, vector: Vectors | None = None
    ) -> list[Hit]:
        """See `PassageIndex.search`. Without `vector` the question is encoded first. zh-Hans is served from zh-Hant where need be."""
        ranked = self.rank(question, language=language, allowed=self.allowed(filters), vector=vector)
        curve = self.calibration.curve(family(language))
        return [Hit(self.shown(found.place, language), found.score, curve.chance(found.score)) for found in ranked[:limit]]

    def rank(
        self, question: str, *, language: str, allowed: NDArray[np.bool_], vector: Vectors | None = None, left_out: Sequence[int] = ()
    ) -> list[Found]:
        """The best passage of up to `SHORTLIST` articles, best first; only passages that `allowed` (passages,) says.

        `left_out` are numbers of attached questions of one article, without which the question is to be asked.
        """
        if not question.strip() or not allowed.any():
            return []
        vector = embed_question(question, self.embedder) if vector is None else vector
        query = self._query(question, language, allowed, vector, left_out)
        articles = self._shortlist(query)
        there = np.zeros(len(self.numbers), dtype=bool)
        there[self.articles[allowed]] = True
        own = int(self.articles[self.asked.places[left_out[0]]]) if left_out else -1
        topics = self.topics.posterior(vector, there, article=own, left_out=self.asked.rows(left_out))
        places = np.array([place for article in articles for group in self._variants[article].values() for place in group], dtype=np.int64)
        cosines = dict(zip(places.tolist(), query.near.cosines(places).tolist(), strict=True))
        found = [self._weigh(article, query, cosines, float(topics[article])) for article in articles]
        return sorted(found, key=lambda one: -one.score)

    def _query(self, question: str, language: str, allowed: NDArray[np.bool_], vector: Vectors, left_out: Sequence[int]) -> _Query:
        shares = np.where(allowed, self.words.scores(question, self.spellers), np.float32(0))
        asked = self.asked.words.scores(question, self.spellers)
        cosines = self.asked.dense.everything(vector)
        weight = ASKED_DENSE[family(language)]
        fused = weight * cosines + (1 - weight) * asked
        hidden = ~allowed[self.asked.places]
        hidden[list(left_out)] = True
        fused[hidden], cosines[hidden] = 0.0, 0.0
        return _Query(language, allowed, self.dense.look(vector), shares, fused, cosines)

    def _answering(self) -> NDArray[np.int64]:
        """int (attached questions,): the passage of its article that is nearest to each, the opening unless a section is clearly nearer."""
        found = self.asked.places.copy()
        for place, numbers in self.asked.of.items():
            passage = self.entries[place].passage
            group = np.array(self.variant(passage.article_id, passage.language), dtype=np.int64)
            for number in numbers if len(group) > 1 else ():
                row = self.asked.questions[number].row
                if row is not None:
                    merits = self.dense.similarities(row, group) + OPENING * (group == place)
                    found[number] = group[merits.argmax()]
        return found

    def _topic_model(self) -> TopicModel:
        if not self.asked.questions or len(self.numbers) > MOST_ARTICLES:  # without a second copy of a large index
            return TopicModel(self.dense.rows, self.articles[self.dense.owners], len(self.numbers))
        rows = np.concatenate([self.dense.rows, self.asked.dense.rows])
        owners = np.concatenate([self.articles[self.dense.owners], self.articles[self.asked.places[self.asked.dense.owners]]])
        return TopicModel(rows, owners, len(self.numbers))

    def allowed(self, filters: Filters) -> NDArray[np.bool_]:
        """bool (passages,): which passages the filters let through."""
        known = self._allowed.get(filters)
        if known is None:
            known = np.array([_passes(entry, filters) for entry in self.entries], dtype=np.bool_)
            if len(self._allowed) < 64:
                self._allowed[filters] = known
        return known

    def threshold(self, language: str) -> float:
        """The confidence from which on a question in `language` is answered."""
        return self.calibration.curve(family(language)).threshold

    def shown(self, place: int, language: str) -> Passage:
        """The passage as a reader of `language` sees it: Traditional Chinese in Simplified for zh-Hans."""
        passage = self.entries[place].passage
        if language != "zh-Hans" or passage.language != "zh-Hant":
            return passage
        path = tuple(to_simplified(part) for part in passage.title_path)
        return replace(passage, language="zh-Hans", title_path=path, text=to_simplified(passage.text))

    def variant(self, article_id: str, language: str) -> list[int]:
        """The places of an article's passages in one language."""
        return self._variants.get(self.numbers.get(article_id, -1), {}).get(language, [])

    def _mine(self, language: str) -> NDArray[np.bool_]:
        mine: NDArray[np.bool_] = self._languages == language
        return mine | (self._languages == "zh-Hant") if language == "zh-Hans" else mine

    def _shortlist(self, query: _Query) -> list[int]:
        """The articles whose best passage or question, in any language, scores best."""
        places = np.union1d(query.near.nearest(CANDIDATES, query.allowed), highest(query.shares, CANDIDATES))
        numbers = highest(query.asked, CANDIDATES)
        fused = query.meant * query.near.cosines(places) + (1 - query.meant) * query.shares[places]
        fused = np.concatenate([fused, query.asked[numbers]])
        places = np.concatenate([places, self.asked.places[numbers]])
        fused = np.where(self._mine(query.language)[places], fused, FOREIGN * fused)
        ordered = self.articles[places[np.argsort(-fused, kind="stable")]]
        return list(dict.fromkeys(ordered.tolist()))[:SHORTLIST]

    def _weigh(self, article: int, query: _Query, cosines: dict[int, float], topic: float) -> Found:
        """The article's best passage in the reader's language, or in another when it has none, with the score of the article."""
        variants, language = self._variants[article], query.language
        usable = {name: kept for name, group in variants.items() if (kept := [place for place in group if query.allowed[place]])}
        mine = language if language in usable or language != "zh-Hans" else "zh-Hant"
        if mine not in usable:
            mine = max(usable, key=lambda name: max(cosines[place] for place in usable[name]))
        fused = {place: query.meant * cosines[place] + (1 - query.meant) * float(query.shares[place]) for place in usable[mine]}
        best = self._best(usable[mine], query, cosines)
        top = max(fused.values())
        said = max([top, *query.asked[self.asked.numbers_at(usable[mine])].tolist()])
        others = [self._nearest(group, query, cosines) for name, group in variants.items() if name != mine]
        echo = sum(others) / len(others) if others else self._nearest(usable[mine], query, cosines)
        score = top + BODY * sum(fused.values()) / len(fused) + self._echo * echo + self._topic * topic + self._said * said
        own = mine == language or (mine, language) == ("zh-Hant", "zh-Hans")
        score *= (1.0 if own else FOREIGN) / (1 + BODY + self._echo + self._topic + self._said)
        return Found(best, cosines[best], float(query.shares[best]), said, topic, score)

    def _nearest(self, group: list[int], query: _Query, cosines: dict[int, float]) -> float:
        asked = query.asked_cosines[self.asked.numbers_at(group)]
        return float(max([*(cosines[place] for place in group), *asked.tolist()]))

    def _best(self, group: list[int], query: _Query, cosines: dict[int, float]) -> int:
        """The passage to quote: the opening, unless a section is clearly nearer, itself or by a question that it answers.

        Meaning and words weigh the same here in every language: a short question's one word may be in any section.
        """
        handicap = {place: OPENING * (self.entries[place].passage.ordinal == 0) for place in group}
        merits = {place: 0.5 * (cosines[place] + float(query.shares[place])) + handicap[place] for place in group}
        for number in self.asked.numbers_at(group).tolist():
            place = int(self.answered_by[number])
            if place in merits:
                merits[place] = max(merits[place], float(query.asked[number]))
        return max(merits, key=lambda place: merits[place])


def _passes(entry: Entry, filters: Filters) -> bool:
    return (
        (entry.audience == "public" or filters.audience == "internal")
        and (not filters.languages or entry.passage.language in filters.languages)
        and (not filters.categories or entry.category in filters.categories)
    )
