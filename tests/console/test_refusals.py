"""Refusals are told in the language of the page: every sentence that the desk and its pages may refuse with has its translation."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from console.language import speak
from console.refusals.kinds_zh import KINDS
from console.refusals.telling import TEMPLATES, tell, tell_in_one, told_text, translated
from context.handling import OwnershipError
from context.inbound import MessageEmptyError
from kit.errors import BatonError, InvalidInputError, NotFoundError

ROOT = Path(__file__).parents[2]
REACHED = ("console", "desk", "assist", "insights", "context/staff", "context/macros", "context/labels", "context/attachments")
FILES = (
    "context/handling.py", "context/ownership.py", "context/closing.py", "context/outbound.py", "context/inbound.py",
    "context/addresses.py", "context/webhooks/keeping.py", "channels/managing.py", "channels/comments.py", "channels/accounts.py",
    "channels/base.py",
    "context/sleeping.py", "context/callbacks.py", "context/publishing.py", "context/conversations.py", "kit/file_kinds.py",
    "knowledge/articles.py", "knowledge/checking.py", "knowledge/categories.py", "knowledge/files.py", "knowledge/stored.py",
    "knowledge/reading.py", "knowledge/working_copies.py", "knowledge/imports/runs.py", "knowledge/imports/sources.py",
)  # fmt: skip
OTHERS = {"ValueError", "TypeError", "RuntimeError", "KeyError", "LookupError", "UnknownEventError"}
ELSEWHERE = ("endpoints.py", "assist/replies.py", "dialogues.py", "health/asking.py", "evaluating.py")
NOT_TOLD = {"no_conversation", "not_found"}


def templates(tree: ast.AST) -> Iterator[str]:
    """The sentences of refusals, with {} where something is filled in."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Error")):
            continue
        if node.func.id not in OTHERS:
            for part in [*node.args[:1], *(k.value for k in node.keywords if k.arg == "hint")]:
                yield from _template(part)


def _template(part: ast.expr) -> Iterator[str]:
    if isinstance(part, ast.Constant) and isinstance(part.value, str):
        yield part.value
    elif isinstance(part, ast.IfExp):
        yield from (*_template(part.body), *_template(part.orelse))
    elif isinstance(part, ast.JoinedStr):
        yield "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in part.values)


def sources() -> list[Path]:
    """Whose refusals a person of the console may read: not those of `/v1` alone, nor of the command line."""
    return sorted(
        {
            *(path for folder in REACHED for path in (ROOT / folder).rglob("*.py") if not str(path).endswith(ELSEWHERE)),
            *(ROOT / name for name in FILES),
        }
    )


def test_every_sentence_that_a_person_may_be_refused_with_is_there_in_chinese() -> None:
    known = {*TEMPLATES, *KINDS, *NOT_TOLD}
    said = {path: set(templates(ast.parse(path.read_text(encoding="utf-8")))) - known for path in sources()}
    assert {str(path.relative_to(ROOT)): missing for path, missing in said.items() if missing} == {}


def test_every_kind_of_refusal_below_the_console_has_a_sentence() -> None:
    found = {}
    for folder in ("kit", "context/staff", "desk", "assist", "insights", "context/macros", "context/attachments", "knowledge"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id in ANCESTORS for b in node.bases):
                    found[node.name] = (ast.get_docstring(node) or "").split("\n", 1)[0]
    assert {name: said for name, said in found.items() if said not in KINDS} == {}


_FAMILY: list[type[BatonError]] = [BatonError, *BatonError.__subclasses__()]
ANCESTORS = {kind.__name__ for kind in _FAMILY if kind.__module__ == "kit.errors"}


def test_places_are_filled_in_chinese_too() -> None:
    for english, chinese in TEMPLATES.items():
        numbers = {f"{{{n}}}" for n in range(english.count("{}"))}
        assert {n for n in numbers if n in chinese} == numbers, english


def test_a_refusal_speaks_the_language_of_the_page() -> None:
    refused = OwnershipError("Ana holds this conversation", hint="Ask them to release or transfer it.")
    assert tell(refused) == ("Ana holds this conversation", "Ask them to release or transfer it.")
    speak("zh-Hant")
    assert tell(refused) == ("這個對話由 Ana 處理中", "請對方放回或轉交。")
    assert tell(MessageEmptyError())[0] == "訊息是空的。"
    assert told_text("The customer has just written") == "客人剛剛寫了訊息"


def test_what_nobody_translated_is_told_by_its_kind_and_never_lost() -> None:
    speak("zh-Hant")
    assert tell_in_one(InvalidInputError("Row 7 is odd", hint="Mend it.")) == "輸入的內容無法接受。 (Row 7 is odd) Mend it."
    assert tell(NotFoundError())[0] == "這裡沒有這個東西。"
    assert translated("Row 7 is odd") is None
    assert told_text("Row 7 is odd") == "Row 7 is odd"
