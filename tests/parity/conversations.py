"""The conversations of a parity project, as Rasa's recorder (Python 3.10) and Baton's player (3.11) both read them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent
PROJECTS = ROOT / "projects"
RECORDINGS = ROOT / "recordings"
START = 1_767_225_600.0
"""When every conversation begins: 2026-01-01 00:00 UTC, in seconds."""


@dataclass(frozen=True)
class Step:
    """One thing that happens: the customer writes `text`, or an event from outside (`trigger`) comes in, or only time passes.

    `parse` is what was understood: intent, confidence, entities, ranking ((intent, confidence) pairs), selected (`faq/hours`);
    None when the engine must read the text itself (`/greet{"name": "Ana"}`). `wait` is in seconds.
    """

    text: str | None = None
    parse: dict[str, Any] | None = None
    trigger: str | None = None
    entities: tuple[dict[str, Any], ...] = ()
    wait: float = 1.0
    channel: str = "parity"
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """The step in a few words."""
        if self.text is not None:
            return self.text
        return f"(outside: {self.trigger})" if self.trigger else f"({self.wait:g} seconds pass)"


@dataclass(frozen=True)
class Conversation:
    """One conversation with a fresh tracker."""

    name: str
    steps: tuple[Step, ...]


def project_names() -> list[str]:
    """The folders under `projects`, sorted."""
    return sorted(p.name for p in PROJECTS.iterdir() if (p / "conversations.yml").exists())


def about(project: str) -> str:
    """What the project shows, in a sentence."""
    return str(yaml.safe_load((PROJECTS / project / "conversations.yml").read_text(encoding="utf-8"))["about"])


def load_conversations(project: str) -> tuple[Conversation, ...]:
    """What is said in `projects/<project>/conversations.yml`."""
    data = yaml.safe_load((PROJECTS / project / "conversations.yml").read_text(encoding="utf-8"))
    return tuple(Conversation(c["name"], tuple(_step(s) for s in c["turns"])) for c in data["conversations"])


def _step(data: dict[str, Any]) -> Step:
    parse = data.get("parse")
    if parse is not None:
        parse = {"confidence": 0.97, "entities": [], "ranking": [], "selected": None, **parse}
    return Step(
        text=data.get("text"),
        parse=parse,
        trigger=data.get("trigger"),
        entities=tuple(data.get("entities", ())),
        wait=float(data.get("wait", 1.0)),
        channel=data.get("channel", "parity"),
        metadata=data.get("metadata", {}),
    )


def project_hash(project: str) -> str:
    """A digest over every file of the project; a recording of other files is out of date."""
    digest = hashlib.sha256()
    folder = PROJECTS / project
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in (".yml", ".py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
