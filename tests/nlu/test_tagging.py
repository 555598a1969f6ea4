"""The trained tagger, on a dozen sentences: what it learns, what it says, and what it withstands."""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from nlu.annotations import parse_annotations
from nlu.data import EntitySpan, Example, Lookup, TrainingData
from nlu.encoders import get_encoder
from nlu.entities.patterns import Vocabulary
from nlu.errors import ModelError
from nlu.tagging.serving import Tagging, unpack_taggers
from nlu.tagging.training import FEW, REQUESTED, TaggingPlan, TrainedTaggers, train_taggers
from nlu.types import Entity

CITIES = ("paris", "lisbon", "macau", "rome", "berlin", "taipa")
TRAVEL = [
    f'i want to go from [{a}]{{"entity": "city", "role": "from"}} to [{b}]{{"entity": "city", "role": "to"}}'
    for a, b in [("paris", "lisbon"), ("macau", "rome"), ("rome", "paris"), ("lisbon", "berlin"), ("berlin", "taipa"), ("taipa", "macau")]
] + [
    f'to [{b}]{{"entity": "city", "role": "to"}} from [{a}]{{"entity": "city", "role": "from"}} please'
    for a, b in [("paris", "rome"), ("macau", "berlin"), ("rome", "taipa"), ("lisbon", "paris"), ("berlin", "lisbon"), ("taipa", "macau")]
]
PLAIN = ["what are your opening hours", "thank you very much", "i want to talk to somebody", "where is my order"]
CHINESE = [
    "我想退[茶杯](product)",
    "我想退[茶壺](product)",
    "[茶杯](product)壞了",
    "[花茶](product)壞了",
    "買[花茶](product)",
    "買[茶壺](product)",
]
NOTHING = Vocabulary({}, (), {})


def marked(sentences: list[str], language: str = "en", intent: str = "x") -> TrainingData:
    parsed = [parse_annotations(sentence) for sentence in sentences]
    return TrainingData(tuple(Example(one.text, intent, language, one.entities) for one in parsed))


def learned(data: TrainingData, cache: Path, vocabulary: Vocabulary = NOTHING, few: int = FEW) -> TrainedTaggers:
    return train_taggers(data, vocabulary, TaggingPlan(None, None, cache, few))


def tagging(found: TrainedTaggers, synonyms: dict[str, str] | None = None) -> Tagging:
    return Tagging(unpack_taggers(found.described, found.tensors), {}, synonyms or {})


def ask(tagger: Tagging, text: str, *, known: tuple[Entity, ...] = (), asked: tuple[str, ...] = ()) -> list[tuple[str, str, str | None]]:
    look = tagger.look(text, "en")
    return [(e.text, e.name, e.role) for e in tagger.entities(look, known, asked)] if look else []


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, few: int) -> Path:
    return tmp_path_factory.mktemp(f"tagger{few}")


