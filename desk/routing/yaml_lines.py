"""YAML with the line of everything in it, read strictly: what is odd becomes a problem with a line and a remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import yaml

_DURATION = re.compile(r"(\d{1,6})\s*(s|m|h|d)")
LONGEST = 100_000
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Problem:
    """What is wrong with the rules, where, and what to do. A warning does not keep them from being used."""

    line: int
    text: str
    remedy: str
    warning: bool = False

    def __str__(self) -> str:
        """As one line for people."""
        return f"line {self.line}: {self.text}. {self.remedy}"


class UnreadableError(Exception):
    """The text is not YAML at all; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True)
class Node:
    """A value with its line. A mapping holds nodes by key, a list holds nodes, all else is text."""

    value: Any
    line: int
    keys: dict[str, int] = field(default_factory=dict)


class Reader:
    """Takes a document apart and gathers the problems."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def report(self, line: int, text: str, remedy: str) -> None:
        """Notes a problem."""
        self.problems.append(Problem(line, text, remedy))

    def mapping(self, node: Node | None, known: tuple[str, ...] | None, what: str) -> dict[str, Node]:
        """The entries of a mapping (None as an empty one); `known` names the keys that there are."""
        if node is None or node.value in (None, ""):
            return {}
        if not isinstance(node.value, dict):
            self.report(node.line, f"{what} must be `name: value` pairs", "Write one pair a line below it.")
            return {}
        for key in node.value:
            if known is not None and key not in known:
                self.report(node.keys[key], f"{key!r} is unknown in {what}", f"Known are: {', '.join(known)}.")
        return node.value

    def items(self, node: Node | None, what: str) -> list[Node]:
        """The entries of a list (None as an empty one)."""
        if node is None or node.value in (None, ""):
            return []
        if not isinstance(node.value, list):
            self.report(node.line, f"{what} must be a list", "Begin each entry below it with a dash.")
            return []
        return node.value

    def texts(self, node: Node, what: str, allowed: tuple[str, ...] = ()) -> tuple[str, ...]:
        """One text, or a list of texts; `allowed` are all that there are."""
        nodes = node.value if isinstance(node.value, list) else [node]
        found = tuple(self.text(n, what) for n in nodes)
        for text, n in zip(found, nodes, strict=True):
            if text and allowed and text not in allowed:
                self.report(n.line, f"{text!r} is no {what}", f"There are: {', '.join(allowed)}.")
        if not found:
            self.report(node.line, f"{what} has no value", "Write one, or take the line out.")
        return found

    def text(self, node: Node, what: str) -> str:
        """A text."""
        if not isinstance(node.value, str) or not node.value.strip():
            self.report(node.line, f"{what} must be a text", "Write a word there.")
            return ""
        return node.value.strip()

    def duration(self, node: Node, what: str) -> timedelta:
        """A time such as 90s, 3m, 2h or 7d."""
        found = _DURATION.fullmatch(node.value.strip()) if isinstance(node.value, str) else None
        if found is None:
            self.report(node.line, f"{what} must be a time", "Write a number and s, m, h or d, as in 3m.")
            return timedelta()
        return timedelta(**{_UNITS[found[2]]: int(found[1])})

    def number(self, node: Node, what: str, least: int, most: int) -> int:
        """A whole number in a range."""
        text = node.value if isinstance(node.value, str) else ""
        if not text.isdecimal() or not least <= int(text) <= most:
            self.report(node.line, f"{what} must be a number from {least} to {most}", "Write such a number.")
            return least
        return int(text)


def read_lines(text: str) -> Node | None:
    """A document; None when it is empty. Raises UnreadableError."""
    if len(text) > LONGEST:
        raise UnreadableError(Problem(1, f"the rules are longer than {LONGEST:,} characters", "Write fewer of them."))
    try:
        alias = next((event for event in yaml.parse(text, Loader=yaml.SafeLoader) if isinstance(event, yaml.AliasEvent)), None)
        if alias is not None:
            raise UnreadableError(
                Problem(alias.start_mark.line + 1 if alias.start_mark else 1, "aliases (*name) are not read here", "Write the part out.")
            )
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        return None if node is None else _build(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UnreadableError(Problem(line, f"this is not YAML: {error.problem}", "Look at indentation, colons and quotes.")) from None
    except (yaml.YAMLError, RecursionError):
        raise UnreadableError(Problem(1, "this is not YAML", "Take out odd characters, and do not nest so deeply.")) from None


def _build(node: yaml.Node) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return _build_mapping(node, line)
    if isinstance(node, yaml.SequenceNode):
        return Node([_build(child) for child in node.value], line)
    return Node(str(node.value), line)


def _build_mapping(node: yaml.MappingNode, line: int) -> Node:
    built: dict[str, Node] = {}
    keys: dict[str, int] = {}
    for key, key_line, value in _pairs(node):
        if key in built:
            raise UnreadableError(Problem(key_line, f"{key!r} is written twice", f"Keep one of them: the other is on line {keys[key]}."))
        built[key], keys[key] = _build(value), key_line
    return Node(built, line, keys)


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[str, int, yaml.Node]]:
    for key, value in node.value:
        yield str(key.value), key.start_mark.line + 1, value
