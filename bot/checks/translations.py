"""Every response in every language, with the same placeholders and buttons."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.checks.finding import Finding
from bot.project.types import Project, Response

_PLACEHOLDER = re.compile(r"\{[^{}]+\}")


def translation_findings(project: Project) -> Iterator[Finding]:
    """Languages are those that have responses; Simplified Chinese is made from Traditional and need not be written."""
    languages = sorted(language for language, said in project.responses.items() if said)
    every = sorted({name for said in project.responses.values() for name in said})
    for name in every:
        versions = {language: project.responses[language][name] for language in languages if name in project.responses[language]}
        first = next(iter(versions.values()))
        for language in languages:
            if language not in versions and not (language == "zh-Hans" and "zh-Hant" in versions):
                yield Finding.error(first.place, f"{name!r} is not said in {language}", remedy="Translate it.")
        for response in list(versions.values())[1:]:
            yield from _compare(first, response)


def _compare(first: Response, other: Response) -> Iterator[Finding]:
    if _placeholders(first) != _placeholders(other):
        shown = ", ".join(sorted(_placeholders(first) ^ _placeholders(other)))
        yield Finding.error(other.place, f"{other.name!r} differs in {shown} from {first.place}", remedy="Use the same placeholders.")
    if _payloads(first) != _payloads(other):
        yield Finding.error(other.place, f"{other.name!r} has other buttons than {first.place}", remedy="Give both the same payloads.")


def _placeholders(response: Response) -> set[str]:
    return {found for v in response.variations for found in _PLACEHOLDER.findall(v.text)}


def _payloads(response: Response) -> list[list[str]]:
    return sorted([b.payload for b in v.buttons] for v in response.variations if v.buttons)
