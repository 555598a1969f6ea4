"""Baton does what Rasa 3.6.21 did in the parity projects, turn by turn; a difference must be listed and argued."""

from __future__ import annotations

import json
from functools import cache

import pytest

from benchmarks.parity import Difference, compare
from benchmarks.parity_docs import DOCS, render_docs
from tests.parity.conversations import RECORDINGS, project_hash, project_names
from tests.parity.differences import allowed_differences

PROJECTS = project_names()


@cache
def _compared(project: str) -> tuple[int, list[Difference]]:
    return compare(project)


@pytest.mark.parametrize("project", PROJECTS)
def test_baton_does_what_rasa_did(project: str) -> None:
    turns, differences = _compared(project)
    allowed = {(a.project, a.conversation, a.turn) for a in allowed_differences()}
    unargued = [d for d in differences if (d.project, d.conversation, d.turn) not in allowed]
    assert turns > 0
    assert unargued == []


def test_a_listed_difference_really_occurs() -> None:
    found = {(d.project, d.conversation, d.turn): d for p in PROJECTS for d in _compared(p)[1]}
    assert [a for a in allowed_differences() if (a.project, a.conversation, a.turn) not in found] == []
    assert [a for a in allowed_differences() if a.only_texts and not found[a.project, a.conversation, a.turn].only_texts] == []


@pytest.mark.parametrize("project", PROJECTS)
def test_a_recording_is_of_the_project_as_it_stands_and_of_rasa_3_6_21(project: str) -> None:
    recording = json.loads((RECORDINGS / f"{project}.json").read_text(encoding="utf-8"))
    assert (recording["rasa"], recording["project"]) == ("3.6.21", project_hash(project))


def test_the_page_about_parity_says_what_the_recordings_and_the_list_say() -> None:
    assert DOCS.read_text(encoding="utf-8") == render_docs()


def test_the_recordings_hold_every_kind_of_event() -> None:
    seen = {
        event["event"]
        for project in PROJECTS
        for turns in json.loads((RECORDINGS / f"{project}.json").read_text(encoding="utf-8"))["conversations"].values()
        for turn in turns
        for event in turn["events"]
    }
    assert seen == {
        *("user", "bot", "action", "slot", "active_loop", "action_execution_rejected", "followup", "restart", "session_started"),
        *("rewind", "undo", "reset_slots", "reminder", "cancel_reminder", "pause", "resume", "export", "agent"),
    }
