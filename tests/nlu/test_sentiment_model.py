"""Training, packing and judging with the sentiment model: with hashed vectors everywhere, with the real encoders where marked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nlu.encoders import Encoder, get_encoder
from nlu.encoders.cache import CachedEncoder
from nlu.errors import ModelError
from nlu.intents import Features
from nlu.lexical import SparseRow
from nlu.sentiment import SentimentModel, judge, simplified
from nlu.sentiment_data import HELD_OUT, SENTIMENT_FOLDER, Feeling, read_sentiment, read_words
from nlu.sentiment_pack import pack_sentiment, unpack_sentiment
from nlu.sentiment_training import train_sentiment
from nlu.text import for_encoding
from nlu.types import Sentiment

NOTHING = SparseRow(np.zeros(0, np.int32), np.zeros(0, np.float32))
FEW = tuple(feeling for feeling in read_sentiment(SENTIMENT_FOLDER) if feeling.language in {"en", "pt"})[::4]
Judged = tuple[SentimentModel, dict[str, Encoder]]


def trained(
    feelings: tuple[Feeling, ...], encoders: dict[str, Encoder], english: tuple[str, ...], others: tuple[str, ...]
) -> SentimentModel:
    model, _ = train_sentiment(feelings, read_words(SENTIMENT_FOLDER), encoders, english, others)
    assert model is not None
    return model


def told(judged: Judged, text: str, language: str) -> Sentiment:
    model, encoders = judged
    plain = simplified(for_encoding(text))
    vectors = {name: encoders[name].encode([plain])[0] for name in model.encoders_for(language)}
    return judge(text, Features(vectors, NOTHING), model, language)


@pytest.fixture(scope="module")
def hashed() -> Judged:
    encoders = {"hashing": get_encoder("hashing")}
    return trained(FEW, encoders, ("hashing",), ("hashing",)), encoders


@pytest.fixture(scope="module")
def real(encoder_cache: Path) -> Judged:
    names = ("minilm-l6-v2", "use-multilingual")
    encoders: dict[str, Encoder] = {
        name: CachedEncoder(get_encoder(name, encoder_cache), encoder_cache / "embeddings.sqlite") for name in names
    }
    return trained(read_sentiment(SENTIMENT_FOLDER), encoders, names, names[1:]), encoders


def test_nothing_to_learn_gives_no_model() -> None:
    assert train_sentiment((), {}, {}, (), ()) == (None, {})
    assert train_sentiment((Feeling("fine", "neutral", "en"),), {}, {}, (), ()) == (None, {})


def test_a_language_without_sentences_of_its_own_is_judged(hashed: Judged) -> None:
    assert hashed[0].encoders_for("fr") == ("hashing",)
    assert told(hashed, "terrible, horrible, awful", "fr").level < 0


def test_training_twice_gives_the_same_bytes(hashed: Judged) -> None:
    again = trained(tuple(reversed(FEW)), hashed[1], ("hashing",), ("hashing",))
    described, tensors = pack_sentiment(hashed[0])
    described_again, tensors_again = pack_sentiment(again)
    assert json.dumps(described) == json.dumps(described_again)
    assert {k: v.tobytes() for k, v in tensors.items()} == {k: v.tobytes() for k, v in tensors_again.items()}


def test_the_packed_model_judges_alike(hashed: Judged) -> None:
    described, tensors = pack_sentiment(hashed[0])
    other = unpack_sentiment(json.loads(json.dumps(described)), tensors)
    assert other is not None
    for text in ("I love it 😍", "where is my order", "this is a disgrace, give me my money back", "péssimo"):
        one, two = told(hashed, text, "en"), told((other, hashed[1]), text, "en")
        assert (one.level, one.angry) == (two.level, two.angry)
        assert one.score == pytest.approx(two.score, abs=0.01)


def test_a_model_of_an_older_version_is_a_clear_error() -> None:
    with pytest.raises(ModelError, match="heads"):
        unpack_sentiment({"encoder": "x", "temperature": 1.0, "angry_from": 0.8}, {})


def test_no_sentiment_model_stays_none() -> None:
    assert unpack_sentiment(*pack_sentiment(None)) is None


def test_emoji_alone_have_a_level_but_are_not_anger(hashed: Judged) -> None:
    assert told(hashed, "😍😍", "en").level == 2
    assert told(hashed, "👍", "en").level == 1
    assert told(hashed, "😡", "en") == Sentiment(-2, 0.6, angry=False, score=-0.6)
    assert told(hashed, "123", "en") == Sentiment()


def test_held_out_sentences_are_in_no_training_file() -> None:
    learned = {simplified(feeling.text).casefold() for feeling in read_sentiment(SENTIMENT_FOLDER)}
    held = [simplified(feeling.text).casefold() for feeling in read_sentiment(SENTIMENT_FOLDER / HELD_OUT)]
    assert len(held) > 300
    assert not learned.intersection(held)


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I wrote on Monday, on Wednesday and today and nobody answers", "en"),
        ("the starter was nice but the main course was a disaster", "en"),
        ("Perfect, the heating broke again and it's snowing", "en"),
        ("o motorista deixou a caixa à chuva", "pt"),
        ("já liguei cinco vezes e ninguém resolve", "pt"),
        ("等咗成日都冇人送嚟", "zh-Hant"),
        ("打了很多次電話都沒有人接", "zh-Hant"),
        ("面都坨了，汤也洒了", "zh-Hans"),
    ],
)
def test_complaints_without_swear_words_are_negative(real: Judged, text: str, language: str) -> None:
    found = told(real, text, language)
    assert found.level < 0
    assert not found.angry


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("not bad at all", "en"),
        ("I can't complain, it all went fine", "en"),
        ("não é nada mau, gostei", "pt"),
        ("que bom, chegou antes do prazo 😍", "pt"),
        ("唔係好差，幾好食", "zh-Hant"),
        ("挺不错的，下次还来", "zh-Hans"),
    ],
)
def test_praise_with_and_without_a_denial_is_positive(real: Judged, text: str, language: str) -> None:
    assert told(real, text, language).score > 0
    assert told(real, text, language).level > 0


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("could you please tell me when you open on Sundays, thank you", "en"),
        ("where is my order?", "en"),
        ("posso falar com uma pessoa, por favor?", "pt"),
        ("請問可以改送貨地址嗎，謝謝", "zh-Hant"),
        ("想问一下发票怎么开", "zh-Hans"),
    ],
)
def test_polite_questions_are_neutral(real: Judged, text: str, language: str) -> None:
    assert (told(real, text, language).level, told(real, text, language).angry) == (0, False)


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How dare you ignore me for a month, give me my money back right now", "en"),
        ("Que falta de respeito, devolvam o meu dinheiro já, seus ladrões", "pt"),
        ("你哋班騙子，即刻還錢", "zh-Hant"),
        ("太过分了，把顾客当猴耍，赶紧退钱", "zh-Hans"),
    ],
)
def test_outrage_is_anger(real: Judged, text: str, language: str) -> None:
    found = told(real, text, language)
    assert (found.level, found.angry) == (-2, True)
    assert found.score <= -0.8
