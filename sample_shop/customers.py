"""The invented customers: names that nobody bears, addresses at example.com, telephone numbers made by counting."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import product


class Destination(StrEnum):
    """Where the shop delivers."""

    MACAU = "MO"
    HONG_KONG = "HK"
    MAINLAND = "CN"
    PORTUGAL = "PT"


@dataclass(frozen=True)
class Customer:
    """A customer; `language` is that of the titles in their orders: en, zh-Hant, zh-Hans or pt."""

    name: str
    email: str
    phone: str | None
    language: str
    destination: Destination
    address: dict[str, str]


ANA = Customer(
    "Ana Demo",
    "ana.demo@example.com",
    "+85366000001",
    "en",
    Destination.MACAU,
    {"line": "1 Rua do Exemplo, Taipa", "city": "Macau", "country": "MO"},
)
CHAN = Customer(
    "Chan Demo",
    "chan.demo@example.com",
    "+85366000002",
    "zh-Hant",
    Destination.MACAU,
    {"line": "示範街 2 號 B 座", "city": "澳門", "country": "MO"},
)

_CHINESE_FAMILY = {"燈": "tang", "壺": "wu", "盞": "jaan", "竹": "juk", "瓷": "chi", "茉": "mut"}
_CHINESE_GIVEN = {"小茶": "siucha", "青葉": "chingyip", "望月": "mongyut", "暖杯": "nuenbui", "甘泉": "kamchuen", "初雪": "chosuet"}
_MAINLAND_FAMILY = {"灯": "deng", "壶": "hu", "盏": "zhan", "瓷": "ci", "莲": "lian"}
_MAINLAND_GIVEN = {"小茶": "xiaocha", "青叶": "qingye", "暖杯": "nuanbei", "白露": "bailu", "桂香": "guixiang", "听雨": "tingyu"}
_PORTUGUESE_FAMILY = {"Bule": "bule", "Chávena": "chavena", "Lanterna": "lanterna", "Azulejo": "azulejo", "Canela": "canela"}
_PORTUGUESE_GIVEN = {
    "Camélia": "camelia", "Jasmim": "jasmim", "Tomilho": "tomilho", "Alecrim": "alecrim", "Açucena": "acucena",
    "Dália": "dalia", "Hortelã": "hortela", "Funcho": "funcho", "Violeta": "violeta", "Sésamo": "sesamo",
}  # fmt: skip
_ENGLISH_FAMILY = {name: name.lower() for name in ("Teapot", "Saucer", "Lantern", "Biscuit", "Steep", "Kettle")}
_ENGLISH_GIVEN = {name: name.lower() for name in ("Poppy", "Basil", "Clover", "Rosemary", "Sorrel", "Juniper", "Maple")}
_PLACES = {
    (Destination.MACAU, "zh-Hant"): ("示範馬路 {n} 號", "澳門"),
    (Destination.MACAU, "pt"): ("Rua do Exemplo, {n}", "Macau"),
    (Destination.MACAU, "en"): ("{n} Sample Street, Taipa", "Macau"),
    (Destination.HONG_KONG, "zh-Hant"): ("範例道 {n} 號", "香港"),
    (Destination.HONG_KONG, "en"): ("{n} Example Road", "Hong Kong"),
    (Destination.MAINLAND, "zh-Hans"): ("示例路{n}号", "珠海"),
    (Destination.PORTUGAL, "pt"): ("Travessa da Amostra, {n}", "Lisboa"),
    (Destination.PORTUGAL, "en"): ("Rua da Amostra {n}", "Porto"),
}
_PHONES = {
    Destination.MACAU: "+8536600{n:04}",
    Destination.HONG_KONG: "+8526100{n:04}",
    Destination.MAINLAND: "+861380000{n:04}",
    Destination.PORTUGAL: "+35191000{n:04}",
}


def customers() -> tuple[Customer, ...]:
    """The 180 customers, always the same; the first two are Ana Demo and Chan Demo."""
    traditional = _named(
        _CHINESE_FAMILY, _CHINESE_GIVEN, language="zh-Hant", homes=(Destination.MACAU, Destination.MACAU, Destination.HONG_KONG)
    )
    simplified = _named(_MAINLAND_FAMILY, _MAINLAND_GIVEN, language="zh-Hans", homes=(Destination.MAINLAND,))
    portuguese = _named(_PORTUGUESE_FAMILY, _PORTUGUESE_GIVEN, language="pt", homes=(Destination.PORTUGAL, Destination.MACAU))
    english = _named(
        _ENGLISH_FAMILY,
        _ENGLISH_GIVEN,
        language="en",
        homes=(Destination.MACAU, Destination.HONG_KONG, Destination.HONG_KONG, Destination.PORTUGAL, Destination.MACAU),
    )
    named = [*traditional, *simplified, *portuguese, *english]
    extra = _named({"Amostra": "amostra", "Modelo": "modelo"}, _PORTUGUESE_GIVEN, language="pt", homes=(Destination.MACAU,))
    return (ANA, CHAN, *(_settle(*each, n=n) for n, each in enumerate([*named, *extra], start=3)))


def _named(
    family: dict[str, str], given: dict[str, str], *, language: str, homes: tuple[Destination, ...]
) -> list[tuple[str, str, str, Destination]]:
    """(name, e-mail, language, home) of every pair of a family and a given name."""
    found = []
    for index, (last, first) in enumerate(product(family, given)):
        name = last + first if language.startswith("zh") else f"{first} {last}"
        found.append((name, f"{given[first]}.{family[last]}@example.com", language, homes[index % len(homes)]))
    return found


def _settle(name: str, email: str, language: str, home: Destination, *, n: int) -> Customer:
    line, city = _PLACES[home, language]
    phone = None if n % 17 == 0 else _PHONES[home].format(n=n)
    return Customer(name, email, phone, language, home, {"line": line.format(n=n), "city": city, "country": home.value})
