"""The widget stays small and stands alone."""

from __future__ import annotations

import gzip

import pytest

from app.pages import WIDGET, WIDGET_FILES


def test_the_widget_s_first_file_is_under_40_kb_and_15_kb_on_the_wire() -> None:
    first = WIDGET / "baton.js"
    assert first.stat().st_size < 40_000
    assert len(gzip.compress(first.read_bytes())) < 15_000


def test_the_widget_s_second_file_is_not_larger_than_the_first_may_be() -> None:
    assert (WIDGET / "more.js").stat().st_size < 40_000


@pytest.mark.parametrize("name", WIDGET_FILES)
def test_the_widget_fetches_nothing_but_its_own_server_and_never_writes_html(name: str) -> None:
    code = (WIDGET / name).read_text(encoding="utf-8")
    assert "innerHTML" not in code
    assert "import " not in code
    assert "https://" not in code.split("*/", 1)[1].replace("https?://", "")
