"""Which of a macro's texts a customer reads."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge.chinese import to_simplified


def body_for(bodies: Mapping[str, str], language: str) -> tuple[str, str] | None:
    """(language, text) for a customer of `language`: that text, one of the same language elsewhere, Chinese from the other script.

    None when there is none in the customer's language.
    """
    if language in bodies:
        return language, bodies[language]
    if language == "zh-Hans" and "zh-Hant" in bodies:
        return language, to_simplified(bodies["zh-Hant"])
    base = language.partition("-")[0]
    near = next((name for name in bodies if name.partition("-")[0] == base), None)
    return (near, bodies[near]) if near is not None else None


def any_body(bodies: Mapping[str, str], language: str) -> tuple[str, str]:
    """`body_for`, and the first text where there is none."""
    return body_for(bodies, language) or next(iter(bodies.items()))
