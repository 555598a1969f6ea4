"""Money, percentages, quantities, durations and numbers as customers write them."""

from __future__ import annotations

import pytest

from nlu.entities import EntitySettings
from tests.nlu.entity_reading import Found, read

ENGLISH: list[tuple[str, Found]] = [
    ("I was charged HK$1,200.50 twice", [("money", "1200.50 HKD")]),
    ("it says MOP 300 on the receipt", [("money", "300.00 MOP")]),
    ("anything under $20?", [("money", "20.00 MOP")]),
    ("only 20 bucks", [("money", "20.00 MOP")]),
    ("that's € 1.234,56", [("money", "1234.56 EUR")]),
    ("between $10 and $20", [("money", "10.00 MOP"), ("money", "20.00 MOP")]),
    ("a gift of $50-100", [("money", "50.00 MOP"), ("money", "100.00 MOP")]),
    ("I paid 45 euros and 50 cents", [("money", "45.50 EUR")]),
    ("twenty pounds is too much", [("money", "20.00 GBP")]),
    ("US$99.90 plus shipping", [("money", "99.90 USD")]),
    ("500 patacas", [("money", "500.00 MOP")]),
    ("HKD1500 was taken", [("money", "1500.00 HKD")]),
    ("one hundred and twenty dollars", [("money", "120.00 MOP")]),
    ("$1.5k?", [("money", "1500.00 MOP")]),
    ("is there 10% off", [("percentage", "10")]),
    ("twenty percent discount", [("percentage", "20")]),
    ("a 2.5 % fee", [("percentage", "2.5")]),
    ("I only got 2 boxes instead of 3", [("quantity", "2 box"), ("number", "3")]),
    ("half a kilo of oolong", [("quantity", "0.5 kg")]),
    ("the 500g bag is torn", [("quantity", "500 g")]),
    ("three pairs of chopsticks", [("quantity", "3 pair")]),
    ("12 pcs please", [("quantity", "12 piece")]),
    ("is it 30 cm or 12 inches wide", [("quantity", "30 cm"), ("quantity", "12 inch")]),
    ("a 1.5 litre teapot", [("quantity", "1.5 l")]),
    ("two bottles of 750ml", [("quantity", "2 bottle"), ("quantity", "750 ml")]),
    ("half a dozen teacups", [("number", "6")]),
    ("a couple of candles", [("number", "2")]),
    ("refund takes two weeks?", [("duration", "P2W")]),
    ("I waited for an hour", [("duration", "PT1H")]),
    ("half an hour on hold", [("duration", "PT30M")]),
    ("3-5 business days", [("duration", "P3D"), ("duration", "P5D")]),
    ("is there a 30-day return window", [("duration", "P30D")]),
    ("2 and a half weeks is long", [("duration", "P17DT12H")]),
    ("a 2-year warranty", [("duration", "P2Y")]),
    ("within 24 hours", [("duration", "PT24H")]),
    ("cancel the second one", [("ordinal", "2")]),
    ("my 1st order", [("ordinal", "1")]),
    ("I want twenty-five of them", [("number", "25")]),
    ("it was 1,299.50 before", [("number", "1299.5")]),
    ("send 4 to my sister and 2 to me", [("number", "4"), ("number", "2")]),
]
CHINESE: list[tuple[str, Found]] = [
    ("收咗我三百蚊", [("money", "300.00 MOP")]),
    ("二十五塊半", [("money", "25.50 MOP")]),
    ("25块5一个", [("money", "25.50 MOP")]),
    ("退一百元給我", [("money", "100.00 MOP")]),
    ("港幣500", [("money", "500.00 HKD")]),
    ("港幣500元夠唔夠", [("money", "500.00 HKD")]),
    ("要HK$1,280", [("money", "1280.00 HKD")]),
    ("澳門幣300元", [("money", "300.00 MOP")]),
    ("人民币88.8元", [("money", "88.80 CNY")]),
    ("兩千蚊以上免運費？", [("money", "2000.00 MOP")]),
    ("一萬二千元", [("money", "12000.00 MOP")]),
    ("100至200元有咩揀", [("money", "100.00 MOP"), ("money", "200.00 MOP")]),
    ("３００元", [("money", "300.00 MOP")]),
    ("50美元", [("money", "50.00 USD")]),
    ("有冇九五折或者减20%", [("percentage", "20")]),
    ("百分之二十", [("percentage", "20")]),
    ("我買咗三盒得返兩盒", [("quantity", "3 box"), ("quantity", "2 box")]),
    ("要兩個", [("quantity", "2 piece")]),
    ("三百零五件", [("quantity", "305 piece")]),
    ("半斤普洱", [("quantity", "0.5 catty")]),
    ("500克装", [("quantity", "500 g")]),
    ("1.5公升嘅壺", [("quantity", "1.5 l")]),
    ("四兩茶葉", [("quantity", "4 tael")]),
    ("十二隻杯碎咗三隻", [("quantity", "12 piece"), ("quantity", "3 piece")]),
    ("两双筷子", [("quantity", "2 pair")]),
    ("我哋有6位", [("quantity", "6 person")]),
    ("廿四罐", [("quantity", "24 tin")]),
    ("要三塊蛋糕", [("quantity", "3 piece")]),
    ("等咗半個鐘", [("duration", "PT30M")]),
    ("個半鐘都未有人覆", [("duration", "PT1H30M")]),
    ("三四日未到", [("duration", "P3D"), ("duration", "P4D")]),
    ("3日內退貨", [("duration", "P3D")]),
    ("保養一年半", [("duration", "P1Y6M")]),
    ("两个月没消息", [("duration", "P2M")]),
    ("7至10個工作天", [("duration", "P7D"), ("duration", "P10D")]),
    ("二十分钟了", [("duration", "PT20M")]),
    ("第二件唔要", [("ordinal", "2")]),
    ("第3張單", [("ordinal", "3")]),
    ("尺寸係20cm", [("quantity", "20 cm")]),
    ("要5", [("number", "5")]),
    ("買咗一個多月", [("duration", "P1M")]),
    ("四個人飲茶", [("quantity", "4 person")]),
    ("10000块一天", [("money", "10000.00 MOP"), ("duration", "P1D")]),
]
PORTUGUESE: list[tuple[str, Found]] = [
    ("cobraram R$ 99,90 duas vezes", [("money", "99.90 BRL"), ("number", "2")]),
    ("paguei vinte euros", [("money", "20.00 EUR")]),
    ("50 reais de frete?", [("money", "50.00 BRL")]),
    ("custa 1.234,56 €", [("money", "1234.56 EUR")]),
    ("são 300 patacas", [("money", "300.00 MOP")]),
    ("MOP 1,200 na factura", [("money", "1200.00 MOP")]),
    ("entre 10 e 20 euros", [("number", "10"), ("money", "20.00 EUR")]),
    ("de 10 a 20 euros", [("money", "10.00 EUR"), ("money", "20.00 EUR")]),
    ("5 euros e 50 cêntimos", [("money", "5.50 EUR")]),
    ("duzentos e cinquenta reais", [("money", "250.00 BRL")]),
    ("HK$ 88", [("money", "88.00 HKD")]),
    ("mil e duzentos dólares", [("money", "1200.00 MOP")]),
    ("há 15% de desconto", [("percentage", "15")]),
    ("vinte por cento", [("percentage", "20")]),
    ("2,5% de taxa", [("percentage", "2.5")]),
    ("recebi 2 caixas em vez de 3", [("quantity", "2 box"), ("number", "3")]),
    ("meio quilo de chá", [("quantity", "0.5 kg")]),
    ("um quilo de oolong", [("quantity", "1 kg")]),
    ("três pares", [("quantity", "3 pair")]),  # codespell:ignore pares
    ("500 gramas", [("quantity", "500 g")]),
    ("um bule de 1,5 litros", [("quantity", "1.5 l")]),
    ("duas peças partidas", [("quantity", "2 piece")]),
    ("dois quilos e meio", [("quantity", "2.5 kg")]),
    ("tem 30 cm de largura", [("quantity", "30 cm")]),
    ("uma dúzia de pastéis", [("number", "12")]),
    ("meia dúzia chega", [("number", "6")]),
    ("demora um mês?", [("duration", "P1M")]),
    ("2 a 3 semanas é muito", [("duration", "P2W"), ("duration", "P3W")]),
    ("meia hora à espera", [("duration", "PT30M")]),
    ("5 dias úteis", [("duration", "P5D")]),
    ("garantia de dois anos", [("duration", "P2Y")]),
    ("esperei uma hora", [("duration", "PT1H")]),
    ("prazo de 30 dias", [("duration", "P30D")]),
    ("a segunda encomenda veio mal", [("ordinal", "2")]),
    ("é a terceira vez que peço", [("ordinal", "3")]),
    ("o 1º pedido", [("ordinal", "1")]),
    ("quero vinte e cinco", [("number", "25")]),
    ("queria 4 para mim e 2 para ela", [("number", "4"), ("number", "2")]),
    ("o preço era 1.299,50", [("number", "1299.5")]),
    ("comprei duas", [("number", "2")]),
]


