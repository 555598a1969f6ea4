"""YAML whose mappings and lists remember their lines. Scalars follow YAML 1.2 as Rasa reads it: `yes`, `on` and dates stay text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from bot.project.problems import report
from bot.project.types import Place, ProjectError


class LinedDict(dict[str, Any]):
    """A mapping with its file and the line of each key."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.lines: dict[str, int] = {}

    def at(self, key: str) -> Place:
        """Where `key` stands; the mapping itself when it is not there."""
        return Place(self.place.file, self.lines.get(key, self.place.line))


class LinedList(list[Any]):
    """A list with its file and the line of each element."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.lines: list[int] = []

    def at(self, index: int) -> Place:
        """Where element `index` stands."""
        return Place(self.place.file, self.lines[index])


class _Loader(yaml.SafeLoader):
    """Builds nothing by itself; only its resolvers are used."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("tag:yaml.org,2002:float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
    ("tag:yaml.org,2002:null", r"^(?:~|null|Null|NULL|)$", "~nN"),
):
    _Loader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^$"), [""])


def read_yaml(path: Path, *, shown_as: str | None = None) -> Any:
    """The content of a YAML file as LinedDict, LinedList and scalars; None for an empty file. Raises ProjectError with file and line."""
    name = shown_as or str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ProjectError(Place(name, 1), "the file is not UTF-8", remedy="Save it as UTF-8.") from None
    return parse_yaml(text, name=name)


def parse_yaml(text: str, *, name: str) -> Any:
    """Like `read_yaml`, from a string."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ProjectError(
            Place(name, line), f"not valid YAML: {error.problem}", remedy="Check indentation, colons and quotes here."
        ) from None
    except yaml.YAMLError as error:
        raise ProjectError(Place(name, 1), f"not valid YAML: {error}", remedy="Remove the odd character.") from None
    return None if node is None else _build(node, name)


def _build(node: yaml.Node, name: str) -> Any:
    place = Place(name, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _build_mapping(node, place)
    if isinstance(node, yaml.SequenceNode):
        items = LinedList(place)
        for child in node.value:
            items.append(_build(child, name))
            items.lines.append(child.start_mark.line + 1)
        return items
    return _scalar(node)


def _build_mapping(node: yaml.MappingNode, place: Place) -> LinedDict:
    mapping = LinedDict(place)
    for key_node, value_node in node.value:
        key = str(_scalar(key_node)) if isinstance(key_node, yaml.ScalarNode) else ""
        line = key_node.start_mark.line + 1
        if key in mapping:
            raise ProjectError(Place(place.file, line), f"{key!r} is written twice in one mapping", remedy="Keep one of the two.")
        mapping[key] = _build(value_node, place.file)
        mapping.lines[key] = line
    return mapping


def _scalar(node: yaml.Node) -> Any:
    text: str = node.value
    if node.tag.endswith(":bool"):
        return text.lower() == "true"
    if node.tag.endswith(":null"):
        return None
    if node.tag.endswith(":float"):
        return int(text) if re.fullmatch(r"[-+]?[0-9]+", text) else float(text)
    return text


def expect_mapping(value: Any, place: Place, what: str) -> LinedDict:
    """`value` as a mapping (None as an empty one). Raises ProjectError."""
    if value is None:
        return LinedDict(place)
    if not isinstance(value, LinedDict):
        raise ProjectError(place, f"{what} must be a mapping", remedy="Write `name: value` pairs below it.")
    return value


def expect_list(value: Any, place: Place, what: str) -> LinedList:
    """`value` as a list (None as an empty one). Raises ProjectError."""
    if value is None:
        return LinedList(place)
    if not isinstance(value, LinedList):
        raise ProjectError(place, f"{what} must be a list", remedy="Begin each entry below it with a dash.")
    return value


def expect_text(value: Any, place: Place, what: str) -> str:
    """`value` as text. Raises ProjectError."""
    if not isinstance(value, str) or not value.strip():
        raise ProjectError(place, f"{what} must be text", remedy="Write a name or sentence there, in quotes if it looks like a number.")
    return value


def refuse_unknown(mapping: LinedDict, known: tuple[str, ...], what: str) -> None:
    """Reports a problem for each key of `mapping` that is not in `known` (see `bot.project.problems`)."""
    for key in mapping:
        if key not in known:
            report(ProjectError(mapping.at(key), f"unknown key {key!r} in {what}", remedy=f"Known keys: {', '.join(known)}."))
