"""The conversations by which silence is measured: read as they are meant, and naming only what exists."""

from __future__ import annotations

from app.seeding import ARTICLES
from benchmarks.suggestion_silence import WANTING, Asked, figures, read_held_out, read_turns
from sample_shop.macros import sample_macros

ALL = list(read_turns())


def test_what_answers_exists_and_nothing_else_is_answered() -> None:
    known = {file.stem for file in (ARTICLES / "en").glob("*.md")} | {f"macro:{macro.title}" for macro in sample_macros()}
    assert {one for turn in ALL for one in turn.answers} <= known
    assert all(bool(turn.answers) == (turn.kind in WANTING) for turn in ALL)


def test_every_language_has_turns_for_choosing_and_for_measuring() -> None:
    assert {(turn.language, turn.for_choosing) for turn in ALL} == {
        (language, choosing) for language in ("en", "pt", "zh-Hans", "zh-Hant") for choosing in (True, False)
    }


def test_a_turn_knows_what_the_agent_had_said() -> None:
    asked = next(turn for turn in ALL if turn.text == "a visa debit")
    assert (asked.before, asked.kind) == ("Which card did you use?", "answer")
    assert ALL[0].before == ""
    assert any(turn.before for turn in read_held_out())


def test_the_figures_count_silence_where_nothing_is_wanted() -> None:
    turn = Asked("en 1", "en", "thanks", "ta", (), "")
    found = figures([(turn, [])])
    assert (found["silent_recall"], found["silent_precision"], found["usable_among_three"]) == (1.0, 1.0, None)