@pytest.mark.parametrize(("text", "found"), ENGLISH)
def test_amounts_are_read_in_english(text: str, found: Found) -> None:
    assert read(text) == found


@pytest.mark.parametrize(("text", "found"), CHINESE)
def test_amounts_are_read_in_chinese(text: str, found: Found) -> None:
    assert read(text, "zh-Hant") == found


@pytest.mark.parametrize(("text", "found"), PORTUGUESE)
def test_amounts_are_read_in_portuguese(text: str, found: Found) -> None:
    assert read(text, "pt") == found


@pytest.mark.parametrize(
    ("text", "language", "currency", "value"),
    [
        ("$20", "en", "HKD", "20.00 HKD"),
        ("$20", "en", "EUR", "20.00 USD"),
        ("100元", "zh-Hans", "CNY", "100.00 CNY"),
        ("100元", "zh-Hans", "EUR", "100.00 CNY"),
        ("100元", "zh-Hant", "EUR", "100.00 HKD"),
        ("100蚊", "zh-Hant", "MOP", "100.00 MOP"),
        ("US$20", "en", "HKD", "20.00 USD"),
        ("5 euros", "en", "HKD", "5.00 EUR"),
    ],
)
def test_a_name_that_many_currencies_share_means_the_shops(text: str, language: str, currency: str, value: str) -> None:
    assert read(text, language, settings=EntitySettings(currency=currency)) == [("money", value)]
