"""The widget stays small and stands alone."""

from __future__ import annotations

import gzip

from tests.live import ROOT

WIDGET = ROOT / "web" / "widget" / "baton.js"


def test_the_widget_is_one_file_under_46_kb_and_16_kb_on_the_wire() -> None:
    assert WIDGET.stat().st_size < 46_000
    assert len(gzip.compress(WIDGET.read_bytes())) < 16_000


def test_the_widget_fetches_nothing_but_its_own_server_and_never_writes_html() -> None:
    code = WIDGET.read_text(encoding="utf-8")
    assert "innerHTML" not in code
    assert "import " not in code
    assert "https://" not in code.split("*/", 1)[1].replace("https?://", "")
