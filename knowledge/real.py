"""Questions of customers for a calibration: which of them can be asked of an index, and how many of them went into it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from knowledge.calibrating import Judged
from knowledge.calibration import Calibration
from knowledge.checking import LANGUAGES
from knowledge.search import SearchIndex
from knowledge.terms import family

MOST = 150  # of each kind for each family of languages


def usable(index: SearchIndex, real: Sequence[Judged]) -> list[Judged]:
    """Those that say something: of articles in the index, in a language of articles, each once, none that is attached word for word.

    A question that is attached to its article would be found by itself. Of each kind the first `MOST` of each family of languages stay.
    """
    attached = {_plain(one.text) for one in index.asked.questions} if real else set()
    articles = {entry.passage.article_id for entry in index.entries} if real else set()
    taken: Counter[tuple[str, bool]] = Counter()
    found: list[Judged] = []
    seen: set[str] = set()
    for one in real:
        key, plain = (family(one.language), one.article_id is not None), _plain(one.question)
        if one.language not in LANGUAGES or plain in attached or plain in seen or not plain or taken[key] >= MOST:
            continue
        if one.article_id is None or one.article_id in articles:
            seen.add(plain)
            taken[key] += 1
            found.append(one)
    return found


def counted(calibration: Calibration, real: Sequence[Judged]) -> Calibration:
    """The calibration with how many questions of customers went into each curve."""
    numbers = Counter((family(one.language), one.article_id is not None) for one in real)
    return Calibration(
        {
            name: replace(curve, real_answered=numbers[name, True], real_unanswered=numbers[name, False])
            for name, curve in calibration.curves.items()
        }
    )


def _plain(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
