"""What the machine says of itself, by channel, language and moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from context.disclosure import Disclosure, DisclosureError, Moment, load_disclosure
from context.phrases import phrase

FILE = """
texts: {en: "I am a machine.", pt: "Sou uma máquina."}
channels:
  whatsapp: {texts: {en: "This is automated."}}
  email: {start: false, gap: false}
"""


@pytest.fixture
def said(tmp_path: Path) -> Disclosure:
    (tmp_path / "d.yml").write_text(FILE)
    return load_disclosure(tmp_path / "d.yml", shown=frozenset({"web"}))


@pytest.mark.parametrize(
    ("channel", "language", "moment", "words"),
    [
        ("whatsapp", "en", Moment.START, "This is automated."),
        ("whatsapp", "pt", Moment.GAP, "Sou uma máquina."),
        ("whatsapp", "zh-Hant", Moment.START, phrase("disclosure", "zh-Hant")),
        ("telegram", None, Moment.START, "I am a machine."),
        ("web", "en", Moment.START, None),  # the widget shows it
        ("web", "en", Moment.GAP, "I am a machine."),
        ("email", "en", Moment.START, None),
        ("email", "en", Moment.GAP, None),
    ],
)
def test_each_channel_and_language_has_its_words(
    said: Disclosure, channel: str, language: str | None, moment: Moment, words: str | None
) -> None:
    assert said.text(channel, language, moment) == words


def test_without_a_file_the_built_in_words_are_said_after_a_gap_only() -> None:
    assert Disclosure().text("anything", "pt", Moment.GAP) == phrase("disclosure", "pt")
    assert Disclosure().text("anything", "pt", Moment.START) is None


@pytest.mark.parametrize(
    "wrong",
    [
        "[",
        "- a",
        "colour: red",
        "texts: {de: hallo}",
        "texts: {en: ''}",
        "texts: x",
        "channels: {web: {start: perhaps}}",
        "channels: {web: {when: 1}}",
        "channels: []",
    ],
)
def test_a_file_that_cannot_be_is_refused(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "d.yml").write_text(wrong)
    with pytest.raises(DisclosureError):
        load_disclosure(tmp_path / "d.yml")
    with pytest.raises(DisclosureError):
        load_disclosure(tmp_path / "none.yml")
