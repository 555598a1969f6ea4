"""Trying a question with a draft: as if it were published, while nothing is."""

from __future__ import annotations

from dataclasses import replace

from knowledge.trying import Trier, with_draft
from tests.knowledge.fakes import GIFTS, PRICES, RETURNS, SHOP, HashingEmbedder, index_of

LAMPS = replace(GIFTS, id="lamp-repairs", title="Do you repair lamps?", body="We repair lamps within a week.", questions=("broken lamp",))


def test_a_draft_is_found_after_and_not_before() -> None:
    index = index_of()
    trial = Trier().try_question(index, "do you repair lamps?", language="en", draft=LAMPS)
    assert trial.after is not None
    assert "lamp-repairs" not in {hit.passage.article_id for hit in trial.before.hits}
    assert trial.after.hits[0].passage.article_id == "lamp-repairs"
    assert trial.after.threshold == trial.before.threshold
    assert index.search("do you repair lamps?", language="en")[0].passage.article_id != "lamp-repairs"


def test_a_draft_takes_the_place_of_what_is_published_and_of_nothing_else() -> None:
    candidate = with_draft(index_of(), replace(RETURNS, body="Within 99 days.", tags=("late",)))
    texts = {(e.passage.article_id, e.passage.language): e.passage.text for e in candidate.entries}
    assert texts["return-policy", "en"] == "Within 99 days."
    assert texts["return-policy", "pt"] == next(e.passage.text for e in index_of().entries if e.passage.language == "pt")
    assert {e.tags for e in candidate.entries if e.passage.article_id == "return-policy"} == {("late",)}
    assert {d.id for d in SHOP} == {e.passage.article_id for e in candidate.entries}


def test_internal_articles_are_found_for_agents_only() -> None:
    trier, index = Trier(), index_of()
    for audience, expected in (("public", False), ("internal", True)):
        trial = trier.try_question(index, "what do suppliers charge", language="en", audience=audience, draft=PRICES)
        assert trial.after is not None
        assert ("supplier-prices" in {hit.passage.article_id for hit in trial.after.hits}) is expected


def test_the_next_question_about_a_draft_encodes_only_the_question() -> None:
    index, trier = index_of(), Trier()
    embedder = index.embedder
    assert isinstance(embedder, HashingEmbedder)
    trier.try_question(index, "lamps", language="en", draft=LAMPS)
    before = embedder.calls
    trier.try_question(index, "lamps please", language="en", draft=LAMPS)
    assert embedder.calls - before <= 2


def test_nothing_asked_finds_nothing() -> None:
    trial = Trier().try_question(index_of(), "  ", language="en", draft=LAMPS)
    assert (trial.before.hits, trial.before.answer.text) == ((), None)
