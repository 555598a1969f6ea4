"""Human dialogues as they are replayed: turns of customer and agent, what was looked up between them, and what was then used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from kit.errors import InvalidInputError
from nlu.text import clean

CUSTOMER, AGENT, ACTION, KB = "customer", "agent", "action", "kb"
SPEAKERS = (CUSTOMER, AGENT, ACTION, KB)


@dataclass(frozen=True)
class Turn:
    """One turn. `label` names the reply of an agent turn, where it is one of the known replies; `action` what was called, if it was.

    `values` is what it was called with, as (name, value).
    """

    speaker: str
    text: str
    label: str = ""
    action: str = ""
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Dialogue:
    """A dialogue. `needs_kb` (None: not said) is about its last customer turn, `relevant` are the articles that answer that turn."""

    id: str
    turns: tuple[Turn, ...]
    needs_kb: bool | None = None
    relevant: frozenset[str] = frozenset()

    def before_reply(self) -> tuple[Turn, ...]:
        """The turns up to the last one of the customer."""
        last = max((place for place, turn in enumerate(self.turns) if turn.speaker == CUSTOMER), default=-1)
        return self.turns[: last + 1]


def parse_dialogue(row: Mapping[str, Any]) -> Dialogue:
    """A dialogue from {"id", "turns": [{"speaker", "text"[, "label", "action"]}][, "needs_kb", "relevant"]}; other fields are not read.

    In particular neither `options` (what an agent could choose from) nor `draft` (what the agent typed first): both give the reply away.
    Raises InvalidInputError.
    """
    turns = row.get("turns")
    if not isinstance(turns, list) or not turns:
        raise InvalidInputError("there are no 'turns'", hint='A dialogue is {"id", "turns": [{"speaker", "text"}]}.')
    dialogue = Dialogue(_identity(row), tuple(_turn(one, number) for number, one in enumerate(turns, 1)), *_knowledge(row))
    if dialogue.needs_kb is not None and not dialogue.before_reply():
        raise InvalidInputError("'needs_kb' is said of a dialogue without a turn of the customer")
    return dialogue


def _identity(row: Mapping[str, Any]) -> str:
    identity = row.get("id")
    if not isinstance(identity, str | int) or isinstance(identity, bool) or identity == "":
        raise InvalidInputError("there is no 'id'", hint="Every dialogue needs a name of its own.")
    return clean(str(identity))


def _turn(row: Any, number: int) -> Turn:
    if not isinstance(row, Mapping):
        raise InvalidInputError(f"turn {number} is not an object")
    speaker, text, label = row.get("speaker"), row.get("text"), row.get("label")
    if speaker not in SPEAKERS:
        raise InvalidInputError(f"turn {number} has the speaker {speaker!r}", hint=f"Speakers are {', '.join(SPEAKERS)}.")
    if text is None and speaker in (ACTION, KB):
        text = ""
    if not isinstance(text, str):
        raise InvalidInputError(f"turn {number} has no 'text'")
    if label is not None and not isinstance(label, str):
        raise InvalidInputError(f"turn {number} has a 'label' that is not text")
    action = row.get("action")
    name = action.get("name") if isinstance(action, Mapping) else action
    return Turn(str(speaker), clean(text), clean(label or ""), clean(name) if isinstance(name, str) else "", _values(action))


def _values(action: Any) -> tuple[tuple[str, str], ...]:
    values = action.get("values") if isinstance(action, Mapping) else None
    if isinstance(values, list):
        return tuple(("", clean(str(value))) for value in values)
    return tuple((clean(str(name)), clean(str(value))) for name, value in values.items()) if isinstance(values, Mapping) else ()


def _knowledge(row: Mapping[str, Any]) -> tuple[bool | None, frozenset[str]]:
    needs, relevant = row.get("needs_kb"), row.get("relevant")
    if needs is not None and not isinstance(needs, bool):
        raise InvalidInputError("'needs_kb' is neither true nor false")
    if relevant is not None and not (isinstance(relevant, list) and all(isinstance(one, str | int) for one in relevant)):
        raise InvalidInputError("'relevant' is not a list of article ids")
    return needs, frozenset(clean(str(one)) for one in relevant or ())


def labelled_replies(dialogues: Sequence[Dialogue]) -> list[tuple[tuple[Turn, ...], str]]:
    """Every agent turn with a label: the turns before it, and the label."""
    return [
        (dialogue.turns[:place], turn.label)
        for dialogue in dialogues
        for place, turn in enumerate(dialogue.turns)
        if turn.speaker == AGENT and turn.label
    ]


def looked_up(dialogues: Sequence[Dialogue]) -> list[tuple[tuple[Turn, ...], bool]]:
    """Every answered customer turn of dialogues with look-ups: the turns up to it, and whether something was looked up next."""
    return [
        (dialogue.turns[: place + 1], after.speaker in (ACTION, KB))
        for dialogue in dialogues
        if any(turn.speaker in (ACTION, KB) for turn in dialogue.turns)
        for place, (turn, after) in enumerate(pairwise(dialogue.turns))
        if turn.speaker == CUSTOMER and after.speaker != CUSTOMER
    ]