@pytest.fixture(scope="module", params=[FEW, 0], ids=["linear", "network"])
def few(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def travel(kept: Path, few: int) -> TrainedTaggers:
    return learned(marked(TRAVEL + PLAIN), kept, few=few)


def test_a_dozen_sentences_teach_roles_in_combinations_that_were_not_seen(travel: TrainedTaggers) -> None:
    tagger = tagging(travel)
    pairs = [(a, b) for a, b in product(CITIES, CITIES) if a != b]
    right = sum(ask(tagger, f"i want to go from {a} to {b}") == [(a, "city", "from"), (b, "city", "to")] for a, b in pairs)
    assert right >= 0.9 * len(pairs)


def test_a_city_that_was_never_seen_is_found_by_where_it_stands(travel: TrainedTaggers) -> None:
    assert ("oslo", "city", "to") in ask(tagging(travel), "i want to go from paris to oslo")


def test_unmarked_sentences_stay_without_entities(travel: TrainedTaggers) -> None:
    assert [ask(tagging(travel), sentence) for sentence in PLAIN] == [[]] * len(PLAIN)


def test_a_span_carries_its_confidence_extractor_and_place(travel: TrainedTaggers) -> None:
    text = "  i want to go  from Paris to Rome"
    look = tagging(travel).look(text, "en")
    assert look is not None
    first = tagging(travel).entities(look, (), ())[0]
    assert (text[first.start : first.end], first.extractor) == ("Paris", "tagger")
    assert 0.5 < first.confidence <= 1


def test_groups_are_learned(tmp_path: Path) -> None:
    orders = [(a, b) for a in ("tea", "cups", "fans") for b in ("silk", "jam", "tea") if a != b]
    sentences = [f'[{a}]{{"entity": "item", "group": "1"}} and [{b}]{{"entity": "item", "group": "2"}}' for a, b in orders]
    look = (tagger := tagging(learned(marked(sentences), tmp_path))).look("jam and fans", "en")
    assert look is not None
    assert [(e.text, e.group) for e in tagger.entities(look, (), ())] == [("jam", "1"), ("fans", "2")]


def test_chinese_is_read_by_characters_in_both_scripts(tmp_path: Path) -> None:
    tagger = tagging(learned(marked(CHINESE, "zh-Hant"), tmp_path))
    assert ask(tagger, "我想退花茶") == [("花茶", "product", None)]
    assert ask(tagger, "茶壶坏了") == [("茶壶", "product", None)]


def test_synonyms_give_the_value(travel: TrainedTaggers) -> None:
    tagger = tagging(travel, {"rome": "Roma"})
    look = tagger.look("i want to go from paris to rome", "en")
    assert look is not None
    assert [e.value for e in tagger.entities(look, (), ())] == ["paris", "Roma"]


def test_an_unchanged_tagger_is_not_trained_again(travel: TrainedTaggers, kept: Path, few: int) -> None:
    stored = next(kept.glob("*.safetensors"))
    before = stored.stat().st_mtime_ns
    assert learned(marked(TRAVEL + PLAIN, intent="other"), kept, few=few).described == travel.described
    assert stored.stat().st_mtime_ns == before


def test_the_same_sentences_in_any_order_give_the_same_bytes_and_a_damaged_cache_does_no_harm(
    travel: TrainedTaggers, kept: Path, few: int, tmp_path: Path
) -> None:
    (tmp_path / next(kept.glob("*.safetensors")).name).write_bytes(b"damaged")
    again = learned(marked(list(reversed(PLAIN)) + TRAVEL), tmp_path, few=few)
    assert again.described == travel.described
    assert {k: v.tobytes() for k, v in again.tensors.items()} == {k: v.tobytes() for k, v in travel.tensors.items()}


def test_what_was_just_asked_for_decides_what_a_bare_number_is(tmp_path: Path) -> None:
    examples = [
        Example(f"{n} {end}".strip(), "inform", "en", (EntitySpan(name, str(n), str(n), 0, len(str(n))),), metadata={REQUESTED: [name]})
        for n, name, end in product((2, 3, 4, 5, 6, 8), ("people", "time"), ("", "please"))
    ]
    tagger = tagging(learned(TrainingData(tuple(examples)), tmp_path))
    assert [ask(tagger, "7 please", asked=(name,)) for name in ("people", "time")] == [[("7", "people", None)], [("7", "time", None)]]


def test_sentences_without_marks_train_no_tagger(tmp_path: Path) -> None:
    found = learned(marked(PLAIN), tmp_path)
    assert (found.described, found.tensors, list(tmp_path.iterdir())) == ({}, {}, [])
    assert tagging(found).look("anything", "en") is None


def test_what_a_typed_extractor_finds_by_itself_is_not_learned(tmp_path: Path) -> None:
    data = marked(["my order is [LC-204518](order_number)", "[LC-119467](order_number) please"])
    assert learned(data, tmp_path).described == {}


@pytest.mark.parametrize(
    "text", ["", " \n\t", "\ud800", "😀" * 50, "a" * 100_000, "x " * 50_000, "茶" * 5000, "\u202e\x00\u0301\u0301", "[a](b) {", "1" * 3000]
)
def test_long_and_hostile_texts_give_spans_inside_the_text(travel: TrainedTaggers, text: str) -> None:
    tagger = tagging(travel)
    look = tagger.look(text, "en")
    found = tagger.entities(look, (), ("city",)) if look else ()
    assert all(0 <= e.start < e.end <= len(text) and e.text == text[e.start : e.end] for e in found)


def test_a_tagger_that_lacks_a_weight_is_refused(travel: TrainedTaggers) -> None:
    tensors = {name: value for name, value in travel.tensors.items() if not name.endswith(("output", "sparse"))}
    with pytest.raises(ModelError, match="not complete"):
        unpack_taggers(travel.described, tensors)


def test_a_tagger_with_weights_of_another_shape_is_refused(travel: TrainedTaggers) -> None:
    names = [name for name in travel.tensors if name.endswith(("output", "sparse"))]
    with pytest.raises(ModelError, match="not complete"):
        unpack_taggers(travel.described, travel.tensors | {name: np.zeros((3, 256), dtype=np.float32) for name in names})


def test_a_tagger_without_its_labels_is_refused(travel: TrainedTaggers) -> None:
    described = {"*": {name: value for name, value in travel.described["*"].items() if name != "labels"}}
    with pytest.raises(ModelError, match="not complete"):
        unpack_taggers(described, travel.tensors)


def test_a_tagger_whose_encoder_is_not_there_is_refused(travel: TrainedTaggers) -> None:
    described = {"*": travel.described["*"] | {"encoder": "minilm-l6-v2"}}
    with pytest.raises(ModelError, match="needs the encoder"):
        Tagging(unpack_taggers(described, travel.tensors), {}, {})


def test_lookup_tables_help_to_find_words_that_no_sentence_marks(tmp_path: Path) -> None:
    words = ("teapot", "gaiwan", "tea caddy", "silk fan", "almond biscuits", "egg rolls")
    sentences = [f"can i return the [{word}](product) please" for word in words] + [f"[{word}](product)" for word in words] + PLAIN
    known = Entity("product", "incense", "incense", 14, 21, extractor="lookup")
    tagger = tagging(learned(marked(sentences), tmp_path, Vocabulary({"product": words}, (), {})))
    assert ("incense", "product", None) in ask(tagger, "i received an incense yesterday", known=(known,))


def test_training_and_serving_do_not_load_torch_here(travel: TrainedTaggers) -> None:
    assert ask(tagging(travel), "from rome to paris")
    assert "torch" not in sys.modules


@pytest.mark.model
@pytest.mark.parametrize(("encoder", "language"), [("minilm-l6-v2", "en"), ("use-multilingual", "pt")])
def test_states_of_a_real_encoder_teach_words_of_like_meaning(encoder: str, language: str, tmp_path: Path, encoder_cache: Path) -> None:
    words = {"en": ("red", "blue", "green", "white", "black", "brown"), "pt": ("vermelho", "azul", "verde", "branco", "preto", "castanho")}
    frames = {
        "en": ("i would like the {} one", "do you have it in {}", "{} please"),
        "pt": ("queria o {}", "tem isto em {}", "{} por favor"),
    }
    unseen = {"en": ("do you have it in purple", "purple"), "pt": ("tem isto em amarelo", "amarelo")}
    sentences = [frame.format(f"[{word}](colour)") for word in words[language] for frame in frames[language]] + PLAIN
    used = get_encoder(encoder, encoder_cache)
    plan = TaggingPlan(used, None, tmp_path) if language == "en" else TaggingPlan(None, used, tmp_path)
    found = train_taggers(marked(sentences, language), NOTHING, plan)
    tagger = Tagging(unpack_taggers(found.described, found.tensors), {encoder: used}, {})
    look = tagger.look(unseen[language][0], language)
    assert look is not None
    assert [(e.text, e.name) for e in tagger.entities(look, (), ())] == [(unseen[language][1], "colour")]


def test_lookups_alone_train_nothing(tmp_path: Path) -> None:
    data = TrainingData((Example("hello", "greet", "en"),), lookups=(Lookup("product", ("tea",), "en"),))
    assert learned(data, tmp_path, Vocabulary({"product": ("tea",)}, (), {})).described == {}
