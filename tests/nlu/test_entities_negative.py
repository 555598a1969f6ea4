"""Ordinary sentences that hold no date, no money and nothing else that the extractors know."""

from __future__ import annotations

import pytest

from tests.nlu.entity_reading import read

ENGLISH = """
May I change the address?
I may have to cancel it
Where is my parcel?
the second I opened it, it broke
one moment please
just a second
Is this the only one you have?
I can't log in any more
First of all, thank you
At first it worked fine
good morning, anyone there?
Good evening
good night and thanks
Do you sell gift cards?
are you open on Sundays?
Do you ship to Portugal?
I sat on it and it broke
The sun has faded the colour
We wed in your shop
march me to a human
What is your return policy?
Can I get a refund?
It is out of stock again
The set is incomplete
I set it out on the table
that was a long time ago
see you later
how long does delivery take?
how much is shipping?
this is the worst day of my life
every Monday the same story
you are open all the time right?
I want one in blue
someone must be at home
can you help me?
my order has not arrived yet
please call me back
I have no idea what happened
is it on sale now
no one answers
does the cup come with a lid?
I'm a happy customer
the old one was better
Wrong colour, wrong size, wrong everything
can the address still be changed on time
A friend told me about you
just in time
in the end nobody came
for the time being, keep it
you saved my day
it's been a while
anytime
"""
CHINESE = """
我張單幾時到？
請問有人在嗎
一定要退款
一樣嘅貨
有一點問題
我想改地址
點解仲未寄出
點樣退貨
早晨，有冇人
早上好
晚安
下午好，想問嘢
一直都冇回覆
你好，請問可以開發票嗎
十分感謝
千祈唔好再寄錯
萬一爛咗點算
快一點好嗎
一下子就壞了
我同朋友一齊買嘅
呢個同嗰個有咩分別
一般要几天
幾耐先到
多少錢
幾多錢
有冇得平啲
每星期都有新貨嗎
不是第一次了
半途而廢
統一發票可以嗎
我想要一个解释
這個不是我買的
一分錢一分貨
冇時間等
有時間再說
日期寫錯咗
月餅有冇得買
年糕幾多錢一盒
日本可以寄嗎
周先生在嗎
週年紀念有優惠嗎
元旦禮盒有嗎
三番四次都係咁
一對一服務
我想搵真人
天天都在等
元朗有冇分店
七嘴八舌
好天氣
客服電話幾多
我是新客人
送錯咗貨
可以人手處理嗎
一次過買齊
"""
PORTUGUESE = """
Onde está a minha encomenda?
bom dia
boa tarde, está aí alguém?
Boa noite
tenha um bom dia
preciso de um bule
quero uma fatura
um momento por favor
segundo o site, está esgotado
a segunda via da fatura
a qualidade é de primeira
vocês vendem cartões oferta?
abrem aos domingos?
entregam ao sábado?
todas as segundas é a mesma coisa
fica em frente ao mar
pôr o chá ao sol
quanto custa o envio?
qual é o prazo de devolução?
o meu código não funciona
isto é um insulto
em geral gosto da loja
há alguém aí?
há algum desconto?
faz favor
mais uma vez obrigado
de vez em quando compro aí
é tudo muito real
para que serve isto?
não recebi nada
posso mudar a morada?
o produto veio partido
um dia destes passo aí
outra vez o mesmo problema
uma pergunta rápida
nem um nem outro
as velas são de soja?
as chávenas partiram-se
sou cliente antigo
gostei muito
quero falar com uma pessoa
não tenho tempo
já passou da hora
até logo
até já, obrigado
o meio de pagamento falhou
a meio do caminho perdeu-se
fica para a próxima
está tudo em dia
o ano inteiro
é urgente
cheguei tarde
tarde demais
"""


@pytest.mark.parametrize("text", ENGLISH.strip().splitlines())
def test_ordinary_english_holds_no_entity(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize("text", CHINESE.strip().splitlines())
def test_ordinary_chinese_holds_no_entity(text: str) -> None:
    assert read(text, "zh-Hant") == []


@pytest.mark.parametrize("text", PORTUGUESE.strip().splitlines())
def test_ordinary_portuguese_holds_no_entity(text: str) -> None:
    assert read(text, "pt") == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I need 1-2 items", "en"),
        ("size 8 or 9", "en"),
        ("order LC-100234 please", "en"),
        ("SKU 10-20-30", "en"),
        ("call 6612 3456", "en"),
        ("version 1.2.3", "en"),
        ("it costs $12.11", "en"),
        ("1/2 price?", "en"),
        ("3/4 of the cups", "en"),
        ("the 2nd item", "en"),
        ("Flat 5, 3/F", "en"),
        ("you are open 24/7 right?", "en"),
        ("a 16:9 screen", "en"),
        ("42號鞋", "zh-Hant"),
        ("換咗500點積分", "zh-Hant"),
        ("訂單100234", "zh-Hant"),
        ("一周三次", "zh-Hant"),
        ("三點意見", "zh-Hant"),
        ("3.5折", "zh-Hant"),
        ("tamanho 38", "pt"),
        ("as 3 chávenas", "pt"),
        ("a quarta encomenda", "pt"),
        ("comprei 2 a 3 peças", "pt"),
        ("nº 12", "pt"),
        ("há 3 chávenas partidas", "pt"),
        ("uma das 7 maravilhas", "pt"),
        ("toda terça é igual", "pt"),
        ("A tarde melhorou", "pt"),
        ("帮我查一下周先生的单", "zh-Hans"),
        ("今日头条", "zh-Hans"),
        ("18位身份證", "zh-Hant"),
    ],
)
def test_numbers_of_other_things_are_no_time(text: str, language: str) -> None:
    assert not {name for name, *_ in read(text, language)} & {"date", "time", "duration"}
