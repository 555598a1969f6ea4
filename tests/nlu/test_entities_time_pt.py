"""Dates and times as customers write them in European and Brazilian Portuguese; today is Wednesday, 18 November 2026, 12:00."""

from __future__ import annotations

import pytest

from tests.nlu.entity_reading import Found, read

CASES: list[tuple[str, Found]] = [
    ("podem entregar amanhã à tarde?", [("date", "2026-11-19T12:00/2026-11-19T18:00")]),
    ("pode ser na próxima terça-feira", [("date", "2026-11-24")]),
    ("chega daqui a 3 dias?", [("date", "2026-11-21")]),
    ("encomendei há duas semanas", [("date", "2026-11-04")]),
    ("passo aí às 15h30", [("time", "15:30")]),
    ("estão abertos no fim de semana?", [("date", "2026-11-21/2026-11-22")]),
    ("queria receber hoje", [("date", "2026-11-18")]),
    ("paguei ontem e ainda não recebi nada", [("date", "2026-11-17")]),
    ("liguei anteontem", [("date", "2026-11-16")]),
    ("depois de amanhã está bem", [("date", "2026-11-20")]),
    ("preciso disto até sexta-feira", [("date", "2026-11-20", "until")]),
    ("comprei no dia 5 de outubro", [("date", "2026-10-05")]),
    ("a entrega estava prevista para 12/11/2026", [("date", "2026-11-12")]),
    ("entreguem no dia 25", [("date", "2026-11-25")]),
    ("faço anos a 2 de dezembro", [("date", "2026-12-02")]),
    ("a factura de 3 de março de 2026", [("date", "2026-03-03")]),
    ("posso levantar sábado de manhã?", [("date", "2026-11-21T06:00/2026-11-21T12:00")]),
    ("ninguém me responde desde segunda", [("date", "2026-11-16", "from")]),
    ("encomendei na segunda-feira", [("date", "2026-11-16")]),
    ("ontem à noite o site estava em baixo", [("date", "2026-11-17T18:00/2026-11-17T23:59")]),
    ("pode ser amanhã às 10h?", [("date", "2026-11-19T10:00")]),
    ("das 9h às 12h estou em casa", [("time", "09:00/12:00")]),
    ("entre as 14h e as 16h", [("time", "14:00/16:00")]),
    ("ligue-me às três e meia da tarde", [("time", "15:30")]),
    ("ao meio-dia não estou", [("time", "12:00")]),
    ("depois das 18h já estou em casa", [("time", "18:00", "from")]),
    ("a semana passada disseram o mesmo", [("date", "2026-W46")]),
    ("comprei o mês passado", [("date", "2026-10")]),
    ("só volto no próximo mês", [("date", "2026-12")]),
    ("para a semana já não dá", [("date", "2026-W48")]),
    ("semana que vem posso buscar", [("date", "2026-W48")]),
    ("dá para entregar antes do Natal?", [("date", "2026-12-25", "until")]),
    ("estou fora de 5 a 12 de dezembro", [("date", "2026-12-05/2026-12-12")]),
    ("de segunda a quarta estou no escritório", [("date", "2026-11-23/2026-11-25")]),
    ("entre terça e quinta", [("date", "2026-11-24/2026-11-26")]),
    ("na sexta à noite", [("date", "2026-11-20T18:00/2026-11-20T23:59")]),
    ("terça-feira, 24 de novembro", [("date", "2026-11-24")]),
    ("recebi faz uma semana e já partiu", [("date", "2026-11-11")]),
    ("o estafeta disse que vinha dentro de uma hora", [("date", "2026-11-18T13:00")]),
    ("hoje às 20h", [("date", "2026-11-18T20:00")]),
    ("a partir de segunda já posso", [("date", "2026-11-23", "from")]),
    ("no fim do mês mudo de casa", [("date", "2026-11-30")]),
    ("em março volto a encomendar", [("date", "2027-03")]),
    ("entregaram 3 dias atrás", [("date", "2026-11-15")]),
    ("esta tarde não posso", [("date", "2026-11-18T12:00/2026-11-18T18:00")]),
    ("2ª feira às 9h", [("date", "2026-11-23T09:00")]),
    ("pode ser quinta que vem", [("date", "2026-11-26")]),
    ("2026-12-01 às 11:00", [("date", "2026-12-01T11:00")]),
    ("no domingo passado", [("date", "2026-11-15")]),
    ("às 8 da noite", [("time", "20:00")]),
    ("terça feira a noite pode ser", [("date", "2026-11-24T18:00/2026-11-24T23:59")]),
    ("às 15 horas", [("time", "15:00")]),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_what_customers_say_of_time_is_resolved(text: str, found: Found) -> None:
    assert read(text, "pt") == found
