"""Numbers with a unit: "2 boxes", 三盒, "meio quilo". The value is number and unit: "2 box", "0.5 kg"; in a shop's answers "2" alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.entities.amounts import Amount, attached, measured
from nlu.entities.candidates import Asked, Candidate, candidate
from nlu.entities.numerals import Kind, Numeral, plain_number

_UNITS = {
    "piece": "pieces piece pcs pc items item units unit pecas peca unidades unidade artigos artigo 個 个 件 隻 只 枚 塊 块",
    "box": "boxes box caixas caixa 盒 箱",
    "pack": "packs pack packets packet packages package pacotes pacote embalagens embalagem 包",
    "bag": "bags bag sacos saco 袋",
    "bottle": "bottles bottle garrafas garrafa 瓶 樽 支",
    "tin": "tins tin cans can latas lata jars jar frascos frasco 罐",
    "set": "sets set conjuntos conjunto jogos 套",
    "pair": "pairs pair pares par 對 对 雙 双",  # codespell:ignore
    "cup": "cups cup chavenas chavena xicaras xicara copos copo canecas caneca 杯",
    "bowl": "bowls bowl tigelas tigela 碗",
    "portion": "portions portion servings serving doses 份",
    "sheet": "sheets sheet copies copy folhas folha 張 张",
    "book": "books volumes 本",
    "person": "people persons guests pax pessoas pessoa 位 個人 个人 人",
    "kg": "kg kgs kilo kilos kilogram kilograms quilo quilos quilogramas 公斤 千克",
    "g": "g gr grams gram gramas grama 克",
    "mg": "mg milligrams 毫克",
    "lb": "lb lbs pounds 磅",
    "oz": "oz ounces ounce oncas 安士 盎司",
    "catty": "catty catties 斤",
    "tael": "taels tael 兩 两",
    "l": "l litre litres liter liters litro litros 公升 升",
    "ml": "ml millilitres milliliters mililitros 毫升",
    "m": "m metre metres meter meters metro metros 公尺 米",
    "cm": "cm cms centimetres centimeters centimetros 厘米 公分",
    "mm": "mm millimetres millimeters milimetros 毫米",
    "km": "km kms kilometres kilometers quilometros 公里",
    "inch": "inch inches polegadas polegada 吋 英寸 寸",
    "ft": "ft feet foot pes 呎 英尺",
}
_OF = {name: unit for unit, names in _UNITS.items() for name in names.split()}
_LATIN = "|".join(sorted((n for n in _OF if n.isascii()), key=len, reverse=True))
_HAN = "|".join(sorted((n for n in _OF if not n.isascii()), key=len, reverse=True))
_UNIT = re.compile(rf"[ -]?(?P<word>{_LATIN})\b|(?P<han>{_HAN})(?P<half>半(?![日天年個个價价]))?", re.ASCII)
_MEASURES = frozenset({"kg", "g", "mg", "lb", "oz", "catty", "tael", "l", "ml", "m", "cm", "mm", "km", "inch", "ft", "pair"})
_POINTS = re.compile("[呢這这那嗰哪邊边某每第有係是另任同錢钱]$")
_ASKED_ONE = re.compile("[要買买訂订退換换加拎得到多只淨咗了送俾畀給给]$")
_MEANS_A = frozenset("個个件張张份位人隻只本支塊块對对") | {"個人", "个人"}  # 一個 is mostly "a"
_ABSTRACT = re.compile("[解說说答回交機机人月星禮礼好清理方地問问叫]")
_NOT_COUNTED = re.compile(
    "[個个](?:多|幾|几|鐘|钟|月|小時|小时|星期|禮拜|礼拜|工作|字|骨|半|世紀|世纪|百分|percent)|只[是有要能會会係]|人[手氣气生民家工物品]|米[飯饭粉]|克[服]|本[來来身地店人]|位(?:身份|數|数|密|驗|验)"
)


def find_quantities(asked: Asked) -> Iterator[Candidate]:
    """Every number with a unit; a bare number when the bot has just asked for a quantity."""
    if asked.expected == "quantity":
        for numeral in asked.numerals:
            if not attached(asked.low, numeral) and numeral.kind is not Kind.HALF and _may_be_bare(asked, numeral):
                yield candidate(asked, "quantity", (numeral.start, numeral.end), plain_number(numeral.value), priority=74, confidence=0.9)
    for amount in measured(asked, _UNIT, accept=lambda numeral, unit: _counts(asked, numeral, unit)):
        yield from _found(asked, amount)


def _found(asked: Asked, amount: Amount) -> Iterator[Candidate]:
    unit = _OF[amount.unit["word"] or amount.unit["han"]]
    span, number = (amount.start, amount.end), plain_number(amount.value)
    yield candidate(asked, "quantity", span, f"{number} {unit}", priority=71 if amount.bare else 73)
    if asked.expected == "number":  # the answer to "how many?" is the number, however it is said
        yield candidate(asked, "number", span, number, priority=73, confidence=0.9)


def _may_be_bare(asked: Asked, numeral: Numeral) -> bool:
    return numeral.kind is not Kind.ARTICLE or asked.language == "pt"


def _counts(asked: Asked, numeral: Numeral, unit: re.Match[str]) -> bool:
    low = asked.low
    if unit["han"]:
        return _han_counts(asked, numeral, unit)
    name = _OF[unit["word"]]
    if attached(low, numeral):
        return False
    if numeral.kind is Kind.ARTICLE or numeral.kind is Kind.HALF:
        return name in _MEASURES and (name != "ft" and len(unit["word"]) > 1)
    if len(unit["word"]) == 1:
        return numeral.kind is Kind.DIGITS and not asked.text[unit.start("word")].isupper()
    return unit["word"] != "can" or numeral.value > 1


def _han_counts(asked: Asked, numeral: Numeral, unit: re.Match[str]) -> bool:
    low, name = asked.low, unit["han"]
    before = low[max(0, numeral.start - 1) : numeral.start]
    if before == "第" or _NOT_COUNTED.match(low, unit.start("han")):
        return False
    if numeral.kind is Kind.HALF:
        return _OF[name] in _MEASURES
    if numeral.kind is Kind.HAN and numeral.value == 1:
        if asked.expected in {"number", "quantity"}:
            return True
        if name in _MEANS_A:
            return _ASKED_ONE.search(before) is not None and not _ABSTRACT.match(low, unit.end())
        return not _POINTS.search(before)
    return not (name in {"塊", "块"} and not _is_cake(low, unit.end()))


def _is_cake(low: str, at: int) -> bool:
    """塊 with a thing behind it; else it is money."""
    return low[at : at + 1] in set("餅饼蛋糕布糖巧肥石板木瓷杯碟手")
