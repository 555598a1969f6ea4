"""Parts of addresses in English and Portuguese."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.entities.address_parts import CITIES, COUNTRIES, DISTRICTS, Part
from nlu.entities.candidates import Asked
from nlu.text import words_of

_L = "A-Za-zÀ-ÖØ-öø-ÿ"
_NAME = rf"[{_L}][{_L}'.-]{{0,20}}"
_NUMBER = r"[0-9]{1,5}(?:-[0-9]{1,5})?(?:[A-Za-z](?![A-Za-z]))?"
_NO = rf"(?:n\.?[ºo°]?\.? ?|nr\.? ?|no\.? ?|#)?(?P<number>{_NUMBER})(?![0-9A-Za-zº°/:]|[.,][0-9])"
_CALLED = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Terrace|Place|Pl|Close|Square|Sq|Highway|Hwy|Parade|Crescent|Way"
    "|Path|Circuit|Praya"
)
_CALLED_FREELY = "street|road|avenue|lane|drive|boulevard|terrace|crescent|highway|rd|ave|blvd|st"
_NO_NAME = (
    "the|a|an|to|of|on|in|at|my|your|this|that|is|was|minutes?|mins?|hours?"
    "|days?|weeks?|down|up|along|from|for|and|or|by|metres?|km|items?|shops?"
)
_STREET_EN = re.compile(
    rf"(?<![0-9A-Za-z./$€£-])(?:No\.? ?)?(?P<number>{_NUMBER}),? (?P<street>(?:[A-Z][{_L}'.-]{{0,20}} "
    rf"|de |do |da ){{1,5}}(?:{_CALLED})\b\.?(?: (?:East|West|North|South|Central|[NESW])\b)?)"
    rf"|(?<![0-9A-Za-z./$€£-])(?P<number2>{_NUMBER}) "
    rf"(?P<street2>(?:(?!(?:{_NO_NAME})\b)[a-z][a-z'.-]{{0,20}} ){{1,2}}(?:{_CALLED_FREELY})\b\.?)"
)
_RUA = (
    r"rua|r\.|avenida|av\.?|travessa|tv\.?|largo|lg\.?|pra[çc]a|estrada|calçada"
    r"|calcada|alameda|beco|rotunda|rodovia|p[áa]tio|caminho|istmo|quinta d[aoe]s?"
)
_STREET_PT = re.compile(
    rf"(?<![{_L}0-9])(?P<street>(?:{_RUA}) (?:(?!(?:que|e|é|não|nao|para|com|em|no|na|n"
    rf"|nº|nr|está|hoje)\b){_NAME} ){{0,6}}(?!(?:n|nº|nr|no)\b){_NAME}),? {_NO}",
    re.IGNORECASE,
)
_STREET_ALONE = re.compile(
    rf"(?<![{_L}0-9])(?P<street>(?:Rua|Avenida|Av\.|Travessa|Largo|Pra[çc]a|Estrada|Calçada|Alameda"
    rf"|Beco) (?:d[aeo]s? )?[A-ZÀ-Ö][{_L}'-]{{1,20}}(?: d[aeo]s? [A-ZÀ-Ö][{_L}'-]{{1,20}}"
    rf"| [A-ZÀ-Ö][{_L}'-]{{1,20}}){{0,4}})"
    rf"|(?<![{_L}0-9])(?P<street2>(?:[A-Z][{_L}']{{1,20}} ){{1,3}}(?:Street|Road|Avenue|Lane|Boulevard|Terrace))\b"
)
_UNIT = re.compile(
    r"\b(?:flat|unit|apto\.?|apt\.?|apartment|room|rm\.?|suite|shop|apartamento|ap\.|frac[çc][ãa]o|fra[çc][ãa]o|loja|sala|bloco|block|blk)"
    r"(?: ?(?:n[ºo.] ?)?#?(?P<u>[0-9]{1,4}[A-Za-z]{0,2})| (?P<u2>[A-Z]{1,2}[0-9]{1,4}|[A-Z]))(?![0-9A-Za-zÀ-ÿ])",
    re.IGNORECASE,
)
_FLOOR = re.compile(
    r"(?<![0-9A-Za-z/])(?:(?P<f>[0-9]{1,3}|G|LG|UG)/ ?F\b(?:loor)?|(?P<f2>[0-9]{1,3})(?:st"
    r"|nd|rd|th) (?:floor|fl\.?)\b|(?P<f3>ground) floor\b|floor (?P<f4>[0-9]{1,3})\b"
    r"|(?P<f5>[0-9]{1,2})\.? ?[ºo°ª](?: ?andar\b)?(?:,? ?(?:esquerdo|esq|direito|dto|drt|dir|frente|frt|tr[áa]s"
    r"|[A-Za-z](?![A-Za-zÀ-ÿ]))\b\.?)?|(?P<f6>r/c)(?:,? (?:esq|dto|dir)\b\.?)?|(?P<f7>[0-9]{1,2}) andar\b)",
    re.IGNORECASE,
)
_BUILDING = re.compile(
    r"\b(?:(?:Tower|Torre|Building|Block|House|Phase|Edif[íi]cio|Edf?\.|Lote) (?:[0-9]{1,3}[A-Z]?|[A-Z](?![A-Za-zÀ-ÿ])|[IVX]{1,4}\b)"
    rf"|(?:Edif[íi]cio|Edf?\.|Torre) [A-ZÀ-Ö][{_L}']{{1,20}}(?: (?:d[aeo]s? )?[A-ZÀ-Ö][{_L}']{{1,20}}){{0,3}}"
    rf"|(?:[A-Z][{_L}']{{1,20}} ){{1,4}}(?:Building|Mansions?|Tower|Centre|Center"
    rf"|House|Estate|Gardens?|Plaza|Heights|Villas?|Court|Bay|Bldg\.?))\b"
)
_PLACE = re.compile(rf"(?<![{_L}])(?P<city>{CITIES})(?![{_L}])(?:, ?(?:{COUNTRIES})\b)?", re.IGNORECASE)
_DISTRICT = re.compile(rf"(?<![{_L}])(?:{DISTRICTS})(?![{_L}])")
_AFTER_POSTCODE = re.compile(
    rf"(?<=[0-9]{{4}}-[0-9]{{3}}) (?P<city>[A-ZÀ-Ö][{_L}'-]{{2,20}}(?: (?:d[aeo]s? )?[A-ZÀ-Ö][{_L}'-]{{2,20}}){{0,3}})"
)
_WORDS = frozenset(
    words_of(
        "flat unit apt apartment room rm suite shop floor tower block building house"
        " street st road rd avenue ave lane ln drive dr court boulevard blvd"
        " terrace place close square highway parade crescent way rua r avenida av"
        " travessa tv largo lg praca estrada calcada alameda beco rotunda rodovia patio"
        " caminho apto apartamento ap fraccao fracao loja sala bloco andar f edificio"
        " ed edf torre lote centre center mansion mansions estate gardens garden"
        " address morada endereco moro vivo live quinta rc c blk"
    )
)


def find_latin_parts(asked: Asked) -> Iterator[Part]:
    """Streets with numbers, units, floors, buildings and known cities."""
    wanted = asked.expected == "address"
    if not wanted and (not asked.digits or asked.words.isdisjoint(_WORDS)):
        return
    text = asked.text
    for match in _STREET_EN.finditer(text):
        which = "" if match["number"] else "2"
        yield Part(*match.span(f"number{which}"), "number")
        yield Part(*match.span(f"street{which}"), "street")
    for match in _STREET_PT.finditer(text):
        yield Part(*match.span("street"), "street")
        yield Part(*match.span("number"), "number")
    for match in _STREET_ALONE.finditer(text):
        yield Part(*match.span(), "street")
    for role, form in (
        ("unit", _UNIT),
        ("floor", _FLOOR),
        ("building", _BUILDING),
        ("district", _DISTRICT),
        ("city", _PLACE),
        ("city", _AFTER_POSTCODE),
    ):
        for match in form.finditer(text):
            start, end = match.span("city") if role == "city" else match.span()
            yield Part(start, end, role, _value(match))


def _value(match: re.Match[str]) -> str:
    """The bare number of a floor or unit: "3/F" is "3"."""
    found = next((v for name, v in match.groupdict().items() if v and name != "city"), "")
    return found.upper()
