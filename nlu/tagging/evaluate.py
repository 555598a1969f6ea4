"""The tagger measured by itself: entities of test rows after training on others, as a model would find them, without its intents."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from nlu.data import TrainingData
from nlu.encoders import get_encoder
from nlu.entities import EntityExtractor
from nlu.entities.patterns import Vocabulary
from nlu.tagging.scoring import Row, entity_scores
from nlu.tagging.serving import Tagging, unpack_taggers
from nlu.tagging.training import REQUESTED, TaggingPlan, train_taggers

_NOW = datetime(2026, 1, 5, 12)  # noqa: DTZ001


def evaluate_tagger(data: TrainingData, test_rows: Sequence[Row], *, language: str, encoder_cache: Path, kept: Path) -> dict[str, Any]:
    """`entity_f1` and its like (see `entity_scores`), `train_s`, and milliseconds a message: `look_*` (the encoder), `tag_*` (the rest).

    `kept`: the folder for trained weights. Test rows are {"text", "entities"[, "requested"]}, and are told which slot was asked for.
    """
    vocabulary = Vocabulary({}, (), {s.text: s.value for s in data.synonyms})
    encoders = {name: get_encoder(name, encoder_cache) for name in ("minilm-l6-v2", "use-multilingual")}
    plan = TaggingPlan(encoders["minilm-l6-v2"], encoders["use-multilingual"], kept)
    began = time.perf_counter()
    found = train_taggers(data, vocabulary, plan)
    train_s = time.perf_counter() - began
    tagging, typed = Tagging(unpack_taggers(found.described, found.tensors), encoders, vocabulary.synonyms), EntityExtractor(vocabulary)
    entities, times = [], []
    for row in test_rows:
        text, asked = str(row["text"]), tuple(row.get(REQUESTED) or ())
        known = typed.extract(text, language=language, now=_NOW, expected=asked[0] if asked else None)
        marks = [time.perf_counter()]
        look = tagging.look(text, language)
        marks.append(time.perf_counter())
        entities.append(tagging.entities(look, known, asked) if look else known)
        times.append([*np.diff([*marks, time.perf_counter()]) * 1000])
    spent = np.percentile(times[1:] or times, [50, 95], axis=0)
    named = {
        f"{part}_p{rank}_ms": round(float(spent[i, k]), 2) for k, part in enumerate(("look", "tag")) for i, rank in enumerate((50, 95))
    }
    labels = frozenset(span.name for example in data.examples for span in example.entities)
    return {**entity_scores(test_rows, entities, labels), "train_s": round(train_s, 1), **named}
