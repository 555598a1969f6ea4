"""The invented shop's macros, from `macros.yml` beside this file."""

from __future__ import annotations

from pathlib import Path

import yaml

from context.macros.schemas import MacroIn
from context.macros.types import MacroDraft

FILE = Path(__file__).with_name("macros.yml")


def sample_macros() -> list[MacroDraft]:
    """The macros in the order in which they are shown to begin with."""
    return [MacroIn.model_validate(row).draft() for row in yaml.safe_load(FILE.read_text(encoding="utf-8"))]
