"""Files of dialogues and of the articles that answer in them, as `baton evaluate assist` reads them."""

from __future__ import annotations

from pathlib import Path

from app.commands.evaluate import read_numbered
from assist.dialogues import Dialogue, parse_dialogue
from assist.snippets import Snippet, snippets_of
from kit.errors import InvalidInputError
from knowledge.articles import MAX_BODY


def read_dialogues(path: Path) -> list[Dialogue]:
    """The dialogues of a JSONL file. Raises NotFoundError, or InvalidInputError with the line."""
    found: list[Dialogue] = []
    seen: dict[str, int] = {}
    for number, row in read_numbered(path):
        try:
            dialogue = parse_dialogue(row)
        except InvalidInputError as error:
            raise InvalidInputError(f"{path}:{number}: {error.message}", hint=error.hint) from None
        if dialogue.id in seen:
            raise InvalidInputError(f"{path}:{number}: the id {dialogue.id!r} is that of line {seen[dialogue.id]} too")
        seen[dialogue.id] = number
        found.append(dialogue)
    return found


def read_snippets(path: Path) -> list[Snippet]:
    """The articles of a JSONL file. Raises NotFoundError, or InvalidInputError with the line."""
    rows: dict[str, tuple[str, str, str]] = {}
    for number, row in read_numbered(path):
        for name, kinds in (("id", str | int), ("title", str), ("text", str)):
            if not isinstance(row.get(name), kinds):
                raise InvalidInputError(f"{path}:{number}: there is no {name!r}", hint='An article is {"id", "title", "text"}.')
        identity, title, text = (str(row[name]).encode("utf-8", "replace").decode() for name in ("id", "title", "text"))
        if identity in rows:
            raise InvalidInputError(f"{path}:{number}: the article {identity!r} was there before")
        rows[identity] = (identity, title, text[:MAX_BODY])
    return snippets_of(list(rows.values()))
