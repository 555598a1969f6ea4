"""Search: meaning and words fused, one hit for each article, the reader's own language first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge.asked import AskedLook
from knowledge.calibration import SHIPPED, Calibration, Curve
from knowledge.chinese import to_simplified
from knowledge.dense import Look, embed_question, unrelated_of
from knowledge.entries import Entry
from knowledge.expecting import Expected, Expecting
from knowledge.lexical import WordLook
from knowledge.parts import SIZES, Parts, Sizes, build_parts
from knowledge.ports import Embedder, Reranker, Vectors
from knowledge.reranking import reranked
from knowledge.strays import strays_of
from knowledge.terms import family
from knowledge.topics import MOST_ARTICLES, TopicModel
from knowledge.types import Filters, Hit, Passage

DENSE_WEIGHT = {"en": 0.65, "pt": 0.6, "zh": 0.5}
ASKED_DENSE = {"en": 0.5, "pt": 0.5, "zh": 0.5}
BODY, ECHO, TOPIC, ASKED = 0.3, 0.4, 0.45, 0.7
FOREIGN = 0.9  # what a score in another language counts beside one in the reader's
CANDIDATES = 100
_MANY_PASSAGES = 2.0  # for each article and language, on average, before topics are told apart
SHORTLIST = 20
# Sections share the title of their article: its opening is quoted unless a section is nearer by this much.
OPENING = 0.18
AROUND = 3  # passages and attached questions that say how near a question is to the knowledge base
PUBLIC = Filters()


@dataclass(frozen=True)
class Found:
    """The best passage of an article: `place` in the index, and the numbers behind its score; `around` is the same for a whole search."""

    place: int
    dense: float
    lexical: float
    asked: float
    topic: float
    score: float
    around: float = 0.0


@dataclass(frozen=True)
class _Evidence:
    """What is known of the articles of a shortlist: their passages by language; the numbers of each passage by place: the cosine of its
    nearest view, the share of the question's words; those of each attached question by number: its cosine, its fused score, 0 when hidden.
    """

    variants: dict[int, dict[str, list[int]]]
    cosine: dict[int, float]
    share: dict[int, float]
    asked_cosine: dict[int, float]
    asked: dict[int, float]


@dataclass(frozen=True)
class _Query:
    """A question before the passages by meaning (`near`) and by words (`said`), and before the attached questions (`asked`)."""

    language: str
    allowed: NDArray[np.bool_]
    near: Look
    said: WordLook
    asked: AskedLook

    @property
    def meant(self) -> float:
        """What meaning weighs beside words."""
        return DENSE_WEIGHT[family(self.language)]


class SearchIndex:
    """The `PassageIndex` in memory: an unchanging snapshot; searches from many threads do not disturb each other.

    A passage scores `w * nearness + (1 - w) * share`: nearness as in `dense.Look.cosines`, share as in `lexical.LexicalIndex.scores`. Both
    are absolute, so that a question whose words are hardly found leans on meaning. Reciprocal ranks (Cormack 2009) lose because one half
    is mostly much better than the other, and ranks hide by how much. MRR on COVID FAQ (en) / FaQuAD train (pt) / AIA-BDE (pt) / DRCD (zh)
    with E5: words alone 0.620 / 0.897 / 0.728 / 0.970, meaning alone 0.801 / 0.842 / 0.851 / 0.941, both with meaning at 0.5
    0.803 / 0.917 / 0.857 / 0.979, at 0.7 0.821 / 0.918 / 0.868 / 0.969.

    An article scores what its best passage does, and more by evidence that one passage cannot give: the mean of its passages (`BODY`),
    the cosine of its variants in other languages (`ECHO`), the posterior of its topic (`TOPIC`) and the nearest question attached to it
    (`ASKED`), which never counts less than the best passage, so that articles without questions lose nothing. Topics are told apart by
    the attached questions too. Without several passages an article (there the topic would only blur: FaQuAD falls from 0.895 to 0.81),
    other languages, or questions, that part is left out.

    These were chosen with USE on the sets above and on the sample shop's 1,664 attached questions, each asked with itself and its likely
    translations left out; questions attached to one article are chosen to differ, so that this is harder than life. With E5 and USE the
    right article comes first for 87 / 83 / 85 % (en / pt / zh-Hant) of 150 of them each; with `TOPIC` at 0.15 85 / 81 / 85 %, at 0.6 as
    now. Weights learned from such questions (listwise, twenty features) were no better on independent ones.
    """

    reranker: Reranker | None = None
    expecting: Expecting | None = None

    def __init__(
        self, entries: Iterable[Entry], embedder: Embedder, *, generation: int = 0, calibration: Calibration = SHIPPED, sizes: Sizes = SIZES
    ) -> None:  # fmt: skip
        """The entries are read once; they lie in columns when they are many."""
        self.generation, self.calibration, self.embedder = generation, calibration, embedder
        self._take(build_parts(entries, embedder.dimension, sizes))
        self.answered_by = self._answering(0)
        self.topics = self._topic_model()

    @classmethod
    def of(cls, parts: Parts, embedder: Embedder, *, generation: int, calibration: Calibration) -> SearchIndex:
        """An index of parts that were made before."""
        made = cls.__new__(cls)
        made.generation, made.calibration, made.embedder = generation, calibration, embedder
        made._take(parts)
        made.answered_by = made._answering(0)
        made.topics = made._topic_model()
        return made

    def _take(self, parts: Parts) -> None:
        self.parts, self.entries, self.columns = parts, parts.entries, parts.columns
        self.words, self.dense, self.asked, self.spellers = parts.words, parts.dense, parts.asked, parts.spellers
        self.articles: NDArray[np.int64] = self.columns.numbers["article"].astype(np.int64)
        variants = self.parts.variants
        self._unrelated = unrelated_of(self.embedder)
        self._echo = ECHO if variants > self.parts.articles else 0.0
        self._said = ASKED if self.asked.questions else 0.0
        self._topic = TOPIC if len(self.entries) >= _MANY_PASSAGES * max(1, variants) else 0.0
        self._allowed: dict[Filters, NDArray[np.bool_]] = {}

    def changed(
        self, gone: Collection[str], fresh: Sequence[Entry], *, generation: int, calibration: Calibration | None = None
    ) -> SearchIndex:  # fmt: skip
        """Another index, without the articles of these ids and with these entries; what did not change is shared with this one.

        How rare words are reckons with both; the topics of `fresh` are not known until the index is built anew.
        """
        made = copy(self)
        made.generation, made.calibration = generation, calibration or self.calibration
        if not gone and not fresh:
            return made
        made._take(self.parts.changed(gone, fresh))
        kept = len((self.parts.base or self.parts).asked.questions)
        made.answered_by = np.concatenate([self.answered_by[:kept], made._answering(kept)])
        return made

    def search(
        self, question: str, *, language: str, limit: int = 5, filters: Filters = PUBLIC, vector: Vectors | None = None
    ) -> list[Hit]:
        """See `PassageIndex.search`. Without `vector` the question is encoded first. zh-Hans is served from zh-Hant where need be."""
        if not question.strip():
            return []
        vector = embed_question(question, self.embedder) if vector is None else vector
        ranked = self.rank(question, language=language, allowed=self.allowed(filters), vector=vector)
        expected = self.expecting.expected(question, language) if self.expecting else None
        if expected is not None:
            ranked = sorted(ranked, key=lambda found: -found.score - expected.raise_of(self.entries[found.place].passage.article_id))
        ranked = reranked(self.reranker, question, ranked, lambda found: self.entries[found.place].passage)
        curve = self.calibration.curve(family(language))
        contrast = self.contrast(vector, ranked) if curve.examples else 0.0
        return [self._hit(found, language, curve, contrast, expected) for found in ranked[:limit]]

    def contrast(self, vector: Vectors, ranked: Sequence[Found]) -> float:
        """How much nearer a question is to this knowledge base than to what no help page answers, for `calibration.Curve`.

        About -0.5 to 0.5: the mean cosine of the nearest few passages and attached questions (`ranked`) less that of the nearest few
        strays. One article alone says little: what is asked about often is said in several.
        """
        return ranked[0].around - strays_of(self.embedder).wide(vector) if ranked else 0.0

    def _hit(self, found: Found, language: str, curve: Curve, contrast: float, expected: Expected | None) -> Hit:
        passage = self.shown(found.place, language)
        assurance = expected.assurance(passage.article_id) if expected else 0.0
        return Hit(passage, found.score, curve.chance(found.score, contrast + assurance))

    def rank(
        self, question: str, *, language: str, allowed: NDArray[np.bool_], vector: Vectors | None = None, left_out: Sequence[int] = ()
    ) -> list[Found]:
        """The best passage of up to `SHORTLIST` articles, best first; only passages that `allowed` (passages,) says.

        `left_out` are numbers of attached questions of one article, without which the question is to be asked.
        """
        if not question.strip() or not allowed.any():
            return []
        allowed = allowed & self.parts.alive if self.parts.then else allowed
        vector = embed_question(question, self.embedder) if vector is None else vector
        query = self._query(question, language, allowed, vector, left_out)
        evidence = self._evidence(query, self._shortlist(query))
        topics = self._topics_of(vector, allowed, left_out)
        found = [self._weigh(article, query, evidence, topics.get(article, 0.0)) for article in evidence.variants]
        around = self._around(query)
        return [replace(one, around=around) for one in sorted(found, key=lambda one: -one.score)]

    def _around(self, query: _Query) -> float:
        """About 0 to 1: how near the nearest few passages and attached questions are, in the mean."""
        nearest = np.sort(np.concatenate([query.near.few(query.allowed, AROUND), query.asked.few(AROUND)]))[-AROUND:]
        return float((nearest.mean() - self._unrelated) / (1 - self._unrelated)) if len(nearest) else 0.0

    def _evidence(self, query: _Query, articles: Sequence[int]) -> _Evidence:
        variants = {article: self.variants(article) for article in articles}
        places = np.array([place for groups in variants.values() for group in groups.values() for place in group], dtype=np.int64)
        numbers = self.asked.numbers_at(places.tolist())
        near, fused = query.asked.both(numbers)
        passages, questions = places.tolist(), numbers.tolist()
        return _Evidence(
            variants,
            dict(zip(passages, query.near.cosines(places).tolist(), strict=True)),
            dict(zip(passages, query.said.at(places).tolist(), strict=True)),
            dict(zip(questions, near.tolist(), strict=True)),
            dict(zip(questions, fused.tolist(), strict=True)),
        )

    def _query(self, question: str, language: str, allowed: NDArray[np.bool_], vector: Vectors, left_out: Sequence[int]) -> _Query:
        shown = allowed[self.asked.places]
        shown[list(left_out)] = False
        near, said = self.asked.dense.look(vector, unrelated=self._unrelated), self.asked.words.look(question, self.spellers)
        asked = AskedLook(self.asked, near, said, weight=ASKED_DENSE[family(language)], shown=shown)
        near = self.dense.look(vector, unrelated=self._unrelated)
        return _Query(language, allowed, near, self.words.look(question, self.spellers), asked)

    def _topics_of(self, vector: Vectors, allowed: NDArray[np.bool_], left_out: Sequence[int]) -> dict[int, float]:
        """By article the posterior of its topic; nothing where topics say nothing."""
        if not self.topics.usable:
            return {}
        known = self.articles < self.topics.articles
        there = np.zeros(self.topics.articles, dtype=bool)
        there[self.articles[allowed & known]] = True
        own = int(self.articles[self.asked.places[left_out[0]]]) if left_out else -1
        shares = self.topics.posterior(vector, there, article=own, left_out=self.asked.rows(left_out))
        return dict(enumerate(shares.tolist()))

    def _answering(self, first: int) -> NDArray[np.int64]:
        """int (attached questions from number `first` on,): the passage of its article that is nearest to each.

        The opening, unless a section is clearly nearer.
        """
        found = self.asked.places.copy()
        for place in dict.fromkeys(self.asked.places[first:].tolist()):
            numbers, passage = self.asked.of[place], self.entries[place].passage
            group = np.array(self.variant(passage.article_id, passage.language), dtype=np.int64)
            for number in numbers if len(group) > 1 else ():
                row = self.asked.questions[number].row
                if row is not None:
                    merits = self.dense.similarities(row, group) + OPENING * (group == place)
                    found[number] = group[merits.argmax()]
        return found[first:]

    def _topic_model(self) -> TopicModel:
        if self.parts.articles > MOST_ARTICLES:
            return TopicModel(np.zeros((0, self.embedder.dimension), dtype=np.float32), np.zeros(0, dtype=np.int64), self.parts.articles)
        rows = np.concatenate([self.dense.rows, self.asked.dense.rows])
        owners = np.concatenate([self.articles[self.dense.owners], self.articles[self.asked.places[self.asked.dense.owners]]])
        return TopicModel(rows, owners, self.parts.articles)

    def allowed(self, filters: Filters) -> NDArray[np.bool_]:
        """bool (passages,): which passages the filters let through."""
        known = self._allowed.get(filters)
        if known is None:
            known = self.columns.passing(filters) & self.parts.alive
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
        number = self.columns.names["article"].find(article_id)
        return [] if number is None else self.variants(number).get(language, [])

    def audience_of(self, article_id: str) -> str:
        """For whom an article is; internal for one that is not in the index."""
        number = self.columns.names["article"].find(article_id)
        places = [] if number is None else self.parts.places_of(number)
        return self.entries[places[0]].audience if len(places) else "internal"

    def variants(self, article: int) -> dict[str, list[int]]:
        """By language the places of the passages of an article, given by its number."""
        found: dict[str, list[int]] = {}
        languages, numbers = self.columns.names["language"], self.columns.numbers["language"]
        for place in self.parts.places_of(article):
            found.setdefault(languages[int(numbers[place])], []).append(place)
        return found

    def _mine(self, language: str, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        return self.columns.among("language", (language, "zh-Hant") if language == "zh-Hans" else (language,), places)

    def _shortlist(self, query: _Query) -> list[int]:
        """The articles whose best passage or question, in any language, scores best."""
        places = np.union1d(query.near.nearest(CANDIDATES, query.allowed), query.said.best(CANDIDATES, query.allowed))
        numbers = query.asked.best(CANDIDATES)
        fused = query.meant * query.near.cosines(places) + (1 - query.meant) * query.said.at(places)
        fused = np.concatenate([fused, query.asked.fused(numbers)])
        places = np.concatenate([places, self.asked.places[numbers]])
        fused = np.where(self._mine(query.language, places), fused, FOREIGN * fused)
        ordered = self.articles[places[np.argsort(-fused, kind="stable")]]
        return list(dict.fromkeys(ordered.tolist()))[:SHORTLIST]

    def _weigh(self, article: int, query: _Query, evidence: _Evidence, topic: float) -> Found:
        """The article's best passage in the reader's language, or in another when it has none, with the score of the article."""
        variants, language = evidence.variants[article], query.language
        usable = {name: kept for name, group in variants.items() if (kept := [place for place in group if query.allowed[place]])}
        mine = language if language in usable or language != "zh-Hans" else "zh-Hant"
        if mine not in usable:
            mine = max(usable, key=lambda name: max(evidence.cosine[place] for place in usable[name]))
        meant = query.meant
        fused = [meant * evidence.cosine[place] + (1 - meant) * evidence.share[place] for place in usable[mine]]
        best = self._best(usable[mine], evidence)
        top = max(fused)
        said = max([top, *map(evidence.asked.__getitem__, self._numbers_at(usable[mine]))])
        others = [self._nearest(group, evidence) for name, group in variants.items() if name != mine]
        echo = sum(others) / len(others) if others else self._nearest(usable[mine], evidence)
        score = top + BODY * sum(fused) / len(fused) + self._echo * echo + self._topic * topic + self._said * said
        own = mine == language or (mine, language) == ("zh-Hant", "zh-Hans")
        score *= (1.0 if own else FOREIGN) / (1 + BODY + self._echo + self._topic + self._said)
        return Found(best, evidence.cosine[best], evidence.share[best], said, topic, score)

    def _nearest(self, group: list[int], evidence: _Evidence) -> float:
        asked = map(evidence.asked_cosine.__getitem__, self._numbers_at(group))
        return max(*map(evidence.cosine.__getitem__, group), *asked, 0.0)

    def _best(self, group: list[int], evidence: _Evidence) -> int:
        """The passage to quote: the opening, unless a section is clearly nearer, itself or by a question that it answers.

        Meaning and words weigh the same here in every language: a short question's one word may be in any section.
        """
        merits: dict[int, float] = {}
        for place in group:
            meets = 0.5 * (evidence.cosine[place] + evidence.share[place])
            merits[place] = meets + OPENING * (self.columns.numbers["ordinal"][place] == 0)
        for number in self._numbers_at(group):
            place = int(self.answered_by[number])
            if place in merits:
                merits[place] = max(merits[place], evidence.asked[number])
        return max(merits, key=lambda place: merits[place])

    def _numbers_at(self, group: list[int]) -> list[int]:
        return [number for place in group for number in self.asked.of.get(place, ())]
