"""The differences that are meant to be: `differences.yml`."""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from tests.parity.conversations import ROOT


@dataclass(frozen=True)
class Allowed:
    """A turn in which Baton is meant to do otherwise, and why. `only_texts`: nothing but the wording may differ."""

    project: str
    conversation: str
    turn: int
    reason: str
    only_texts: bool = False


def allowed_differences() -> tuple[Allowed, ...]:
    """Every turn that `differences.yml` lists."""
    data = yaml.safe_load((ROOT / "differences.yml").read_text(encoding="utf-8"))
    return tuple(
        Allowed(entry["project"], entry["conversation"], turn, " ".join(entry["reason"].split()), entry.get("only") == "texts")
        for entry in data["differences"]
        for turn in entry["turns"]
    )
