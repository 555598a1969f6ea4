"""Plain signs of anger and urgency, and the reading of the sentiment sentences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kit.errors import InvalidInputError
from nlu.intents import Features
from nlu.lexical import BUCKETS, row
from nlu.sentiment import CLASSES, judge
from nlu.sentiment_data import SENTIMENT_FOLDER, read_sentiment
from nlu.types import Sentiment


def plain(text: str) -> Sentiment:
    return judge(text, Features({}, row(text, np.ones(BUCKETS, dtype=np.float32))), None)


@pytest.mark.parametrize("text", ["you are useless", "我要去消委會投訴你哋", "São uns ladrões", "I am furious", "你们这群骗子"])
def test_insults_and_threats_are_anger(text: str) -> None:
    assert plain(text).angry
    assert plain(text).level == -2


@pytest.mark.parametrize("text", ["my parcel is late, what can I do", "O MEU PEDIDO", "😡", "can I speak to a person", "几点开门"])
def test_plain_questions_are_not_anger(text: str) -> None:
    assert not plain(text).angry


@pytest.mark.parametrize("text", ["I need it today, urgent", "好急", "é urgente", "马上要"])
def test_haste_is_seen(text: str) -> None:
    assert plain(text).urgent


def test_the_sentences_cover_all_classes_in_all_languages() -> None:
    found = {(f.language, f.kind) for f in read_sentiment(SENTIMENT_FOLDER)}
    assert found == {(language, kind) for language in ("en", "pt", "zh-Hant", "zh-Hans") for kind in CLASSES}


def test_an_unknown_class_is_refused(tmp_path: Path) -> None:
    (tmp_path / "en.yml").write_text("grumpy:\n- a\n")
    with pytest.raises(InvalidInputError, match="grumpy"):
        read_sentiment(tmp_path)
