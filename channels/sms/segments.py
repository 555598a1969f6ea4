"""How many segments a text costs: GSM 03.38's alphabet in septets, or UCS-2 (3GPP TS 23.038, 23.040). Pure."""

from __future__ import annotations

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")  # an escape and a septet
ONE, PART = {"GSM-7": 160, "UCS-2": 70}, {"GSM-7": 153, "UCS-2": 67}
PLAIN = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "‐": "-", "‑": "-",
        "…": "...", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200b": "", "\u2060": "", "\ufeff": "", "•": "-", "\t": " ",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Segments:
    """`units`: septets or UTF-16 units; `count`: messages that are paid."""

    encoding: str
    units: int
    count: int


def segments(text: str) -> Segments:
    """What a text costs. A letter of two units is never cut in two, so that parts may stay short."""
    gsm = all(c in BASIC or c in EXTENDED for c in text)
    encoding = "GSM-7" if gsm else "UCS-2"
    sizes = [2 if (c in EXTENDED if gsm else ord(c) > 0xFFFF) else 1 for c in text]
    units = sum(sizes)
    if units <= ONE[encoding]:
        return Segments(encoding, units, 1)
    count, room = 1, PART[encoding]
    for size in sizes:
        if size > room:
            count, room = count + 1, PART[encoding]
        room -= size
    return Segments(encoding, units, count)


def cheapest(text: str) -> str:
    """The text with plain quotes, dashes and spaces where that makes it GSM-7 or shorter; as it is where it does not help."""
    plain = text.translate(PLAIN)
    return plain if segments(plain).count < segments(text).count or segments(plain).encoding == "GSM-7" else text
