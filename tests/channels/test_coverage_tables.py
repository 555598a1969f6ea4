"""The coverage tables of the small channels name tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = {
    "telegram": ("test_telegram.py", "test_telegram_parse.py"),
    "line": ("test_line.py", "test_line_parse.py"),
    "sms": ("test_sms.py", "test_sms_parse.py"),
    "webhook": ("test_webhook_channel.py", "test_webhook_parse.py"),
}
_NAMED = re.compile(r"`(?:\.\.\.)?_*([a-z0-9]+(?:_[a-z0-9]+)+)_*(?:\.\.\.)?`")


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_test_that_a_table_names_is_there(name: str) -> None:
    tests = "\n".join((Path(__file__).parent / file).read_text() for file in FILES[name])
    rows = [line for line in (ROOT / f"docs/channels-{name}.md").read_text().splitlines() if line.startswith("|")]
    cells = [row.strip("|").rpartition("|")[2] for row in rows]
    named = [word for cell in cells if re.search(r"\b[PE] `", cell) for word in _NAMED.findall(cell)]
    assert len(named) > 8
    missing = [word for word in named if not re.search(rf"def test_\w*{word}", tests)]
    assert missing == []
