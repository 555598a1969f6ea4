"""Reads Rasa 3 NLU YAML with file and line of every sentence, and says where and how a malformed file is to be mended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from nlu.annotations import AnnotationError, parse_annotations
from nlu.data import Example, Lookup, Regex, Synonym, TrainingData, TrainingDataError

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KINDS = ("intent", "synonym", "lookup", "regex")
_SHAPE = "Write `- intent: name` with `examples: |` and one `- sentence` a line below it."


def read_training_data(paths: Iterable[Path], *, language: str = "en") -> TrainingData:
    """All NLU data in files and folders (searched for .yml and .yaml), in sorted order.

    The language of a file is the folder `nlu/<lang>/` it lies in, else `language`. Files without `nlu:` (rules, stories) are passed over.
    Raises TrainingDataError (an InvalidInputError) that names file and line.
    """
    found = _Found()
    for path in paths:
        if not path.exists():
            raise TrainingDataError("there is no such file or folder", file=str(path), line=1, hint="Check the path.")
        for file in sorted(_files(path)):
            _FileReader(file, language_of(file, language), found).read()
    return TrainingData(tuple(found.examples), tuple(found.synonyms), tuple(found.lookups), tuple(found.regexes))


def language_of(file: Path, default: str) -> str:
    """The folder after `nlu` (or `tests`, for held-out sentences) in the path, else `default`."""
    parts = file.parent.parts
    for root in ("nlu", "tests"):
        if root in parts:
            after = parts[len(parts) - parts[::-1].index(root) :]
            if after:
                return after[0]
    return default


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    yield from (file for file in path.rglob("*") if file.suffix in {".yml", ".yaml"} and file.is_file())


@dataclass
class _Found:
    examples: list[Example] = field(default_factory=list)
    synonyms: list[Synonym] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)
    regexes: list[Regex] = field(default_factory=list)


@dataclass(frozen=True)
class _Line:
    text: str
    line: int
    metadata: dict[str, Any] = field(default_factory=dict)


class _FileReader:
    def __init__(self, file: Path, language: str, found: _Found) -> None:
        self._file, self._language, self._found = str(file), language, found

    def read(self) -> None:
        root = self._compose()
        if root is None:
            return
        if not isinstance(root, yaml.MappingNode):
            raise self._error("the file is not a mapping", root, "Begin it with `nlu:`.")
        for key, value in root.value:
            if key.value == "nlu" and not _is_null(value):
                for item in self._sequence(value, "`nlu:` is not a list", _SHAPE):
                    self._read_item(item)

    def _compose(self) -> yaml.Node | None:
        try:
            text = Path(self._file).read_text(encoding="utf-8")
            node: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
        except UnicodeDecodeError:
            raise self._problem("the file is not UTF-8", 1, "Save it as UTF-8.") from None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
            problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
            line = mark.line + 1 if mark else 1
            raise self._problem(f"malformed YAML: {problem}", line, "Check indentation, quotes and colons at this line.") from None
        return node

    def _read_item(self, item: yaml.Node) -> None:
        if not isinstance(item, yaml.MappingNode):
            raise self._error("an entry of `nlu:` is not a mapping", item, _SHAPE)
        fields = {str(key.value): value for key, value in item.value}
        kind = next((k for k in _KINDS if k in fields), None)
        if kind is None:
            raise self._error(f"an entry has none of {', '.join(_KINDS)}", item, _SHAPE)
        name = fields[kind]
        if not isinstance(name, yaml.ScalarNode) or not name.value.strip():
            raise self._error(f"`{kind}:` has no name", name, f"Write `- {kind}: name`.")
        if "examples" not in fields:
            raise self._error(f"{kind} {name.value!r} has no `examples:`", item, _SHAPE)
        self._store(kind, name.value.strip(), name.start_mark.line + 1, list(self._lines(fields["examples"])))

    def _store(self, kind: str, name: str, line: int, lines: list[_Line]) -> None:
        where = {"language": self._language, "file": self._file}
        if kind == "intent":
            self._found.examples += [self._example(name, entry) for entry in lines]
        elif kind == "synonym":
            self._found.synonyms += [Synonym(name, entry.text, line=entry.line, **where) for entry in lines]
        elif kind == "lookup":
            self._found.lookups.append(Lookup(name, tuple(entry.text for entry in lines), line=line, **where))
        else:
            self._found.regexes += [Regex(name, self._pattern(entry), line=entry.line, **where) for entry in lines]

    def _example(self, intent: str, entry: _Line) -> Example:
        try:
            annotated = parse_annotations(entry.text)
        except AnnotationError as error:
            hint = 'Write [text](name) or [text]{"entity": "name", "value": "..."}.'
            raise self._problem(str(error), entry.line, hint) from None
        for span in annotated.entities:
            if span.value != span.text:
                self._found.synonyms.append(Synonym(span.value, span.text, self._language, self._file, entry.line))
        return Example(annotated.text, intent, self._language, annotated.entities, self._file, entry.line, entry.metadata)

    def _pattern(self, entry: _Line) -> str:
        try:
            re.compile(entry.text)
        except re.error as error:
            raise self._problem(f"{entry.text!r} is not a regular expression ({error})", entry.line, "Mend the pattern.") from None
        return entry.text

    def _lines(self, node: yaml.Node) -> Iterator[_Line]:
        if _is_null(node):
            return
        if isinstance(node, yaml.ScalarNode):
            yield from self._block(node)
            return
        for item in self._sequence(node, "`examples:` is neither a block nor a list", _SHAPE):
            yield self._listed(item)

    def _block(self, node: yaml.ScalarNode) -> Iterator[_Line]:
        first = node.start_mark.line + (2 if node.style in {"|", ">"} else 1)
        for number, raw in enumerate(node.value.split("\n"), start=first):
            line = raw.strip()
            if not line or line.startswith("#"):
                continue
            if not line.startswith("-") or not line[1:].strip():
                raise self._problem(f"{line!r} is not an example", number, "Begin every example with `- `.")
            yield _Line(line[1:].strip(), number)

    def _listed(self, item: yaml.Node) -> _Line:
        if isinstance(item, yaml.ScalarNode) and item.value.strip():
            return _Line(item.value.strip(), item.start_mark.line + 1)
        fields = {str(key.value): value for key, value in item.value} if isinstance(item, yaml.MappingNode) else {}
        text = fields.get("text")
        if not isinstance(text, yaml.ScalarNode) or not text.value.strip():
            raise self._error("an example has no `text:`", item, "Write `- text: |` with the sentence below it.")
        line = text.start_mark.line + (2 if text.style in {"|", ">"} else 1)
        metadata = fields.get("metadata")
        values = yaml.safe_load(yaml.serialize(metadata)) if metadata is not None else {}
        sentence = text.value.strip().removeprefix("- ").strip()
        return _Line(sentence, line, values if isinstance(values, dict) else {"metadata": values})

    def _sequence(self, node: yaml.Node, problem: str, hint: str) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            raise self._error(problem, node, hint)
        return list(node.value)

    def _error(self, problem: str, node: yaml.Node, hint: str) -> TrainingDataError:
        return self._problem(problem, node.start_mark.line + 1, hint)

    def _problem(self, problem: str, line: int, hint: str) -> TrainingDataError:
        return TrainingDataError(problem, file=self._file, line=line, hint=hint)


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"
