"""Amounts of money: "HK$1,200.50", "20 bucks", "vinte euros", 三百蚊, 二十五塊半.

The value is the amount with two decimals and the ISO 4217 code: "1200.50 HKD". A range gives two amounts. What "$", "元" or "dollars" mean
is the shop's currency, if it has that name; else the currency that is called so where the language is spoken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal

from nlu.entities.amounts import Amount, attached, in_range, measured
from nlu.entities.candidates import Asked, Candidate, candidate
from nlu.entities.numerals import Kind, Numeral, parse_digits

_DOLLARS = frozenset({"MOP", "HKD", "USD", "AUD", "CAD", "SGD", "NZD", "TWD", "BRL", "MXN"})
_YUAN = frozenset({"MOP", "HKD", "CNY", "TWD"})
_AMBIGUOUS = {"$": (_DOLLARS, "USD"), "元": (_YUAN, "CNY"), "蚊": (_YUAN, "HKD"), "¥": (frozenset({"CNY", "JPY"}), "CNY")}
_AMBIGUOUS |= {"pound": (frozenset({"GBP"}), "GBP"), "cent": (_DOLLARS | {"EUR"}, "USD")}
_NAMES = {
    "HKD": "hk$ hkd 港幣 港币 港元 港紙",
    "MOP": "mop$ mop patacas pataca 澳門幣 澳门币 澳門元 澳门元 葡幣 葡币",
    "USD": "us$ usd 美金 美元",
    "EUR": "€ eur euros euro 歐元 欧元 歐羅",
    "GBP": "£ gbp quid 英鎊 英镑",
    "CNY": "rmb cny cn¥ 人民幣 人民币 yuan renminbi",
    "TWD": "nt$ twd ntd 台幣 台币 新台幣 新台币",
    "JPY": "jpy yen 日圓 日元 円",
    "BRL": "r$ brl reais",
    "AUD": "a$ au$ aud",
    "CAD": "c$ ca$ cad",
    "SGD": "s$ sg$ sgd",
    "$": "$ dollars dollar bucks buck dolares dolar",
    "元": "元 圓 圆 块 塊",
    "蚊": "蚊 文",
    "¥": "¥ ￥",
    "pound": "pounds pound libras",
    "cent": "cents centavos centimos avos cent",
}
_CODE = {name: code for code, names in _NAMES.items() for name in names.split()}
_ONLY_BEHIND = frozenset(
    {"元", "圓", "圆", "块", "塊", "蚊", "文", "real", *_NAMES["cent"].split(), "euro", "euros", "dollars", "dollar", "bucks"}
)
_BEFORE = re.compile(
    "(?:(?<![a-z0-9])(?:hk ?\\$|us ?\\$|mop ?\\$|nt ?\\$|au ?\\$|ca ?\\$|sg ?\\$"
    "|[acsr]\\$|(?:hkd|mop|usd|eur|gbp|rmb|cny|twd|ntd|jpy|brl|aud|cad|sgd)\\$?)"
    "|[€£¥$]|港[幣币紙]|澳[門门][幣币]|葡[幣币]|美金|[歐欧]元|英[鎊镑]|人民[幣币]|新?台[幣币])[ :]{0,2}$",
    re.ASCII,
)
_WORDS = sorted((n for n in _CODE if re.fullmatch("[a-z]+", n)), key=len, reverse=True)
_SIGNS = sorted((re.escape(n) for n in _CODE if not re.fullmatch("[a-z]+", n)), key=len, reverse=True)
_BEHIND = re.compile(
    rf"(?P<k>k(?= ?(?:{'|'.join(_WORDS)})\b))?(?: ?(?P<word>{'|'.join(_WORDS)})\b(?! of )(?:(?= ?\$)\$)?| ?(?P<sign>{'|'.join(_SIGNS)})"
    r"(?![旦宵朗素氣气件化老身人章藝艺學学]))(?P<half>半)?(?P<tenth>[1-9一二三四五六七八九](?![0-9十百千萬万個个件點点天日年月週周星次份盒斤杯]))?",
    re.ASCII,
)
_REAL = re.compile(r" ?(?P<word>real)\b(?P<sign>)(?P<half>)(?P<tenth>)", re.ASCII)
_THOUSANDS = re.compile(r"k\b", re.ASCII)
_CAKE = re.compile("[餅饼蛋糕布糖巧肥石板木瓷杯碟手]")
_AND = re.compile(r" (?:and|e) ", re.ASCII)
_TENTHS = {c: n for n, c in enumerate("零一二三四五六七八九")}
_HINT = re.compile("[$€£¥元圓圆塊块蚊文幣币金鎊镑紙円]")
_HINT_WORDS = frozenset(_WORDS) | {"real"}


def find_money(asked: Asked) -> Iterator[Candidate]:
    """Every amount with its currency; a bare number in the shop's currency when the bot has just asked for money."""
    if asked.expected == "money":
        for numeral in asked.numerals:
            if numeral.kind in {Kind.DIGITS, Kind.WORDS, Kind.HAN} and not attached(asked.low, numeral):
                value = _two_decimals(_exact(asked, numeral), asked.settings.currency)
                yield candidate(asked, "money", (numeral.start, numeral.end), value, priority=77, confidence=0.8)
    if not _HINT.search(asked.low) and asked.words.isdisjoint(_HINT_WORDS):
        return
    yield from _signed(asked)
    amounts = list(measured(asked, _REAL if asked.language == "pt" and "real" in asked.words else _BEHIND, accept=_is_money(asked)))
    skipped: set[int] = set()
    for amount in amounts:
        if amount.start not in skipped:
            yield _named(asked, amount, amounts, skipped)


