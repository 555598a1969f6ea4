"""More than one thing at a time: two intents that are close, and two wishes in one message."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from bot.commands import read_command
from bot.engine import TurnMessage
from bot.project.types import Project, Repair
from bot.reading import INTRODUCING
from context.types import Entity, Understanding

_JOINT = re.compile(
    r"[\s,，、;；.]*\b(?:and|also|e|tamb[eé]m|y|et|und)?[\s,，、;；.]*$|^[\s,，、;；.]*(?:(?:and|also|e)\b)?[\s,，、;；.]*", re.IGNORECASE
)
SURE = 0.7  # a clause that is a wish of its own
TELLING = 9  # letters; a Chinese character counts for three
HAN = 0x2E80
CLEARLY = 0.5  # both close intents together


@dataclass(frozen=True)
class Wish:
    """Something that the customer wants, in their words."""

    intent: str
    words: str


def close_intents(understanding: Understanding, *, margin: float, known: Collection[str], settled: Collection[str]) -> tuple[str, ...]:
    """The two likeliest intents when they are closer than `margin`; none when one of them is `settled`, or both lead to the same."""
    first = understanding.ranking[:2]
    if len(first) < 2 or understanding.intent is None or first[0][1] - first[1][1] >= margin or first[0][1] + first[1][1] < CLEARLY:
        return ()
    names = tuple(name for name, _ in first)
    bases = {name.split("/", 1)[0] for name in names}
    return names if len(bases) == 2 and bases <= set(known) and not (bases | set(names)) & set(settled) else ()


def second_wishes(understanding: Understanding, *, main: str, leads: Collection[str]) -> tuple[Wish, ...]:
    """What single clauses want beside `main`: a task or a question (`leads` names the intents that lead to one), with their words.

    A clause of its own must say `main` as well, else the other clauses are rather its circumstances; without `main` any will do.
    """
    words = dict(understanding.clauses)
    if main and main not in words:
        return ()
    sure = [name for name, probability in understanding.also if probability >= SURE and name != main]
    wanted = [name for name in sure if name.split("/", 1)[0] in leads and _says_something(words.get(name, ""))]
    return tuple(Wish(name, words[name]) for name in wanted)


def beside_courtesy(message: TurnMessage, courtesies: Collection[str], *, known: Collection[str]) -> TurnMessage:
    """What is wanted beside a greeting or thanks, in the words around it; the message as it is where nothing is for sure.

    `known` are the intents that something may be wanted by; only clauses of their own count.
    """
    heard = message.understanding
    if (heard.intent or "").split("/", 1)[0] not in courtesies:
        return message
    sure = {name: p for name, p in heard.also if p >= SURE and name.split("/", 1)[0] in known and name.split("/", 1)[0] not in courtesies}
    clauses = tuple((name, words) for name, words in heard.clauses if name.split("/", 1)[0] not in courtesies)
    meant = next((name for name, words in clauses if name in sure and _says_something(words)), None)
    if meant is None:
        return message
    for words in [words for name, words in heard.clauses if name.split("/", 1)[0] in courtesies]:
        message = without_words(message, words)
    also = tuple((name, p) for name, p in heard.also if name != meant)
    understood = replace(
        message.understanding, intent=meant, confidence=sure[meant], ranking=((meant, sure[meant]),), also=also, clauses=clauses
    )
    return replace(message, understanding=understood)


def question_beside(message: TurnMessage, *, questions: Collection[str]) -> Wish | None:
    """A clause that asks one of `questions` of its own, whatever the rest of the message says; None when no clause is sure to.

    A clause in which a number, an address or the like stands, or a part of one, is an answer.
    """
    known = message.understanding
    sure = {name for name, probability in known.also if probability >= SURE} | {known.intent}
    for name, words in known.clauses:
        start = message.text.find(words)
        gives = any(entity.start < start + len(words) and start < entity.end for entity in known.entities)
        if name in sure and name.split("/", 1)[0] in questions and start >= 0 and not gives and _says_something(words):
            return Wish(name, words)
    return None


def _says_something(clause: str) -> bool:
    """Whether a clause is more than a number or an address with the words that introduce it."""
    words = re.sub(r"\S*[@\d]\S*", " ", clause)
    letters = sum(3 if ord(c) > HAN else 1 for c in words if c.isalpha())
    return letters >= TELLING and any(c.isalpha() for c in INTRODUCING.sub(" ", words))


def task_intents(project: Project, rules: Collection[Any]) -> frozenset[str]:
    """The intents by which a rule begins a form, save a yes, which begins what was offered."""
    begin = {r.states[-1].intent for r in rules if r.action in project.domain.forms and r.states[-1].intent}
    return frozenset(begin - set(project.config.repair.yes))


def question_intents(project: Project) -> frozenset[str]:
    """The intents whose questions are answered at once: retrieval intents with responses of their own, and those of the settings."""
    selected = {intent for intent in project.domain.intents if project.selects_response(f"utter_{intent}")}
    return frozenset(selected | set(project.config.repair.questions))


def as_message(message: TurnMessage, intent: str, words: str, entities: tuple[Entity, ...] = ()) -> TurnMessage:
    """The message as if the customer had said these words with that intent."""
    understanding = replace(
        message.understanding, intent=intent, confidence=1.0, ranking=((intent, 1.0),), entities=entities, also=(), clauses=()
    )
    return replace(message, text=words, payload=None, understanding=understanding)


def without_words(message: TurnMessage, words: str) -> TurnMessage:
    """The message without a clause that is dealt with by itself; the same when hardly anything would be left."""
    rest = rest_without(message, words)
    return rest if rest is not None and sum(c.isalpha() for c in rest.text) >= len(words) // 4 else message


def rest_without(message: TurnMessage, words: str) -> TurnMessage | None:
    """What the message says beside a clause; None when that is nothing."""
    text = _JOINT.sub("", message.text.replace(words, " ", 1)).strip()
    if text == message.text or not any(c.isalnum() for c in text):
        return None
    kept = tuple(
        replace(e, start=text.find(e.text), end=text.find(e.text) + len(e.text)) for e in message.understanding.entities if e.text in text
    )
    return replace(message, text=text, understanding=replace(message.understanding, entities=kept))


def intent_of(message: TurnMessage, project: Project) -> str:
    """The intent of a message or of the button that was pressed, whole; empty when it was not understood."""
    command = read_command(message.payload or message.text, project.domain)
    return command.full_intent if command else message.understanding.intent or ""


def entities_as_json(understanding: Understanding) -> list[dict[str, Any]]:
    """The entities of a message, to be kept until the customer has chosen."""
    return [vars(e) for e in understanding.entities]


def answers_yes(intent: str, repair: Repair) -> bool | None:
    """True for a yes, False for a no, None for anything else."""
    base = intent.split("/", 1)[0]
    return True if base in repair.yes else False if base in repair.no else None
