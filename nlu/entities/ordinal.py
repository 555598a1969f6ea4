"""Places in a row: "the second one", "1st", 第三, "a segunda encomenda", "2º". The value is the number.

"first" alone opens sentences more often than it counts, so a word counts only between "the" or "my" and what is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.entities.candidates import Asked, Candidate, candidate
from nlu.entities.numerals import Kind
from nlu.text import words_of

_EN = words_of("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth last")
_PT = words_of("primeir segund terceir quart quint sext setim oitav non decim")
_VALUE = {w: str(n) for n, w in enumerate(_EN, 1)} | {"last": "-1"} | {w: str(n) for n, w in enumerate(_PT, 1)} | {"ultim": "-1"}
_COUNTED = (
    "one item order parcel package option box line invoice payment email"
    " e-mail message address floor product choice question delivery shipment"
    " attempt cup teapot candle page link photo picture reply refund size colour color row"
)
_CONTADO = (
    "encomenda pedido compra peca caixa opcao linha fatura factura pergunta"
    " entrega tentativa unidade mensagem chavena xicara vez morada"
    " artigo item produto pagamento andar link resposta pacote bule cor voz chance semana"
)
_ENGLISH = re.compile(
    rf"\b(?:the|my|our|your|his|her|this|that) (?P<w>{'|'.join(_EN)})(?= (?:{'|'.join(_COUNTED.split())})s?\b|[.,!?]|$)"
    rf"|\b(?P<w2>{'|'.join(_EN[:-1])}) (?=(?:one|item|order|parcel|package|option)\b)",
    re.ASCII,
)
_PORTUGUESE = re.compile(rf"\b(?P<w>{'|'.join(_PT)}|ultim)[oa] (?=(?:{'|'.join(_CONTADO.split())})s?\b)", re.ASCII)
_PORTUGUESE_ALONE = re.compile(
    r"\b(?:o|a|do|da|no|na) (?P<w>primeir|terceir|ultim)[oa](?=[.,!?]|$)|\bo (?P<w2>segund|quart|quint|sext)o(?=[.,!?]|$)", re.ASCII
)
_FIGURES = re.compile(
    r"(?<![0-9a-z.,/])(?P<n>[0-9]{1,3})(?:st|nd|rd|th)\b|(?<![0-9a-z.,/])(?P<n2>[0-9]{1,3})\.?[ºª](?! ?-?feira)", re.ASCII
)
_NO_PLACE = frozenset("次時时手")  # 第一次, 第一時間


def find_ordinals(asked: Asked) -> Iterator[Candidate]:
    """Every place in a row."""
    priority = 74 if asked.expected == "ordinal" else 40
    for form in (_ENGLISH, _PORTUGUESE, _PORTUGUESE_ALONE):
        for match in form.finditer(asked.low):
            group = "w" if match["w"] else "w2"
            if _VALUE.get(match[group]):
                yield candidate(
                    asked, "ordinal", (match.start(group), _word_end(asked.low, match.end(group))), _VALUE[match[group]], priority=priority
                )
    if asked.digits:
        for match in _FIGURES.finditer(asked.low):
            yield candidate(asked, "ordinal", match.span(), str(int(match["n"] or match["n2"])), priority=priority)
    for numeral in asked.numerals if "第" in asked.low else ():
        behind = asked.low[numeral.end : numeral.end + 1]
        if numeral.kind in {Kind.HAN, Kind.DIGITS} and asked.low.endswith("第", 0, numeral.start) and behind not in _NO_PLACE:
            yield candidate(asked, "ordinal", (numeral.start - 1, numeral.end), str(int(numeral.value)), priority=priority)


def _word_end(low: str, at: int) -> int:
    return at + 1 if low[at : at + 1] in {"o", "a"} else at
