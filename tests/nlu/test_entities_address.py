"""Postal addresses and their parts."""

from __future__ import annotations

import pytest

from nlu.entities import EntityExtractor, EntitySettings
from nlu.entities.patterns import Vocabulary
from tests.nlu.entity_reading import NOW, read

EXTRACTOR = EntityExtractor(Vocabulary({}, (), {}))
WHOLE: list[tuple[str, str, str]] = [
    ("Please send it to Flat 12B, 3/F, Tower 2, 45 Nathan Road, Kowloon", "en", "Flat 12B, 3/F, Tower 2, 45 Nathan Road, Kowloon"),
    ("I live at 221B Baker Street, London NW1 6XE.", "en", "221B Baker Street, London NW1 6XE"),
    ("change it to 350 Fifth Avenue, New York, NY 10118 please", "en", "350 Fifth Avenue, New York, NY 10118"),
    ("we moved to 12 high street", "en", "12 high street"),
    ("Room 1203, 12/F, Sunrise Building, 8 Queen's Road East, Wan Chai, Hong Kong", "en", "*"),
    ("Av. da Praia Grande 23, Macau", "pt", "*"),
    ("Rua Augusta 45, 2º esq., 1100-053 Lisboa", "pt", "*"),
    (
        "a minha morada é Avenida da Liberdade, nº 110, 3.º andar, 1250-146 Lisboa",
        "pt",
        "Avenida da Liberdade, nº 110, 3.º andar, 1250-146 Lisboa",
    ),
    ("Av. Paulista, 1578, São Paulo, 01310-200", "pt", "*"),
    ("moro na rua do Almada 7, Porto", "pt", "rua do Almada 7, Porto"),
    ("envie para Rua das Flores, 123, apto 45, 4050-265 Porto", "pt", "Rua das Flores, 123, apto 45, 4050-265 Porto"),
    ("香港九龍旺角彌敦道123號5樓B室", "zh-Hant", "*"),
    ("我住喺澳門氹仔官也街12號地下", "zh-Hant", "澳門氹仔官也街12號地下"),
    ("請寄到澳門新馬路88號永昌大廈3座5樓C，多謝", "zh-Hant", "澳門新馬路88號永昌大廈3座5樓C"),
    ("地址：新界沙田沙田正街18號新城市廣場二座1203室", "zh-Hant", "新界沙田沙田正街18號新城市廣場二座1203室"),
    ("广东省珠海市香洲区情侣中路88号3栋502室", "zh-Hans", "*"),
    ("寄去上海市浦东新区世纪大道100号15楼", "zh-Hans", "上海市浦东新区世纪大道100号15楼"),
    ("地址改为北京市朝阳区建国路93号", "zh-Hans", "北京市朝阳区建国路93号"),
]


@pytest.mark.parametrize(("text", "language", "address"), WHOLE)
def test_the_whole_address_is_one_entity(text: str, language: str, address: str) -> None:
    assert read(text, language) == [("address", text if address == "*" else address)]


@pytest.mark.parametrize(
    ("text", "language", "parts"),
    [
        (
            "Flat 12B, 3/F, Tower 2, 45 Nathan Road, Kowloon",
            "en",
            {"unit": "12B", "floor": "3", "building": "Tower 2", "number": "45", "street": "Nathan Road", "city": "Kowloon"},
        ),
        (
            "Rua Augusta 45, 2º esq., 1100-053 Lisboa",
            "pt",
            {"street": "Rua Augusta", "number": "45", "floor": "2", "postcode": "1100-053", "city": "Lisboa"},
        ),
        (
            "旺角彌敦道123號5樓B室",
            "zh-Hant",
            {"district": "旺角", "street": "彌敦道", "number": "123", "floor": "5", "unit": "B"},
        ),
        (
            "珠海市香洲区情侣中路88号3栋502室",
            "zh-Hans",
            {"city": "珠海市", "district": "香洲区", "street": "情侣中路", "number": "88", "building": "3栋", "unit": "502"},
        ),
        ("221B Baker Street, London NW1 6XE", "en", {"number": "221B", "street": "Baker Street", "city": "London", "postcode": "NW1 6XE"}),
    ],
)
def test_parts_stand_inside_the_address_with_their_roles(text: str, language: str, parts: dict[str, str]) -> None:
    whole, *rest = EXTRACTOR.extract(text, language=language, now=NOW)
    assert {str(e.role): e.value for e in rest} == parts
    assert all(e.name == "address_part" and whole.start <= e.start < e.end <= whole.end and text[e.start : e.end] == e.text for e in rest)


@pytest.mark.parametrize(
    ("text", "language", "code"),
    [
        ("o meu código postal é 4000-123", "pt", "4000-123"),
        ("CEP 01310-200", "pt", "01310-200"),
        ("my postcode is SW1A 1AA", "en", "SW1A 1AA"),
        ("zip code 94103", "en", "94103"),
        ("邮编519000", "zh-Hans", "519000"),
        ("郵政編碼：510000", "zh-Hant", "510000"),
    ],
)
def test_a_postcode_may_stand_alone(text: str, language: str, code: str) -> None:
    assert read(text, language) == [("postcode", code)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("it's 20 minutes down the road", "en"),
        ("12 days is way too long", "en"),
        ("I need 3 street maps", "en"),
        ("you have 2 shops", "en"),
        ("the cup is on the 3rd place", "en"),
        ("coupon AB12 3CD", "en"),
        ("订单号519000", "zh-Hans"),
        ("我條街好多人", "zh-Hant"),
        ("路上塞車", "zh-Hant"),
        ("三樓嗰間店開唔開", "zh-Hant"),
        ("moro na rua ao lado da loja", "pt"),
        ("a loja 2 está aberta?", "pt"),
        ("é a 2ª vez", "pt"),
    ],
)
def test_what_only_looks_like_one_is_no_address(text: str, language: str) -> None:
    assert not {name for name, *_ in read(text, language)} & {"address", "postcode"}


def test_american_postcodes_are_known_in_an_american_shop() -> None:
    assert read("CA 94103", settings=EntitySettings(country="US")) == [("postcode", "CA 94103")]
    assert ("postcode", "CA 94103") not in read("CA 94103")
