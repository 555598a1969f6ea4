"""Finding, answering, abstaining."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from knowledge.answer import answer, standing
from knowledge.calibration import Calibration, Curve, Example, fit
from knowledge.dense import DenseIndex, embed_question
from knowledge.paired import PairedEmbedder
from knowledge.search import PUBLIC, SearchIndex
from knowledge.topics import TopicModel
from knowledge.types import ArticleDraft, Filters
from tests.knowledge.fakes import GIFTS, HOURS, PRICES, RETURNS, HashingEmbedder, index_of


def _first(index: SearchIndex, question: str, language: str = "en", filters: Filters = PUBLIC) -> str:
    hits = index.search(question, language=language, filters=filters)
    return hits[0].passage.id if hits else ""


def _sure(index: SearchIndex, threshold: float) -> SearchIndex:
    curve = Curve(slope=5.0, bias=0.0, threshold=threshold)
    return SearchIndex(index.entries, index.embedder, calibration=Calibration({"en": curve, "pt": curve, "zh": curve}))


def test_the_section_that_answers_is_found_not_only_the_article() -> None:
    assert _first(index_of(), "what would a return cost me") == "return-policy/en/0/1"


def test_what_is_pasted_beside_a_question_leaves_its_vector_alone_but_words_are_looked_up() -> None:
    embedder = HashingEmbedder()
    plain, pasted = (embed_question(f"when do you open{more}", embedder) for more in ("", " https://shop.example/p/returns-and-refunds"))
    assert np.array_equal(plain, pasted)
    coded = ArticleDraft(id="code", language="en", title="Messages of the till", body="E40017823-99 means that the drawer is open.")
    assert _first(index_of((HOURS, RETURNS, coded)), "what is E40017823-99 please") == "code/en/0/0"


def test_each_article_is_found_once_in_the_language_of_the_reader() -> None:
    hits = index_of().search("退貨要付多少費用", language="zh-Hant", limit=10)
    assert len({hit.passage.article_id for hit in hits}) == len(hits)
    assert hits[0].passage.id == "return-policy/zh-Hant/0/1"


def test_a_simplified_question_finds_a_traditional_article_shown_in_simplified() -> None:
    hit = index_of().search("退货要付多少费用", language="zh-Hans")[0]
    assert (hit.passage.language, hit.passage.title_path[-1]) == ("zh-Hans", "退货要付多少费用？")


def test_an_article_without_the_readers_language_is_found_in_another() -> None:
    assert _first(index_of(), "gift card valid", "pt") == "gift-cards/en/0/0"


def test_tags_lead_to_the_opening() -> None:
    assert _first(index_of(), "send back") == "return-policy/en/0/0"


def test_internal_articles_are_for_the_internal_audience_only() -> None:
    index = index_of()
    assert "supplier-prices" not in {hit.passage.article_id for hit in index.search("supplier discount", language="en", limit=10)}
    assert _first(index, "supplier discount", filters=Filters(audience="internal")).startswith("supplier-prices/")


def test_category_and_language_limit_a_search() -> None:
    index = index_of()
    assert _first(index, "return policy", filters=Filters(categories=("gifts",))).startswith("gift-cards/")
    assert {hit.passage.language for hit in index.search("return", language="en", filters=Filters(languages=("pt",)))} == {"pt"}


def test_nothing_is_found_for_nothing_and_in_nothing() -> None:
    assert index_of().search("  ", language="en") == []
    assert index_of(()).search("return", language="en") == []
    assert answer(index_of(()), "return", language="en").text is None


def test_a_passage_without_vectors_is_found_by_its_words() -> None:
    index = index_of()
    bare = [replace(entry, vectors=np.zeros((0, 256), np.float32)) for entry in index.entries]
    assert _first(SearchIndex(bare, HashingEmbedder()), "gift card") == "gift-cards/en/0/0"


def test_threads_get_the_same_answers_as_one_alone() -> None:
    index, questions = index_of(), ["return cost", "gift card", "open stores", "supplier"] * 25
    alone = [_first(index, question) for question in questions]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda question: _first(index, question), questions)) == alone


def test_an_answer_is_quoted_and_cited() -> None:
    said = answer(_sure(index_of(), 0.1), "what does a return cost?", language="en")
    assert said.text == "Postage of MOP 40 is taken off your refund."
    assert (said.citations[0].url, said.citations[0].title) == ("/help/en/return-policy", RETURNS.title)
    assert said.hits[0].passage.text == said.text


def test_a_simplified_answer_has_a_simplified_address() -> None:
    said = answer(_sure(index_of(), 0.1), "退货要付多少费用", language="zh-Hans")
    assert (said.text, said.language) == ("邮费 40 澳门元由退款中扣除。", "zh-Hans")
    assert said.citations[0].url == "/help/zh-Hans/return-policy"


def test_below_the_threshold_only_topics_are_offered() -> None:
    said = answer(_sure(index_of(), 0.999), "what does a return cost?", language="en")
    assert said.text is None
    assert said.citations == ()
    assert said.hits[0].passage.article_id == "return-policy"


def test_of_a_long_passage_the_sentences_that_answer_are_quoted() -> None:
    filler = " ".join(f"Sentence {number} speaks of porcelain, glaze and kilns at length." for number in range(12))
    long = ArticleDraft("kilns", "en", "About our kilns", f"{filler} The deposit for a workshop is MOP 77. {filler[:120]}")
    said = answer(_sure(index_of((long, HOURS, GIFTS)), 0.05), "workshop deposit MOP", language="en")
    assert said.text is not None
    assert "The deposit for a workshop is MOP 77." in said.text
    assert len(said.text) < 500


def test_the_quantised_index_for_many_vectors_finds_what_exact_search_finds() -> None:
    rows = np.random.default_rng(1).normal(size=(600, 32)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    index = DenseIndex([rows[place : place + 2] for place in range(0, 600, 2)], 32, many=100)
    assert not index.exact
    only = np.zeros(300, dtype=np.bool_)
    only[40:60] = True
    assert 50 in index.nearest(rows[100], 5)
    assert set(index.nearest(rows[100], 5, allowed=only).tolist()) <= set(range(40, 60))
    assert np.isclose(index.similarities(rows[100], np.array([50, 51]))[0], 1.0, atol=0.005)


def test_a_topic_is_recognised_by_what_sets_it_apart() -> None:
    noise = np.random.default_rng(2)
    owners = np.repeat(np.arange(4), 20)
    rows = noise.normal(size=(80, 16)).astype(np.float32)
    rows[:, :4] += 4 * np.eye(4, dtype=np.float32)[owners]
    model = TopicModel(rows, owners, 4)
    shares = model.posterior(rows[45], np.ones(4, dtype=np.bool_))
    assert shares.argmax() == 2
    assert model.posterior(rows[45], np.array([True, True, False, True]))[2] == 0
    assert np.isclose(shares.sum(), 1)


def test_calibration_separates_right_from_wrong_and_refuses_off_topic_questions() -> None:
    noise = np.random.default_rng(3)
    examples = [Example("en", "answerable", 0.5 + 0.1 * noise.normal(), True) for _ in range(100)]
    examples += [Example("en", "off_topic", 0.1 + 0.1 * noise.normal(), False) for _ in range(100)]
    calibration = fit([examples[place] for place in noise.permutation(200)])
    curve = calibration.curve("en")
    assert curve.chance(0.5) > 0.8 > 0.2 > curve.chance(0.2)
    assert curve.abstained >= 0.8
    assert curve.precision > 0.9
    assert Calibration.from_json(calibration.as_json()) == calibration


def test_too_few_examples_leave_the_shipped_curve() -> None:
    assert fit([Example("en", "answerable", 0.5, True)]).curve("en").examples == 0


QUESTIONS = ("may the kettle go home again", "who pays the stamp")
ASKED = replace(GIFTS, questions=QUESTIONS)


def test_an_attached_question_leads_to_its_article() -> None:
    question = "may my kettle go home again?"
    assert _first(index_of((RETURNS, HOURS, GIFTS)), question) != "gift-cards/en/0/0"
    assert _first(index_of((RETURNS, HOURS, ASKED)), question) == "gift-cards/en/0/0"


def test_a_question_left_out_counts_for_nothing() -> None:
    index = index_of((RETURNS, HOURS, ASKED))
    row = index.asked.questions[0].row
    everything = index.allowed(PUBLIC)
    asked = index.rank(QUESTIONS[0], language="en", allowed=everything, vector=row)
    without = index.rank(QUESTIONS[0], language="en", allowed=everything, vector=row, left_out=index.asked.twins(0))
    assert asked[0].asked > 0.6 > max(found.asked for found in without)


def test_an_attached_question_of_an_internal_article_does_not_betray_it() -> None:
    secret = replace(PRICES, questions=("how cheap do we buy",))
    hits = index_of((secret, HOURS, GIFTS)).search("how cheap do we buy", language="en", limit=10)
    assert "supplier-prices" not in {hit.passage.article_id for hit in hits}


@pytest.mark.parametrize(("language", "question"), [("en", "gfit crad"), ("en", "gift cart"), ("en", "giftt card")])
def test_a_misspelt_word_is_read_as_its_neighbour(language: str, question: str) -> None:
    index = index_of()
    bare = [replace(entry, vectors=np.zeros((0, 256), np.float32)) for entry in index.entries]
    assert _first(SearchIndex(bare, HashingEmbedder()), question, language).startswith("gift-cards/")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Refunds take 5 days. See refund times.", "Refunds take 5 days."),
        ("Tea keeps 24 months; see shelf life.", "Tea keeps 24 months."),
        ("The steps are under how to return.", ""),
        ("See if the card has expired.", "See if the card has expired."),
        ("Pode devolver em 30 dias. Veja devoluções.", "Pode devolver em 30 dias."),
        ("收貨後 30 天內可以退貨。請看退貨政策。", "收貨後 30 天內可以退貨。"),
        ("1. 包好貨品。\n2. 交到門市。", "1. 包好貨品。\n2. 交到門市。"),
    ],
)
def test_what_only_points_elsewhere_is_not_quoted(text: str, said: str) -> None:
    assert standing(text) == said


def test_a_section_that_only_points_elsewhere_gives_way_to_the_opening() -> None:
    pointing = replace(RETURNS, body="You have 30 days.\n\n## How do I begin to send a parcel?\n\nThe steps are under how to return.")
    said = answer(_sure(index_of((pointing, HOURS, GIFTS)), 0.1), "how do i begin to send a parcel", language="en")
    assert said.text == "You have 30 days."


def test_two_encoders_read_as_one() -> None:
    pair = PairedEmbedder(HashingEmbedder("a"), HashingEmbedder("b"), reads=str.isascii, share=0.25)
    english, chinese = pair.encode(["gift card", "禮品卡"])
    assert np.allclose(np.linalg.norm([english, chinese], axis=1), 1.0, atol=1e-5)
    assert np.isclose((english[256:] ** 2).sum(), 0.25, atol=1e-5)
    assert not chinese[256:].any()
    assert pair.dimension == 512
