"""Postcodes of Portugal, Brazil, the United Kingdom, the United States and China."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlu.entities.address_parts import Part
from nlu.entities.candidates import Asked

_STATES = "A[LKZR]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
_EDGE = r"(?<![0-9A-Za-z+-])"
_FORMS = {
    "PT": re.compile(rf"{_EDGE}[1-9][0-9]{{3}}-[0-9]{{3}}(?![0-9-])"),
    "BR": re.compile(rf"{_EDGE}[0-9]{{5}}-[0-9]{{3}}(?![0-9-])"),
    "GB": re.compile(rf"{_EDGE}(?:[A-Z][A-HJ-Y]?[0-9][A-Z0-9]?) [0-9][ABD-HJLNP-UW-Z]{{2}}(?![0-9A-Za-z])"),
    "US": re.compile(rf"{_EDGE}(?:{_STATES}) [0-9]{{5}}(?:-[0-9]{{4}})?(?![0-9A-Za-z])"),
}
_SIX = re.compile(rf"{_EDGE}[0-9]{{6}}(?![0-9A-Za-z-])")
_FIVE = re.compile(rf"{_EDGE}[0-9]{{5}}(?:-[0-9]{{4}})?(?![0-9A-Za-z-])")
_ANY = re.compile(
    rf"{_EDGE}(?:[0-9]{{4,6}}(?:-[0-9]{{3,4}})?|[0-9]{{7,8}}|[A-Za-z]{{1,2}}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{{2}})(?![0-9A-Za-z-])"
)
_NAMED = re.compile(
    r"(?:post ?code|postal code|zip(?: code)?|codigo postal|cod\. postal|cep"
    r"|郵[政編编]?編?號?碼?|邮[政编]?编?码?|郵遞區號)(?: (?:is|e|de|number))?[ :是為为]{0,3}$"
)
_LONGEST = 26


@dataclass(frozen=True)
class Postcode:
    """A postcode; `certain` when it is one without an address around it."""

    part: Part
    value: str
    certain: bool


def find_postcodes(asked: Asked) -> Iterator[Postcode]:
    """Every postcode. Without an address around it, it counts behind its name, in the shop's own country, or when it was asked for."""
    if not asked.digits:
        return
    wanted = asked.expected == "postcode"
    for country, form in _FORMS.items():
        for match in form.finditer(asked.text.upper() if country == "GB" and wanted else asked.text):
            certain = wanted or country in {asked.settings.country, "PT", "BR"} or _named(asked, match.start())
            yield Postcode(Part(*match.span(), "postcode"), match.group().upper(), certain)
    for form in (_SIX, _FIVE):
        for match in form.finditer(asked.text):
            if _named(asked, match.start()) or (asked.settings.country == "CN" and wanted):
                yield Postcode(Part(*match.span(), "postcode"), match.group(), certain=True)
    if wanted or "post" in asked.low or "zip" in asked.low or "cep" in asked.low:
        for match in _ANY.finditer(asked.text):
            if wanted or _named(asked, match.start()):
                yield Postcode(Part(*match.span(), "postcode"), match.group().upper(), certain=True)


def _named(asked: Asked, start: int) -> bool:
    return _NAMED.search(asked.low, max(0, start - _LONGEST), start) is not None
