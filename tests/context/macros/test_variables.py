"""The variables of macros: filled, refused, with words for when nothing is known."""

from __future__ import annotations

import pytest

from context.macros.languages import any_body, body_for
from context.macros.values import first_name
from context.macros.variables import VARIABLES, MissingValueError, UnknownVariableError, check_variables, fill_variables, named_in


def test_variables_are_filled_and_said() -> None:
    text, used = fill_variables(
        "Hi {{contact.first_name}}, {{ order.number }} is here.", {"contact.first_name": "Ana", "order.number": "LC-1"}
    )
    assert text == "Hi Ana, LC-1 is here."
    assert used == {"contact.first_name": "Ana", "order.number": "LC-1"}


def test_words_stand_in_where_nothing_is_known() -> None:
    assert fill_variables("Hi {{contact.first_name | there}}!", {})[0] == "Hi there!"
    assert fill_variables("Hi{{contact.first_name|}}!", {})[0] == "Hi!"


def test_a_value_that_is_not_known_is_an_error_that_names_it() -> None:
    with pytest.raises(MissingValueError, match=r"order\.number"):
        fill_variables("Order {{order.number}}", {"contact.name": "Ana"})


@pytest.mark.parametrize(
    "body", ["{{contact.frist_name}}", "{{ }}", "{{order}}", "{{contact.name", "contact.name}}", "{{contact.name}} {{x | y}}"]
)
def test_an_unknown_variable_is_refused(body: str) -> None:
    with pytest.raises(UnknownVariableError):
        check_variables(body)


def test_a_slip_of_the_pen_gets_the_right_name_as_a_hint() -> None:
    with pytest.raises(UnknownVariableError) as refused:
        check_variables("{{contact.frist_name}}")
    assert "contact.first_name" in (refused.value.hint or "").split("?")[0]


@pytest.mark.parametrize("value", ["{{order.number}}", "{{nonsense}}", "$&", r"\1"])
def test_what_a_customer_is_called_is_never_read_as_a_variable(value: str) -> None:
    assert fill_variables("Hi {{contact.name}}!", {"contact.name": value, "order.number": "LC-1"})[0] == f"Hi {value}!"


def test_every_variable_can_be_named() -> None:
    assert named_in(" ".join(f"{{{{{name} | x}}}}" for name in VARIABLES)) == tuple(VARIABLES)


@pytest.mark.parametrize(("name", "first"), [("Ana Demo", "Ana"), ("燈小茶", "燈小茶"), ("", None), (None, None), ("  ", None)])
def test_first_names(name: str | None, first: str | None) -> None:
    assert first_name(name) == first


def test_the_text_is_that_of_the_customers_language() -> None:
    bodies = {"en": "Hello", "zh-Hant": "訂單", "pt": "Olá"}
    assert body_for(bodies, "pt-BR") == ("pt", "Olá")
    assert body_for(bodies, "zh-Hans") == ("zh-Hans", "订单")
    assert body_for(bodies, "fr") is None
    assert any_body(bodies, "fr") == ("en", "Hello")
