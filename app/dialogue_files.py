"""Files of dialogues and of the articles that answer in them, as `baton evaluate assist` reads them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.commands.evaluate import read_numbered
from assist.dialogues import AGENT, CUSTOMER, Dialogue, parse_dialogue
from assist.snippets import Snippet, snippets_of
from kit.errors import InvalidInputError
from knowledge.articles import MAX_BODY

_READ = 500  # characters of a dialogue by which its language is known


def read_dialogues(path: Path) -> list[Dialogue]:
    """The dialogues of a JSONL file. Raises NotFoundError, or InvalidInputError with the line.

    An id may stand several times, as rows may be moments of one dialogue: each is replayed for itself.
    """
    found: list[Dialogue] = []
    for number, row in read_numbered(path):
        try:
            found.append(parse_dialogue(row))
        except InvalidInputError as error:
            raise InvalidInputError(f"{path}:{number}: {error.message}", hint=error.hint) from None
    return found


def spoken_in(dialogues: Sequence[Dialogue]) -> list[str]:
    """What people say in the dialogues, one text for each: by it their language is known."""
    return [" ".join(turn.text for turn in one.turns if turn.speaker in (CUSTOMER, AGENT))[:_READ] for one in dialogues]


def read_snippets(path: Path) -> list[Snippet]:
    """The articles of a JSONL file. Raises NotFoundError, or InvalidInputError with the line. Rows of one id are parts of one article."""
    rows: dict[str, tuple[str, str, str]] = {}
    for number, row in read_numbered(path):
        for name, kinds in (("id", str | int), ("title", str), ("text", str)):
            if not isinstance(row.get(name), kinds):
                raise InvalidInputError(f"{path}:{number}: there is no {name!r}", hint='An article is {"id", "title", "text"}.')
        identity, title, text = (str(row[name]).encode("utf-8", "replace").decode() for name in ("id", "title", "text"))
        _, first, before = rows.get(identity, (identity, title, ""))
        whole = before if text in before else f"{before}\n\n{text}".strip()
        rows[identity] = (identity, first, whole[:MAX_BODY])
    return snippets_of(list(rows.values()))
