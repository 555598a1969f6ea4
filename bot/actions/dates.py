"""Days in words, by language."""

from __future__ import annotations

from datetime import date

from babel.core import UnknownLocaleError
from babel.dates import format_date

LOCALES = {"en": "en_GB", "pt": "pt_PT", "zh-Hant": "zh_Hant_MO", "zh-Hans": "zh_Hans_CN"}
PATTERNS = {"en": "EEEE, d MMMM", "pt": "EEEE, d 'de' MMMM", "zh-Hant": "M月d日（EEEE）", "zh-Hans": "M月d日（EEEE）"}


def day_in_words(day: date | str, language: str) -> str:
    """A day as people write it: "Wednesday, 25 November", "11月25日（星期三）", "quarta-feira, 25 de novembro"."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    known = language if language in LOCALES else language.split("-", 1)[0]
    try:
        return format_date(day, PATTERNS.get(known, "long"), locale=LOCALES.get(known, known.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return format_date(day, PATTERNS["en"], locale=LOCALES["en"])
