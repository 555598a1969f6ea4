"""The variables of macros: `{{contact.first_name}}`, or `{{contact.first_name | there}}` with words for when nothing is known. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rapidfuzz import process

from kit.errors import InvalidInputError

VARIABLES: dict[str, str] = {
    "contact.name": "the customer's name",
    "contact.first_name": "the customer's first name; a Chinese name whole",
    "contact.email": "the customer's e-mail address",
    "contact.phone": "the customer's telephone number",
    "order.number": "the number of the order that is spoken of",
    "order.total": "what that order cost",
    "order.placed_on": "the day on which it was placed",
    "order.items": "what is in it",
    "order.carrier": "who carries its newest parcel",
    "order.tracking_number": "the tracking number of its newest parcel",
    "order.expected_on": "the day on which its newest parcel is expected",
    "agent.name": "the name of the agent who sends it",
    "agent.first_name": "the agent's first name",
}
"""Every variable, and what stands in its place."""
_BRACES = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_LOOSE = re.compile(r"\{\{|\}\}")


class UnknownVariableError(InvalidInputError):
    """The macro names a variable that does not exist."""


class MissingValueError(InvalidInputError):
    """Nothing is known here for a variable of the macro."""


def check_variables(body: str) -> None:
    """Raises UnknownVariableError when `body` names a variable that does not exist, or braces do not fit."""
    for found in _BRACES.finditer(body):
        _name_of(found[1])
    if _LOOSE.search(_BRACES.sub("", body)):
        raise UnknownVariableError("A variable is not closed", hint="Write it as {{contact.first_name}}.")


def fill_variables(body: str, values: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The text with its variables filled, and what each became.

    Raises UnknownVariableError, and MissingValueError where a variable has neither value nor words of its own.
    """
    check_variables(body)
    used: dict[str, str] = {}

    def put(found: re.Match[str]) -> str:
        name, otherwise = _name_of(found[1])
        value = values.get(name) or otherwise
        if value is None:
            raise MissingValueError(
                f"{{{{{name}}}}} has no value here: {VARIABLES[name]} is not known",
                hint=f"Write {{{{{name} | some words}}}} in the macro for when it is not known, or choose the order first.",
            )
        used[name] = value
        return value

    return _BRACES.sub(put, body).strip(), used


def named_in(body: str) -> tuple[str, ...]:
    """The names of the variables of a text, in order."""
    return tuple(dict.fromkeys(found[1].partition("|")[0].strip() for found in _BRACES.finditer(body)))


def _name_of(inside: str) -> tuple[str, str | None]:
    name, bar, otherwise = (part.strip() for part in inside.partition("|"))
    if name not in VARIABLES:
        near = process.extractOne(name, list(VARIABLES), score_cutoff=60)
        hint = f"Did you mean {{{{{near[0]}}}}}? " if near else ""
        raise UnknownVariableError(f"There is no variable {{{{{name}}}}}", hint=f"{hint}There are: {', '.join(VARIABLES)}.")
    return name, otherwise if bar else None
