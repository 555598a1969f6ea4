"""What the widget asks beside the chat, from a file (YAML) that may change while Baton runs: form before the chat, consent, e-mail.

    form:
      title: {en: "Before we begin", pt: "Antes de começar"}
      fields:
        - {name: name, kind: name, required: true}
        - {name: topic, kind: choice, label: {en: "What is it about?"}, choices: [{value: order, label: {en: "An order"}}]}
    consent: {version: "2026-11", text: {en: "May we note which pages you look at?"}, link: {en: "https://shop.example/privacy"}}
    email: {minutes: 10}
    codes: true

Nothing in it: nothing is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from channels.web.parse import LANGUAGES
from channels.web.words import LABELS
from kit.errors import InvalidInputError
from kit.log import get_logger

MOST_FIELDS, MOST_CHOICES = 12, 30
MAX_LABEL, MAX_NOTICE = 120, 1000
LEAST_MINUTES = 0.5  # who is there is written down every 20 seconds, and a browser that is only reloaded is not gone
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

log = get_logger("widget")
Texts = Mapping[str, str]


class SetupError(InvalidInputError):
    """The widget's file cannot be used."""


class Kind(StrEnum):
    """What a field holds: the first three say who somebody is, the others are kept as attributes."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    CHOICE = "choice"
    TEXT = "text"


@dataclass(frozen=True)
class Choice:
    """One answer of a field."""

    value: str
    label: Texts


@dataclass(frozen=True)
class Field:
    """One question of the form."""

    name: str
    kind: Kind
    label: Texts
    required: bool = False
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Form:
    """What is asked before the chat."""

    fields: tuple[Field, ...]
    title: Texts


@dataclass(frozen=True)
class Consent:
    """The notice before anything of the page is noted; a new `version` asks again."""

    version: str
    text: Texts
    link: Texts


@dataclass(frozen=True)
class Setup:
    """All of it; None: off. `email_after`: how long a visitor must be gone before answers go by e-mail."""

    form: Form | None = None
    consent: Consent | None = None
    email_after: timedelta | None = None
    codes: bool = False  # whether one-time codes may be asked for, also to addresses that never wrote


def text_in(texts: Texts, language: str | None) -> str:
    """The text in a language; else in English, else the first."""
    return texts.get(language or "en") or texts.get("en") or next(iter(texts.values()), "")


def load_setup(path: Path) -> Setup:
    """The setup of a file. Raises SetupError with what is wrong."""
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SetupError(f"{path} cannot be read: {str(error)[:200]}") from None
    return read_setup(read)


def read_setup(said: Any) -> Setup:
    """The setup that was said. Raises SetupError."""
    given = _mapping(said, "the file", {"form", "consent", "email", "codes"})
    if not isinstance(given.get("codes", False), bool):
        raise SetupError("`codes` is true or false")
    form, consent = given.get("form"), given.get("consent")
    email = _mapping(given["email"], "email", {"minutes"}) if given.get("email") is not None else None
    return Setup(
        form=_form(form) if form is not None else None,
        consent=_consent(consent) if consent is not None else None,
        email_after=_after(email),
        codes=given.get("codes", False),
    )


def _after(email: Mapping[str, Any] | None) -> timedelta | None:
    if email is None:
        return None
    minutes = email.get("minutes", 10)
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not LEAST_MINUTES <= minutes <= 1440:
        raise SetupError(f"email: `minutes` is a number from {LEAST_MINUTES:g} to 1,440")
    return timedelta(minutes=minutes)


def _form(said: Any) -> Form:
    given = _mapping(said, "form", {"title", "fields"})
    fields = given.get("fields")
    if not isinstance(fields, list) or not 0 < len(fields) <= MOST_FIELDS:
        raise SetupError(f"form: `fields` is a list of 1 to {MOST_FIELDS}")
    known = tuple(_field(one) for one in fields)
    if len({one.name for one in known}) < len(known):
        raise SetupError("form: two fields have the same name")
    for kind in (Kind.NAME, Kind.EMAIL, Kind.PHONE):
        if sum(one.kind == kind for one in known) > 1:
            raise SetupError(f"form: there is more than one field of the kind {kind}")
    return Form(known, _texts(given.get("title"), "form: title") if given.get("title") else LABELS["form"])


def _field(said: Any) -> Field:
    given = _mapping(said, "form: a field", {"name", "kind", "label", "required", "choices"})
    name, kind, required = given.get("name"), given.get("kind", "text"), given.get("required", False)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise SetupError(f"form: {name!r} is no name of a field", hint="Small letters, digits and _; at most 40.")
    if kind not in set(Kind) or not isinstance(required, bool):
        raise SetupError(f"form: {name}: `kind` is one of {', '.join(Kind)}, `required` true or false")
    label = _texts(given["label"], f"form: {name}") if given.get("label") else LABELS.get(str(kind))
    if label is None:
        raise SetupError(f"form: {name}: it needs a `label`")
    return Field(name, Kind(kind), label, required, _choices(given.get("choices"), name) if kind == Kind.CHOICE else ())


def _choices(said: Any, name: str) -> tuple[Choice, ...]:
    if not isinstance(said, list) or not 1 < len(said) <= MOST_CHOICES:
        raise SetupError(f"form: {name}: `choices` is a list of 2 to {MOST_CHOICES}")
    found = []
    for one in said:
        given = _mapping(one, f"form: {name}: a choice", {"value", "label"})
        value = given.get("value")
        if not isinstance(value, str) or not 0 < len(value) <= MAX_LABEL:
            raise SetupError(f"form: {name}: a choice needs a `value`, a text")
        found.append(Choice(value, _texts(given["label"], f"form: {name}: {value}") if given.get("label") else {"en": value}))
    return tuple(found)


def _consent(said: Any) -> Consent:
    given = _mapping(said, "consent", {"version", "text", "link"})
    version = given.get("version")
    if not isinstance(version, str) or not 0 < len(version) <= 40:
        raise SetupError("consent: it needs a `version`, a text of at most 40 characters in quotes")
    link = given.get("link") or {}
    links = _texts({"en": link} if isinstance(link, str) else link, "consent: link", most=2000)
    if any(not one.startswith(("https://", "http://")) for one in links.values()):
        raise SetupError("consent: a link begins with https://")
    return Consent(version, _texts(given.get("text") or None, "consent: text", most=MAX_NOTICE), links)


def _mapping(said: Any, where: str, keys: set[str]) -> Mapping[str, Any]:
    if not isinstance(said, dict) or said.keys() - keys:
        raise SetupError(f"{where}: it holds {', '.join(sorted(keys))}, and nothing else")
    return said


def _texts(said: Any, where: str, *, most: int = MAX_LABEL) -> Texts:
    if not isinstance(said, dict):
        raise SetupError(f"{where}: texts stand by language")
    for language, words in said.items():
        if language not in LANGUAGES:
            raise SetupError(f"{where}: there is no language {language!r}", hint=f"There are: {', '.join(LANGUAGES)}.")
        if not isinstance(words, str) or not 0 < len(words.strip()) <= most:
            raise SetupError(f"{where}: {language} has 1 to {most} characters")
    return dict(said)


@dataclass
class SetupFile:
    """The setup as the file says it now. A file that is broken later changes nothing until it is mended."""

    path: Path | None = None
    _state: tuple[int, int] | None = None
    _setup: Setup = field(default_factory=Setup)

    def read(self) -> Setup:
        """The setup now; the file is read again when it has changed."""
        state = _state_of(self.path)
        if state != self._state:
            self._state = state
            self._setup = self._load(self.path) if self.path and state else Setup()
        return self._setup

    def check(self) -> None:
        """Raises SetupError when the file is there and cannot be used."""
        if self.path and _state_of(self.path):
            load_setup(self.path)

    def _load(self, path: Path) -> Setup:
        try:
            return load_setup(path)
        except SetupError as error:
            log.error("the widget's file cannot be used; what it said before holds", reason=error.message)
            return self._setup


def _state_of(path: Path | None) -> tuple[int, int] | None:
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size) if found else None
