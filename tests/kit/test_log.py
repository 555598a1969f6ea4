"""The log goes to whatever standard error is, also after the one before it was closed."""

from __future__ import annotations

import io
import sys

import pytest
import structlog

from kit.log import get_logger, set_up_logging


def test_a_closed_standard_error_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = io.StringIO(), io.StringIO()
    log = get_logger("test")
    try:
        monkeypatch.setattr(sys, "stderr", first)
        set_up_logging(as_json=True)
        log.warning("one")
        monkeypatch.setattr(sys, "stderr", second)
        first_words = first.getvalue()
        first.close()
        log.warning("two")
    finally:
        structlog.reset_defaults()
    assert '"event": "one"' in first_words
    assert '"event": "two"' in second.getvalue()
