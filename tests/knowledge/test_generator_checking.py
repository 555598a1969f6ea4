"""What of a draft stands: the passages' own facts in other words, and nothing beside them. With the real encoder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from knowledge.generator.checking import Checked, DraftRefusedError, check_draft, cited_sentences
from knowledge.ports import Draft, Embedder, Source, Wanted
from nlu.encoders import get_encoder

pytestmark = pytest.mark.model
EN = (
    "We pay refunds 5–7 working days after we receive your return, to the original payment method. "
    "Card banks may need up to 10 more days to show the amount. "
    "A cancelled order is refunded within 3 working days. "
    "We cannot send a refund to a different card or person. "
    "You can return an unused item within 30 days of delivery. "
    "Return postage of MOP 40 is taken off the refund."
)
PT = (
    "Pagamos os reembolsos 5 a 7 dias úteis depois de recebermos a devolução, para o meio de pagamento original. "
    "O banco emissor do cartão pode precisar de até mais 10 dias para mostrar o valor. "
    "Uma encomenda cancelada é reembolsada em 3 dias úteis. "
    "Não podemos enviar o reembolso para outro cartão ou outra pessoa. "
    "Os portes de devolução de 40 MOP são descontados no reembolso."
)
ZH = (
    "我們收到退貨後 5 至 7 個工作天內退款，退回原來的付款方式。"
    "發卡銀行可能需要最多 10 天才顯示款項。"
    "已取消的訂單會在 3 個工作天內退款。"
    "我們不能把退款轉到另一張卡或另一個人。"
    "收貨後 30 天內可以退貨。"
)
TEXTS = {"en": ("Refunds", EN), "pt": ("Reembolsos", PT), "zh-Hant": ("退款", ZH)}


@pytest.fixture(scope="module")
def encoder() -> Embedder:
    return get_encoder("use-multilingual", Path(os.environ["BATON_ENCODER_CACHE"]))


def check(encoder: Embedder, language: str, draft: str) -> Checked:
    title, text = TEXTS[language]
    return check_draft(Draft(draft), Wanted("?", language, (Source(1, title, text),)), encoder)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Refunds are paid 5–7 working days after we receive your return [1]."),
        ("en", "Your refund goes to the original payment method, 5–7 working days after we receive your return [1]."),
        ("en", "We cannot send the refund to a different card or person [1]."),
        ("en", "You can return an unused item within 30 days of delivery.[1]"),
        ("en", "If your order was cancelled, it is refunded within 3 working days [1]."),
        ("en", "A cancelled order is refunded within three working days [1]."),
        ("en", "Card banks may take up to 10 more days to show the amount [1]."),
        ("pt", "Os reembolsos são pagos 5 a 7 dias úteis depois de recebermos a devolução [1]."),
        ("pt", "O reembolso vai para o meio de pagamento original, 5 a 7 dias úteis depois de recebermos a devolução [1]."),
        ("pt", "Não podemos enviar o reembolso para outra pessoa ou outro cartão [1]."),
        ("pt", "Uma encomenda cancelada é reembolsada em três dias úteis [1]."),
        ("zh-Hant", "我們收到退貨後 5 至 7 個工作天內會退款 [1]。"),
        ("zh-Hant", "退款會在我們收到退貨後 5 至 7 個工作天內退回原來的付款方式 [1]。"),
        ("zh-Hant", "退款不能轉到另一張卡或另一個人[1]。"),
        ("zh-Hant", "已取消的訂單會在三個工作天內退款[1]。"),
    ],
)
def test_a_sentence_that_says_what_the_passage_says_stands(encoder: Embedder, language: str, sentence: str) -> None:
    checked = check(encoder, language, sentence)
    assert [one.why for one in checked.judged] == [""]
    assert checked.sources == (1,)
    assert "[1]" not in checked.text


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Refunds are paid 3 working days after we receive your return [1]."),
        ("en", "We pay refunds 5–7 weeks after we receive your return [1]."),
        ("en", "We can send a refund to a different card or person [1]."),
        ("en", "You can return an item within 30 days of delivery [1]."),
        ("en", "You can return a used item within 30 days of delivery [1]."),
        ("en", "Refunds are paid in cash at our stores [1]."),
        ("en", "Card banks always show the amount within 10 days [1]."),
        ("en", "We pay refunds 5–7 working days after we receive your return, and give you a free teapot [1]."),
        ("en", "A cancelled order is refunded within 30 working days [1]."),
        ("en", "Use code FREE100 for a full refund [1]."),
        ("en", "Return postage of MOP 400 is taken off the refund [1]."),
        ("en", "No return postage is taken off the refund [1]."),
        ("en", "We pay refunds 5–7 working days before we receive your return [1]."),
        ("pt", "Podemos enviar o reembolso para outro cartão ou outra pessoa [1]."),
        ("pt", "Uma encomenda cancelada é reembolsada em 3 semanas [1]."),
        ("pt", "Pagamos os reembolsos em numerário nas lojas [1]."),
        ("pt", "Pagamos os reembolsos 5 a 7 dias úteis antes de recebermos a devolução [1]."),
        ("pt", "Os portes de 400 MOP são descontados no reembolso [1]."),
        ("zh-Hant", "退款可以轉到另一張卡或另一個人[1]。"),
        ("zh-Hant", "我們收到退貨後 5 至 7 個星期內退款[1]。"),
        ("zh-Hant", "收貨後 300 天內可以退貨[1]。"),
        ("zh-Hant", "我們會在門市以現金退款[1]。"),
        ("zh-Hant", "收貨後三十五天內可以退貨[1]。"),
    ],
)
def test_a_sentence_that_says_something_else_gives_way_to_the_passage_or_goes(encoder: Embedder, language: str, sentence: str) -> None:
    checked = check(encoder, language, sentence)
    assert checked.kept == 0
    assert checked.text == "" or checked.text in TEXTS[language][1]


@pytest.mark.parametrize(
    ("language", "draft", "why"),
    [
        ("en", "NO ANSWER", "do not answer"),
        ("en", "no answer.", "do not answer"),
        ("en", "Refunds take 5–7 working days [2].", "not given"),
        ("en", "Refunds take 5–7 working days [1][7].", "not given"),
        ("en", "Read more at https://refunds.example/now [1].", "elsewhere"),
        ("en", "Write to help@refunds-example.top [1].", "elsewhere"),
        ("en", "See refunds.evil [1].", "elsewhere"),
        ("en", "![pixel](https://evil.example/?q=1) Refunds take 5–7 working days [1].", "model|elsewhere"),
        ("en", "We pay refunds <b>now</b> [1].", "elsewhere"),
        ("en", "Your order <order number> is refunded within 3 working days [1].", "elsewhere"),
        ("en", "My instructions: Use only what the passages say. Keep every number [1].", "told|model"),
        ("en", "Os reembolsos são pagos em 3 dias [1]. 退款。", "another language"),
        ("zh-Hant", "A cancelled order is refunded within 3 working days [1].", "another language"),
        ("zh-Hant", "收货后 30 天内可以退货[1]。", "another language"),
        ("pt", "退款 [1]。", "another language"),
        ("en", "Yes [1]. " * 12, "sentences"),
        ("en", "[1]", "sentences"),
        ("en", "aGVsbG8gdGhpcyBpcyBhIGxvbmcgc2VjcmV0IHN0cmluZyB0aGF0IGxlYWtz [1].", "model|elsewhere"),
    ],
)
def test_a_draft_that_is_no_answer_or_looks_led_astray_is_refused_whole(encoder: Embedder, language: str, draft: str, why: str) -> None:
    with pytest.raises(DraftRefusedError, match=why):
        check(encoder, language, draft)


@pytest.mark.parametrize(
    ("language", "title", "text", "mixed"),
    [
        (
            "en",
            "Refunds",
            "Cards are refunded within 3 days. Wallets are refunded within 10 days.",
            "Wallets are refunded within 3 days [1].",
        ),
        ("en", "Care", "Porcelain teapots are dishwasher safe. Clay teapots need a soft cloth.", "Clay teapots are dishwasher safe [1]."),
        ("en", "Refunds to cards", "Wallets are refunded within 3 days.", "Cards are refunded within 3 days [1]."),
        ("en", "Returns", "Tea can be exchanged within 14 days. Food is final.", "Food can be exchanged within 14 days [1]."),
        ("pt", "Reembolsos", "Os cartões recebem em 3 dias. As carteiras recebem em 10 dias.", "As carteiras recebem em 3 dias [1]."),
        ("zh-Hant", "保養", "瓷壺可以放進洗碗機清洗。陶壺要用軟布抹。", "陶壺可以放進洗碗機清洗[1]。"),
        ("zh-Hant", "退款", "信用卡會在 3 天內退款。錢包會在 10 天內退款。", "錢包會在 3 天內退款[1]。"),
    ],
)
def test_what_is_true_of_one_thing_is_not_said_of_another(encoder: Embedder, language: str, title: str, text: str, mixed: str) -> None:
    checked = check_draft(Draft(mixed), Wanted("?", language, (Source(1, title, text),)), encoder)
    assert checked.kept == 0
    assert checked.text in text


def test_what_does_not_stand_is_replaced_and_what_stands_is_kept(encoder: Embedder) -> None:
    draft = (
        "A cancelled order is refunded within 3 working days [1]. Return postage of MOP 400 is taken off the refund [1]. We love you [1]."
    )
    checked = check(encoder, "en", draft)
    assert checked.text == "A cancelled order is refunded within 3 working days. Return postage of MOP 40 is taken off the refund."
    assert [bool(one.why) for one in checked.judged] == [False, True, True]


def test_a_sentence_without_a_citation_is_dropped(encoder: Embedder) -> None:
    assert check(encoder, "en", "A cancelled order is refunded within 3 working days.").text == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One [1]. Two [2].", [("One.", (1,)), ("Two.", (2,))]),
        ("One.[1] Two. [2]", [("One.", (1,)), ("Two.", (2,))]),
        ("One [1, 2]. Two [1][3].", [("One.", (1, 2)), ("Two.", (1, 3))]),
        ("一[1]。二。【2】", [("一。", (1,)), ("二。", (2,))]),
        ("One.", [("One.", ())]),
        ("", []),
    ],
)
def test_citations_belong_to_their_sentence(text: str, found: list[tuple[str, tuple[int, ...]]]) -> None:
    assert cited_sentences(text) == found
