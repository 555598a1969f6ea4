"""Says a response in the customer's language: picks a variation by the turn, fills the slots in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from bot.actions.own_words import OWN_WORDS
from bot.project.types import Place, Project, Response, Variation
from context.types import Button, Content
from kit.errors import NotFoundError
from knowledge.chinese import to_simplified

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_DOUBLED = re.compile(r"\{\{|\{([A-Za-z_][A-Za-z0-9_]*)\}|\}\}")


class Speaker:
    """The responses of a project. Simplified Chinese is converted from Traditional by OpenCC where it is not written by hand."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def find(self, name: str, language: str) -> tuple[Response, str] | None:
        """The response in the nearest language, and that language."""
        for candidate in language_chain(language, default=self.project.config.language):
            response = self.project.responses.get(candidate, {}).get(name)
            if response:
                return response, candidate
        for candidate, said in self.project.responses.items():
            if name in said:
                return said[name], candidate
        return _own_words(name, language, default=self.project.config.language)

    def say(self, name: str, *, language: str, values: Mapping[str, Any], key: str, channel: str = "") -> Content | None:
        """The content of a response; `key` (the turn) decides among variations. None when every variation has a condition that fails.

        Raises NotFoundError when nobody says `name`.
        """
        found = self.find(name, language)
        if found is None:
            raise NotFoundError(f"There is no response {name!r}")
        response, spoken = found
        variation = _choose(response, values, key=key, channel=channel)
        if variation is None:
            return None

        def write(text: str) -> str:
            if spoken == "zh-Hant" and language == "zh-Hans":
                text = to_simplified(text).replace("甚么", "什么")
            return fill(text, values)

        buttons = tuple(Button(write(b.title), fill(b.payload, values)) for b in variation.buttons)
        return Content(write(variation.text), buttons=buttons, custom=fill_all(variation.custom, values))


def _own_words(name: str, language: str, *, default: str) -> tuple[Response, str] | None:
    """What Baton says itself where no project has a word for it."""
    known = OWN_WORDS.get(name)
    if known is None:
        return None
    spoken = next((c for c in language_chain(language, default=default) if c in known), "en")
    place = Place("bot/actions/own_words.py", 1)
    return Response(name, place, (Variation(known[spoken], place),)), spoken


def language_chain(language: str, *, default: str) -> tuple[str, ...]:
    """The languages to try, best first: zh-Hans falls back to zh-Hant, pt-BR to pt, all to the default and English."""
    base = language.split("-", 1)[0]
    chain = [language]
    chain += ["zh-Hant", "zh-Hans"] if base == "zh" else [base]
    return tuple(dict.fromkeys([*chain, default, "en"]))


def fill(text: str, values: Mapping[str, Any]) -> str:
    """`text` with each `{name}` replaced by its value in one pass; unknown names and `{effect:...}` stay as they are.

    Where braces are written double, as a payload with JSON and a slot must, they become single ones.
    """

    def value_of(match: re.Match[str]) -> str:
        if match[1] not in values:
            return match[0]
        value = values[match[1]]
        return "" if value is None else str(value).replace("{", "(").replace("}", ")")

    if "{{" in text and "}}" in text:
        return _DOUBLED.sub(lambda m: m[0][0] if m[0] in ("{{", "}}") else value_of(m), text)
    return _PLACEHOLDER.sub(value_of, text)


def fill_all(value: Any, values: Mapping[str, Any]) -> Any:
    """`fill` for every text within mappings and lists."""
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, Mapping):
        return {k: fill_all(v, values) for k, v in value.items()}
    return [fill_all(v, values) for v in value] if isinstance(value, list) else value


def _choose(response: Response, values: Mapping[str, Any], *, key: str, channel: str) -> Variation | None:
    """One of the variations that fit best (as Rasa 3): for the channel with a condition that holds, for the channel, with a condition."""
    held = [v for v in response.variations if v.conditions and all(_same(values.get(c.slot), c.value) for c in v.conditions)]
    plain = [v for v in response.variations if not v.conditions]
    groups = ([v for v in found if v.channel == wanted] for wanted in (channel, None) for found in (held, plain))
    choice: list[Variation] = next((group for group in groups if group), [])
    if not choice:
        return None
    digest = hashlib.sha256(f"{key}:{response.name}".encode()).digest()
    return choice[int.from_bytes(digest[:4], "big") % len(choice)]


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        return value.casefold() == wanted.casefold()
    return bool(value == wanted)