def currency(name: str, asked: Asked) -> str:
    """The ISO code of a name or sign; an ambiguous one is the shop's currency if that is called so."""
    code = _CODE.get(name.replace(" ", ""), _CODE.get(name.strip("$"), name.upper()))
    if code not in _AMBIGUOUS:
        return code
    own, usual = _AMBIGUOUS[code]
    if asked.settings.currency in own:
        return asked.settings.currency
    return "HKD" if code == "元" and asked.language == "zh-Hant" else usual


def _signed(asked: Asked) -> Iterator[Candidate]:
    low, numerals = asked.low, asked.numerals
    for i, numeral in enumerate(numerals):
        sign = _BEFORE.search(low, max(0, numeral.start - 8), numeral.start)
        if sign is None or numeral.kind is Kind.ARTICLE:
            continue
        thousands = _THOUSANDS.match(low, numeral.end)
        code = currency(sign.group().strip(" :"), asked)
        end = thousands.end() if thousands else numeral.end
        behind = _BEHIND.match(low, end)
        if behind:
            end = behind.end()
        value = _exact(asked, numeral) * (1000 if thousands else 1)
        yield candidate(asked, "money", (sign.start(), end), _two_decimals(value, code), priority=79)
        following = numerals[i + 1] if i + 1 < len(numerals) else None
        if following is not None and in_range(low, numeral, following) and low[numeral.end] in " -~至到":
            yield candidate(asked, "money", (following.start, following.end), _two_decimals(_exact(asked, following), code), priority=75)


def _is_money(asked: Asked) -> Callable[[Numeral, re.Match[str]], bool]:
    def accept(numeral: Numeral, unit: re.Match[str]) -> bool:
        if numeral.kind is Kind.ARTICLE:
            return unit["word"] in {"euro", "dollar", "pataca", "buck"} and asked.language != "pt"
        name = unit["word"] or unit["sign"]
        return not (name in {"塊", "块"} and _CAKE.match(asked.low, unit.end()))

    return accept


def _named(asked: Asked, amount: Amount, amounts: list[Amount], skipped: set[int]) -> Candidate:
    unit = amount.unit
    code = currency(unit["word"] or unit["sign"], asked)
    value, end = amount.value if amount.bare else _exact_amount(asked, amount), amount.end
    if unit["tenth"] and not amount.bare:
        value += Decimal(_TENTHS.get(unit["tenth"], unit["tenth"])) / 10
    if code and _CODE.get(unit["word"] or "") == "cent":
        value /= 100
    else:
        for cents in amounts:
            joined = _AND.fullmatch(asked.low, end, cents.start) if cents.start > end else None
            if joined and _CODE.get(cents.unit["word"] or "") == "cent":
                value, end = value + cents.value / 100, cents.end
                skipped.add(cents.start)
    priority = 75 if amount.bare else 78
    return candidate(asked, "money", (amount.start, end), _two_decimals(value, code), priority=priority)


def _exact_amount(asked: Asked, amount: Amount) -> Decimal:
    numeral = next(n for n in asked.numerals if n.start == amount.start)
    return amount.value - numeral.value + _exact(asked, numeral)


def _exact(asked: Asked, numeral: Numeral) -> Decimal:
    """Of money, "1.200" and "1,200" are thousands in every language."""
    text = asked.low[numeral.start : numeral.end]
    plain = parse_digits(text, asked.language, money=True) if numeral.kind is Kind.DIGITS and set(text) <= set("0123456789., ") else None
    return Decimal(plain) if plain else numeral.value


def _two_decimals(value: Decimal, code: str) -> str:
    return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP)} {code}"
