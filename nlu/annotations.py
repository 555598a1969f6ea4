"""Rasa 3 entity annotations: `[text](name)`, `[text](name:value)`, `[text]{"entity": ...}` and `[text][{...}, {...}]`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from nlu.data import EntitySpan

_ANNOTATION = re.compile(
    r"\[(?P<text>[^\[\]]+)\]"
    r"(?:\((?P<name>[^:()\[\]{}]+)(?::(?P<value>[^)]+))?\)|(?P<one>\{[^{}]*\})|\[(?P<many>\{[^\]]*\})\])"
)
_BROKEN = re.compile(r"\[[^\[\]]*\](?:\(|\{|\[\{)")
_FIELDS = frozenset({"entity", "value", "role", "group"})


class AnnotationError(ValueError):
    """An entity annotation is malformed."""


@dataclass(frozen=True)
class Annotated:
    """The plain sentence with its spans."""

    text: str
    entities: tuple[EntitySpan, ...]


def parse_annotations(source: str) -> Annotated:
    """The sentence without its markup. Brackets that no annotation follows are text. Raises AnnotationError."""
    if "[" not in source:
        return Annotated(source, ())
    text, spans, at = "", [], 0
    for match in _ANNOTATION.finditer(source):
        text += _plain(source[at : match.start()])
        start, at = len(text), match.end()
        text += match["text"]
        spans += [_span(entry, match["text"], start) for entry in _entries(match)]
    text += _plain(source[at:])
    return Annotated(text, tuple(spans))


def _plain(part: str) -> str:
    if _BROKEN.search(part):
        raise AnnotationError(f"the annotation in {part.strip()!r} is not closed or not understood")
    return part


def _entries(match: re.Match[str]) -> list[dict[str, Any]]:
    if match["name"]:
        return [{"entity": match["name"].strip(), "value": match["value"]}]
    source = match["one"] or f"[{match['many']}]"
    try:
        found = json.loads(source)
    except ValueError as error:
        raise AnnotationError(f"{source} is not valid JSON ({error})") from None
    entries = found if isinstance(found, list) else [found]
    for entry in entries:
        if not isinstance(entry, dict) or not entry.get("entity") or set(entry) - _FIELDS:
            raise AnnotationError(f'{source} needs "entity" and may have "value", "role" and "group" only')
    return entries


def _span(entry: dict[str, Any], text: str, start: int) -> EntitySpan:
    value = text if entry.get("value") is None else str(entry["value"])
    role, group = (None if entry.get(k) is None else str(entry[k]) for k in ("role", "group"))
    return EntitySpan(str(entry["entity"]), text, value, start, start + len(text), role, group)
