"""Held-out sentences with what customers paste behind them, and in capitals: intents with and without `kit.written`, by the same model."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from app.project import nlu_sources
from app.settings import Settings
from benchmarks.quality_shop import LANGUAGES
from kit.written import plainly
from nlu.intents import OUT_OF_SCOPE_NAMES
from nlu.rasa_yaml import read_training_data
from nlu.train import train
from nlu.understander import Understander

_SEED = 7


def shop_pasted(settings: Settings) -> dict[str, Any]:
    """By language and by what is pasted: the share of in-scope sentences whose intent is found, beside the same with it left in."""
    held_out = settings.project_dir / "training_data" / "tests"
    with tempfile.TemporaryDirectory() as folder:
        train(read_training_data(nlu_sources(settings.project_dir)), out=Path(folder) / "model", encoder_cache=settings.encoder_dir)
        understander = Understander.load(Path(folder) / "model", encoder_cache=settings.encoder_dir)
        found: dict[str, Any] = {}
        for language in LANGUAGES:
            examples = read_training_data([held_out / language / "nlu.yml"]).examples
            rows = [(one.text, one.intent) for one in examples if one.intent not in OUT_OF_SCOPE_NAMES]
            found[language] = {"sentences": len(rows), "nothing": _right(understander, rows, language, lambda: "")}
            loud = [(text.upper(), intent) for text, intent in rows]
            for suffix, reading in (("", plainly), ("_left_in", lambda text: text)):
                with patch("nlu.language.plainly", reading):
                    found[language][f"capitals{suffix}"] = _right(understander, loud, language, lambda: "")
                    for name, made in _pieces().items():
                        found[language][name + suffix] = _right(understander, rows, language, made)
    return found


def _right(understander: Understander, rows: list[tuple[str, str]], language: str, made: Callable[[], str]) -> float:
    right = sum(understander.understand(f"{text} {made()}".strip(), language=language).intent == intent for text, intent in rows)
    return round(right / len(rows), 4)


def _pieces() -> dict[str, Callable[[], str]]:
    chance = random.Random(_SEED)
    return {
        "web_address": lambda: f"https://lantern.example.com/p/moon-teapot?utm_source=chat&id={chance.getrandbits(64):x}",
        "email": lambda: f"mei.{chance.randrange(100)}@customer.example",
        "telephone": lambda: f"+853 6{chance.randrange(10**6, 10**7)}",
        "parcel_number": lambda: f"RR{chance.randrange(10**8, 10**9)}HK",
        "key": lambda: f"{chance.getrandbits(128):032x}",
    }
