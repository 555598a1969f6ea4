"""How many contradictions are seen on the sample shop as it is, and of amounts that are changed in one place how many are found.

`python -m benchmarks.contradictions`: the untouched articles first (whatever is found there is none), then 150 sentences with an amount,
each changed by itself and compared with all others. `--json` prints one JSON object, last.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace

from app.learning import JUDGE
from app.seeding import ARTICLES
from app.settings import read_settings
from benchmarks.machine import describe_machine
from insights.health.comparing import Line, compare
from insights.health.facts import amounts
from insights.health.lines import lines_of
from knowledge.importing import read_markdown_folder
from nlu.encoders import get_encoder
from nlu.encoders.port import Encoder

CHANGED = 150
BY = 37


def shop_lines(encoder: Encoder) -> Iterator[Line]:
    """The sentences of the sample shop's articles."""
    for folder in sorted(path for path in ARTICLES.iterdir() if path.is_dir()):
        for draft in read_markdown_folder(folder):
            lines = lines_of(draft)
            for (sentence, _), vector in zip(lines, encoder.encode([ready for _, ready in lines]), strict=True):
                yield Line(draft.id, draft.language, 1, sentence, vector)


def changed(line: Line) -> Line | None:
    """The line with its first number changed; None when that changes none of its amounts."""
    found = re.search(r"\d+", line.text)
    if found is None:
        return None
    text = f"{line.text[: found.start()]}{int(found.group()) + BY}{line.text[found.end() :]}"
    return replace(line, text=text) if amounts(text) != amounts(line.text) else None


def measure() -> dict[str, object]:
    """The figures."""
    settings = read_settings()
    lines = list(shop_lines(get_encoder(JUDGE, settings.encoder_dir)))
    _, untouched = compare(lines, lines)
    places = [place for place, line in enumerate(lines) if amounts(line.text)]
    random.Random(1).shuffle(places)
    tried = seen = 0
    for place in places[:CHANGED]:
        new = changed(lines[place])
        if new is None:
            continue
        _, found = compare([new], [*lines[:place], new, *lines[place + 1 :]])
        tried, seen = tried + 1, seen + bool(found)
    return {"sentences": len(lines), "on_the_untouched_shop": len(untouched), "changed": tried, "found": seen}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.contradictions", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--json", action="store_true", help="print one JSON object, last")
    options = parser.parse_args()
    found = {"machine": describe_machine(), **measure()}
    print(json.dumps(found) if options.json else found)


if __name__ == "__main__":
    main()
