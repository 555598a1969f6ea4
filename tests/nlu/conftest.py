"""What several tests of nlu share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nlu.data import Example, Lookup, TrainingData

SENTENCES = {
    ("track", "en"): ["where is my order", "track my parcel", "has my parcel left", "where is the parcel now", "tracking of my order"],
    ("returns", "en"): ["i want to return a cup", "how do i send it back", "can i return this", "return policy", "send the cup back"],
    ("hours", "en"): ["when are you open", "opening hours", "are you open on sunday", "what time do you close", "open today?"],
    ("track", "zh-Hant"): ["我的訂單在哪裡", "查訂單", "訂單到邊度", "追蹤訂單"],
    ("returns", "zh-Hant"): ["我想退貨", "點樣退貨", "可以退貨嗎", "退貨政策"],
    ("hours", "zh-Hant"): ["幾點開門", "營業時間", "星期日開門嗎", "幾點關門"],
}


@pytest.fixture(scope="session")
def encoder_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where encoders are exported to: BATON_ENCODER_CACHE when set, so that a developer exports once."""
    given = os.environ.get("BATON_ENCODER_CACHE")
    return Path(given) if given else tmp_path_factory.mktemp("encoders")


@pytest.fixture(scope="session")
def small_data() -> TrainingData:
    """Three intents in two languages, with a whole-message table and an entity table."""
    examples = tuple(Example(text, intent, language) for (intent, language), texts in SENTENCES.items() for text in texts)
    lookups = (Lookup("hours", ("open?",), "en"), Lookup("product", ("cup",), "en"))
    return TrainingData(examples, lookups=lookups)
