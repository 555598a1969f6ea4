"""Sentences of a passage that was quoted before are not read again."""

from __future__ import annotations

import numpy as np

from knowledge.dense import embed_views
from knowledge.sentence_vectors import SentenceVectors, sentence_vectors_of
from tests.nlu.test_encoders_recent import Counting

SENTENCES = ("Refunds take five days.", "They go to the card you paid with.", "Gift cards are refunded as gift cards.")


def test_the_sentences_of_a_passage_are_read_once_and_each_under_its_heading() -> None:
    encoder = Counting()
    kept = SentenceVectors(encoder, kept=1)
    found = kept.of("Refunds", SENTENCES)
    assert np.array_equal(found, embed_views([[f"Refunds {sentence}" for sentence in SENTENCES]], encoder)[0])
    encoder.read = 0
    assert kept.of("Refunds", SENTENCES) is found
    assert encoder.read == 0
    assert not np.array_equal(kept.of("Returns", SENTENCES), found)
    assert encoder.read == len(SENTENCES)
    kept.of("Refunds", (*SENTENCES[:2], "Changed."))  # a text that was changed is another
    assert encoder.read == 2 * len(SENTENCES)


def test_indexes_with_one_encoder_share_what_was_read() -> None:
    encoder = Counting()
    assert sentence_vectors_of(encoder) is sentence_vectors_of(encoder)
    assert sentence_vectors_of(encoder) is not sentence_vectors_of(Counting())
