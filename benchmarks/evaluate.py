"""`make eval`: quality on the sample shop's held-out sentences and questions, on its test stories, and on public sets where they are there.

Public sets are looked for under BATON_EVAL_DATA (default: ../shared/data); those that are not there are passed over, and said so.
Plain peers are measured in the same run. `--json` prints one JSON object, last.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from app.settings import Settings, read_settings
from benchmarks import quality_assist, quality_intents, quality_sentiment, suggestion_silence
from benchmarks.machine import describe_machine
from benchmarks.quality_pasted import shop_pasted
from benchmarks.quality_public import SEARCHES, search_set
from benchmarks.quality_shop import FURTHER, UNSEEN, shop_questions, shop_sentences, shop_stories

Part = Callable[[Settings, bool], dict[str, Any] | None]

PARTS: dict[str, Part] = {
    "shop_sentences": lambda settings, _full: shop_sentences(settings),
    "shop_pasted": lambda settings, _full: shop_pasted(settings),
    "shop_questions": lambda settings, _full: shop_questions(settings),
    "shop_unseen_questions": lambda settings, _full: shop_questions(settings, questions=UNSEEN),
    "shop_further_questions": lambda settings, _full: shop_questions(settings, questions=FURTHER),
    "shop_stories": lambda settings, _full: shop_stories(settings),
    **quality_intents.parts(),
    **quality_sentiment.parts(),
    "suggestion_silence": lambda settings, _full: suggestion_silence.measure(settings),
    **quality_assist.parts(),
    **{name: lambda settings, full, name=name: search_set(settings, name, full=full) for name in SEARCHES},  # type: ignore[misc]
}


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluate", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS), help="measure these parts only")
    parser.add_argument("--full", action="store_true", help="whole public sets instead of samples; takes many minutes")
    parser.add_argument("--json", action="store_true", help="print one JSON object, last")
    options = parser.parse_args()
    settings, found, console = read_settings(), {"machine": describe_machine()}, Console(stderr=True, highlight=False)
    settings.encoder_dir.mkdir(parents=True, exist_ok=True)
    for name in options.only:
        began = time.perf_counter()
        with console.status(f"{name} ..."):
            part = PARTS[name](settings, options.full)
        console.print(f"{name}: {time.perf_counter() - began:.0f} s" if part else f"{name}: not under {settings.eval_data}, passed over")
        if part:
            found[name] = part
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        _show(found)
    return 0


def _show(found: Mapping[str, Mapping[str, Any]]) -> None:
    for title, figures in found.items():
        table = Table(title=title, show_header=False)
        for name, value in _flat(figures).items():
            table.add_row(name, str(value))
        Console().print(table)


def _flat(figures: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in figures.items():
        flat |= _flat(value, f"{before}{name} ") if isinstance(value, Mapping) else {f"{before}{name}": value}
    return flat


if __name__ == "__main__":
    sys.exit(main())
