"""The coverage tables of the channels name tests that exist, and no line of theirs is left without one unless it says so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACT = "channels/test_contract.py"
PAGES: dict[str, tuple[str, ...]] = {
    "telegram": ("channels/test_telegram.py", "channels/test_telegram_parse.py", "channels/test_telegram_polling.py"),
    "line": ("channels/test_line.py", "channels/test_line_parse.py"),
    "sms": ("channels/test_sms.py", "channels/test_sms_parse.py"),
    "webhook": ("channels/test_webhook_channel.py", "channels/test_webhook_parse.py", "channels/test_webhook_waiting.py"),
    "email": tuple(f"channels/test_email{name}.py" for name in ("", "_parse", "_access", "_together", "_copies")),
    "messenger": ("channels/test_messenger.py", "channels/test_messenger_parse.py"),
    "wechat": ("channels/test_wechat.py",),
    "chatwoot": ("channels/test_chatwoot_parse.py", "simulators/test_chatwoot.py"),
    "whatsapp": (
        "channels/test_whatsapp.py", "channels/test_whatsapp_templates.py", "channels/test_deliver.py", "channels/test_usual_statements.py",
        "simulators/test_whatsapp_round_trip.py", "simulators/test_whatsapp_templates.py", "simulators/test_whatsapp_phone.py",
    ),
}  # fmt: skip
IN_WORDS = {"email", "messenger", "wechat"}
"""Pages that write the names of tests as sentences, one behind each semicolon."""


def rows_of(page: str) -> list[tuple[str, str]]:
    """The lines of the tables whose last column is for tests: what it is about, and that column."""
    found, counts = [], False
    for line in (ROOT / f"docs/channels-{page}.md").read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            counts = False
            continue
        first, _, last = line.strip().strip("|").rpartition("|")
        if last.strip() == "test":
            counts = True
        elif counts and set(line) - set("|- "):
            found.append((first.strip(), last.strip()))
    return found


def named(cell: str, *, in_words: bool) -> list[str]:
    """The tests and files that a cell names; tests as they are called, without what stands for the rest of the name."""
    pieces = re.findall(r"`([^`]+)`", cell)
    names = [piece if piece.endswith(".py") else re.sub(r"^[A-Z]::(test_)?", "", piece).strip("*._ ") for piece in pieces]
    if in_words:
        said = [re.sub(r"^[A-Z] ", "", part.strip()) for part in cell.split(";") if "`" not in part]
        names += ["_".join(re.findall(r"[a-z0-9]+", part.lower().replace("'", ""))) for part in said]
    return [name for name in names if "_" in name]


def is_there(name: str, tests: str) -> bool:
    """Whether a named test or file exists."""
    if name.endswith(".py"):
        return any((ROOT / place / name).exists() for place in ("tests", "tests/channels", "."))
    return re.search(rf"def test_\w*{re.escape(name)}", tests) is not None


def test_every_page_of_a_channel_is_looked_at() -> None:
    assert {path.stem.removeprefix("channels-") for path in (ROOT / "docs").glob("channels-*.md")} == set(PAGES)


@pytest.mark.parametrize("page", sorted(PAGES))
def test_each_test_that_a_table_names_is_there_and_each_line_has_one(page: str) -> None:
    tests = "\n".join((ROOT / "tests" / file).read_text(encoding="utf-8") for file in (*PAGES[page], CONTRACT))
    rows = rows_of(page)
    assert len(rows) > 8
    names = {about: named(cell, in_words=page in IN_WORDS) for about, cell in rows}
    assert [(about, name) for about, found in names.items() for name in found if not is_there(name, tests)] == []
    alone = [about for about, cell in rows if not names[about] and "no test" not in cell and not re.search(r"\b[A-Z]\b", cell)]
    assert alone == []


def test_a_name_that_is_not_there_would_be_found() -> None:
    assert named("`W::test_the_handshake_*`, `make chaos`, `channels/test_contract.py`", in_words=False) == [
        "the_handshake", "channels/test_contract.py",
    ]  # fmt: skip
    assert named("E somebody's mail; E nobody here", in_words=True) == ["somebodys_mail", "nobody_here"]
    assert not is_there("no_such_thing", "def test_another() -> None: ...")
    assert not is_there("test_no_such_file.py", "")
