"""What tells who a customer is never stays; what they want does."""

from __future__ import annotations

import time

import pytest

from context.redaction.redactor import Redactor, holds_words, usual_words

SHOP = (
    "where is my parcel", "i am waiting for my order", "do you ship to Japan", "call a taxi for me please", "i want two boxes of tea",
    "the teapot is broken and the lid too", "when do you open on sunday", "will it be late", "can I return this", "it is a gift",
    "quero devolver o bule", "Do you teach how to brew Oolong", "is Oolong in stock", "how long does Oolong keep", "has the man called yet",
)  # fmt: skip
REDACTOR = Redactor(known_words=usual_words(SHOP))

GONE = [
    ("en", "mail me at ana.silva+shop@example.co.uk today", "ana.silva"),
    ("en", "ｍａｉｌ ａｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "example"),
    ("en", "ana (at) example (dot) com", "example"),
    ("en", "write to john at gmail dot com thanks", "john"),
    ("en", "an\u200ba@exam\u200bple.com is mine", "ple"),
    ("en", "<b>ana@example.com</b>", "ana"),
    ("en", "mailto:ana@example.com?subject=x", "ana"),
    ("en", "ring +853 6612 3456 after six", "6612"),
    ("en", "my number: 6 6 1 2 3 4 5 6", "6 1 2"),
    ("en", "(00853) 6612-3456", "6612"),
    ("en", "٠١٢٣٤٥٦٧٨٩ is my phone", "٠١٢"),
    ("en", "six six one two three four five six", "three"),
    ("en", "where is LC-100234", "100234"),
    ("en", "where is lc 100 234", "100"),
    ("en", "#100234 is late", "100234"),
    ("en", "LC\u200b-100\u200b234", "234"),
    ("en", "order ＬＣ－１００２３４", "１００"),
    ("en", "card 4111 1111 1111 1111 was charged", "1111"),
    ("en", "passport AB1234567", "AB1234567"),
    ("en", "IBAN PT50 0002 0123 1234 5678 9015 4", "5678"),
    ("en", "born on 12/03/1980", "1980"),
    ("en", "see https://shop.example/o?token=abc123&mail=x", "token"),
    ("en", "my wechat: peter_l88", "peter"),
    ("en", "I am @peter.lee on there", "peter"),
    ("en", "my name is maria santos and i want tea", "santos"),
    ("en", "My name is Maria dos Santos, where is my parcel", "Santos"),
    ("en", "name: o'brien-smith", "brien"),
    ("en", "my name is will smith", "smith"),
    ("en", "my name is will smith", "will"),
    ("en", "I am John Smith", "Smith"),
    ("en", "please give it to Wong Tai Man", "Wong"),
    ("en", "give it to Wong Tai Man", "Tai"),
    ("en", "WHERE IS MY PARCEL MARIA SANTOS", "SANTOS"),
    ("en", "Mr. Chan wants his parcel", "Chan"),
    ("en", "Peter here, will it be late", "Peter"),
    ("en", "Regards, Peter", "Peter"),
    ("en", "deliver to Flat 3B, 12/F, 221 Baker Street, Macau", "Baker"),
    ("en", "i live at 221b baker street", "baker"),
    ("en", "postcode SW1A 1AA", "SW1A"),
    ("pt", "Chamo-me Ana Pereira e quero devolver", "Pereira"),
    ("pt", "o meu nome é joão silva", "silva"),
    ("pt", "entreguem na Rua da Praia Grande, 45, 3º Esq, 1200-123 Lisboa", "Praia"),
    ("pt", "entreguem na Rua da Praia Grande, 45, 3º Esq, 1200-123 Lisboa", "1200"),
    ("pt", "telefone 912 345 678", "912"),
    ("pt", "um dois três quatro cinco seis sete", "quatro"),
    ("pt", "a Dona Maria já recebeu?", "Maria"),
    ("zh-Hant", "我叫陳大文想問訂單", "陳大文"),
    ("zh-Hant", "我是李小明，電話66123456", "李小明"),
    ("zh-Hant", "我是李小明，電話66123456", "6612"),
    ("zh-Hant", "陳先生想退貨", "陳"),
    ("zh-Hant", "請送到澳門新馬路12號3樓B座", "新馬路"),
    ("zh-Hant", "我的地址是澳門殷皇子大馬路43號", "殷皇子"),
    ("zh-Hant", "六六一二三四五六係我電話", "三四"),
    ("zh-Hans", "我的名字是王小明", "王小明"),
    ("zh-Hans", "收件人：张伟，寄到珠海市香洲区人民路88号", "张伟"),
    ("zh-Hans", "收件人：张伟，寄到珠海市香洲区人民路88号", "人民路"),
]


@pytest.mark.parametrize(("language", "text", "secret"), GONE)
def test_nothing_that_tells_who_it_is_stays(language: str, text: str, secret: str) -> None:
    assert secret.casefold() not in REDACTOR.redact(text, language=language).casefold()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "do you ship to Japan"),
        ("en", "i am waiting for my order"),
        ("en", "my name is late on the parcel"),
        ("en", "Hello, Can you do it today? Thanks"),
        ("en", "I'm late, can I return this on Sunday"),
        ("en", "can you glaze my teapot with gold"),
        ("en", "Do you sell Oolong from Taiwan?"),
        ("en", "i want two boxes of 250 g"),
        ("pt", "vocês fazem oficinas de cerâmica?"),
        ("zh-Hant", "你們有沒有茶道課程"),
        ("zh-Hans", "你叫什么名字"),
    ],
)
def test_what_a_customer_wants_stays_as_it_is(language: str, text: str) -> None:
    assert REDACTOR.redact(text, language=language) == text


def test_what_was_taken_out_is_named() -> None:
    said = REDACTOR.redact("I am John Smith, ana@example.com, +85366123456, order LC-100234", language="en")
    assert said == "I am <name>, <email>, <phone>, order <order number>"


def test_the_name_of_the_profile_goes_in_any_case() -> None:
    assert REDACTOR.redact("it is rui again", language="en", profile=["Rui Costa"]) == "it is <name> again"
    assert REDACTOR.redact("大文又來了", language="zh-Hant", profile=["大文"]) == "<name>又來了"


def test_redacting_twice_changes_nothing_more() -> None:
    for language, text, _ in GONE:
        once = REDACTOR.redact(text, language=language)
        assert REDACTOR.redact(once, language=language) == once


def test_brackets_cannot_become_entity_markup() -> None:
    assert "[" not in REDACTOR.redact('[x](order_number) and [y]{"entity": "z"}', language="en")


def test_what_an_editor_wrote_is_looked_over_once_more() -> None:
    assert REDACTOR.check("please call  66123456\nJoana") == "please call <phone> Joana"


def test_a_message_of_nothing_but_such_things_has_no_words() -> None:
    assert not holds_words(REDACTOR.redact("LC-100234 ana@example.com", language="en"))
    assert holds_words(REDACTOR.redact("where is LC-100234", language="en"))


@pytest.mark.parametrize(
    "text",
    ["", "\ud800", "\x00\x01", "🙂🙂", "a" * 100_000, "1 " * 3000, "A b " * 500, "@" * 5000, "(at)" * 500, "一" * 3000, "flat 1 " * 500,
     "Rua da " * 500, "陳" * 3000, "3 " + "word " * 300, "<name>" * 300, "[" * 3000],
)  # fmt: skip
def test_no_text_breaks_it_or_takes_long(text: str) -> None:
    began = time.thread_time()
    assert len(REDACTOR.redact(text, language="en")) <= 4000
    assert time.thread_time() - began < 1.0
