"""Finding wrong labels by confident learning."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlu.crossval import Judged, Split, cross_validate
from nlu.data import Example, TrainingData
from nlu.rasa_yaml import read_training_data
from nlu.suspects import Suspects, find_suspects, off_diagonal, probabilities_of
from nlu.train import Plan
from nlu.types import Understanding

SHOP = Path(__file__).resolve().parents[2] / "training_data" / "nlu" / "en"
FLIPPED, SEED = 0.05, 7


def judged(given: str, *ranking: tuple[str, float], line: int = 1, language: str = "en") -> Judged:
    return Judged(Example("text", given, language, file="f.yml", line=line), Understanding(language, ranking[0][0], ranking[0][1], ranking))


def test_a_sentence_counts_for_the_class_whose_own_threshold_it_reaches() -> None:
    """Thresholds: a (.9 + .2) / 2 = .55, b (.6 + .4) / 2 = .5. Row 1 reaches b's; row 3 reaches none and stays uncounted."""
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.52, 0.4]])
    assert off_diagonal(probabilities, np.array([0, 0, 1, 1])).tolist() == [-1, 1, -1, -1]


def test_a_class_that_no_label_names_is_never_suggested() -> None:
    assert off_diagonal(np.array([[0.3, 0.1, 0.6], [0.1, 0.3, 0.6]]), np.array([0, 1])).tolist() == [-1, -1]


def test_the_most_doubtful_label_comes_first() -> None:
    rows = [judged("a", ("a", 0.8), ("b", 0.2)) for _ in range(4)] + [judged("b", ("b", 0.7), ("a", 0.3)) for _ in range(4)]
    rows += [judged("a", ("b", 0.75), ("a", 0.25), line=8), judged("a", ("b", 0.99), ("a", 0.01), line=9)]
    found = find_suspects(rows)
    assert [(s.example.line, s.given, s.suggested) for s in found.found] == [(9, "a", "b"), (8, "a", "b")]
    assert (found.found[0].given_probability, found.found[0].suggested_probability) == (0.01, 0.99)
    assert (found.sentences, found.share) == (10, 0.2)


def test_out_of_scope_has_what_the_ranked_intents_leave() -> None:
    rows = [judged("out_of_scope", ("a", 0.1)), judged("a", ("a", 0.9))]
    assert probabilities_of(rows, ["a", "oos"]).tolist() == [[0.1, 0.9], [0.9, pytest.approx(0.1)]]
    assert probabilities_of(rows[1:], ["a"]).tolist() == [[0.9]]


def test_good_labels_and_no_labels_give_no_suspects() -> None:
    assert find_suspects([judged("a", ("a", 0.9)), judged("b", ("b", 0.9))]).found == ()
    assert find_suspects([]) == Suspects((), 0, 0.0)


def test_languages_have_thresholds_of_their_own() -> None:
    """In one pot the sure English sentences would raise the threshold that the doubtful Portuguese one reaches."""
    rows = [judged("b", ("b", 0.99)) for _ in range(6)] + [judged("a", ("a", 0.99)) for _ in range(6)]
    rows += [judged("b", ("b", 0.5), ("a", 0.4), language="pt"), judged("a", ("b", 0.6), ("a", 0.4), language="pt", line=5)]
    assert [(s.example.line, s.suggested) for s in find_suspects(rows).found] == [(5, "b")]


def test_flipped_labels_are_found_with_the_fake_encoder(tmp_path: Path) -> None:
    texts = {"hours": "when do you open and close on day {}", "parcel": "parcel number {} has not come", "cup": "cup {} broke in pieces"}
    rows = [Example(text.format(k), intent, "en", file="f.yml", line=k) for intent, text in texts.items() for k in range(12)]
    rows[3] = replace(rows[3], intent="cup")
    plan = Plan(("hashing",), ("hashing",), sentiment=None)
    found = find_suspects(cross_validate(TrainingData(tuple(rows)), encoder_cache=tmp_path, split=Split(3), plan=plan).judged)
    assert [(s.example, s.suggested) for s in found.found] == [(rows[3], "hours")]


@pytest.mark.model
@pytest.mark.timeout(900)
def test_most_of_five_per_cent_flipped_labels_of_the_shop_are_found(encoder_cache: Path) -> None:
    """Figures: docs/howto/curate-training-data.md. The floors leave room for another classifier, not for chance (5 %)."""
    data = read_training_data([SHOP])
    flipped, count = flip(data)
    found = cross_validate(flipped, encoder_cache=encoder_cache, split=Split(5, tagged=0), plan=Plan(sentiment=None)).judged
    wrong = {old.line for old, new in zip(data.examples, flipped.examples, strict=True) if old.intent != new.intent}
    narrow = [s.example.line in wrong for s in find_suspects(found).found]
    wide = [s.example.line in wrong for s in find_suspects(found, wide=True).found]
    print(f"flipped {count}: narrow {sum(narrow)} of {len(narrow)}, first {count}: {sum(narrow[:count])}; "  # noqa: T201
          f"wide {sum(wide)} of {len(wide)}, first {count}: {sum(wide[:count])}, first {2 * count}: {sum(wide[: 2 * count])}")  # fmt: skip
    assert sum(narrow) >= 0.55 * count
    assert sum(narrow[:count]) >= 0.5 * count
    assert sum(wide[: 2 * count]) >= 0.8 * count


def flip(data: TrainingData) -> tuple[TrainingData, int]:
    """The data with FLIPPED of its labels replaced by another intent, drawn evenly; and how many."""
    chosen = random.Random(SEED)
    count = round(FLIPPED * len(data.examples))
    places = set(chosen.sample(range(len(data.examples)), count))
    examples = [
        replace(e, intent=chosen.choice([i for i in data.intents if i != e.intent])) if k in places else e
        for k, e in enumerate(data.examples)
    ]
    return replace(data, examples=tuple(examples)), count
