"""Test stories of projects whose actions live elsewhere: each action is predicted, none is carried out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from bot.project import Project
from bot.testing_steps import run_story_steps
from nlu.types import Entity, Understanding
from tests.bot.projects import small_project

FORM_RULES = """
rules:
  - rule: greet
    steps:
      - intent: greet
      - action: utter_hello
  - rule: book
    steps:
      - intent: book
      - action: booking_form
      - active_loop: booking_form
  - rule: price
    steps:
      - intent: ask_price
      - action: utter_price
  - rule: booked
    condition:
      - active_loop: booking_form
    steps:
      - action: booking_form
      - active_loop: null
      - action: action_store_booking
      - action: utter_booked
"""
CONFIG = "language: en\npolicies:\n  - name: RulePolicy\n  - name: MemoizationPolicy\n"
BOOKED = """
stories:
  - story: books after a question
    steps:
      - user: hello there
        intent: greet
      - action: utter_hello
      - user: a seat please
        intent: book
      - action: booking_form
      - active_loop: booking_form
      - user: how much is it?
        intent: ask_price
      - action: utter_price
      - action: booking_form
      - user: |
          from [Lisbon]{"entity": "city", "role": "from"}
        intent: inform
      - action: booking_form
      - active_loop: null
      - action: action_store_booking
      - action: utter_booked
"""


def project_at(folder: Path, *, rules: str = FORM_RULES) -> Project:
    from tests.bot.projects import DOMAIN

    return small_project(folder, rules=rules, config=CONFIG, domain=DOMAIN + "actions: [action_store_booking]\n")


def stories(folder: Path, text: str) -> Path:
    path = folder / "test_stories.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_form_with_a_question_in_the_middle_passes_without_any_action_being_carried_out(tmp_path: Path) -> None:
    report = run_story_steps(project_at(tmp_path), stories(tmp_path, BOOKED))
    assert report == {"stories": 1, "passed": 1, "actions": 7, "actions_correct": 7, "failures": []}


def test_after_a_wrong_prediction_the_story_counts_for_what_follows(tmp_path: Path) -> None:
    wrong = BOOKED.replace("      - action: utter_hello\n", "      - action: utter_bye\n", 1)
    report = run_story_steps(project_at(tmp_path), stories(tmp_path, wrong))
    assert (report["passed"], report["actions"], report["actions_correct"]) == (0, 7, 6)
    (failure,) = report["failures"]
    assert failure["said"] == "hello there"
    assert failure["place"].endswith("test_stories.yml:5")
    assert failure["expected"][0] == "utter_bye"
    assert failure["actual"][0] == "utter_hello"


def test_checkpoints_and_alternatives_make_a_story_of_each_way(tmp_path: Path) -> None:
    text = "stories:\n  - story: a\n    steps:\n      - or:\n          - intent: greet\n          - intent: ask_price\n"
    text += "      - checkpoint: on\n"
    text += "  - story: b\n    steps:\n      - checkpoint: on\n      - action: utter_hello\n"
    report = run_story_steps(project_at(tmp_path), stories(tmp_path, text))
    assert (report["stories"], report["passed"]) == (2, 1)
    assert report["failures"][0]["actual"][0] == "utter_price"


def test_a_story_may_write_what_the_bot_says(tmp_path: Path) -> None:
    text = "stories:\n  - story: a\n    steps:\n      - intent: greet\n      - bot: Hello\n      - intent: ask_price\n      - bot: Nine\n"
    report = run_story_steps(project_at(tmp_path), stories(tmp_path, text))
    assert report["failures"][0]["said"] == "ask_price"
    assert report["failures"][0]["expected"][0] == "bot: Nine"
    assert report["actions_correct"] == 1


@pytest.mark.parametrize(
    ("intent", "entities", "expected", "actual"),
    [
        ("greet", (), [], []),
        ("bye", (), ["intent greet"], ["intent bye"]),
        ("greet", (Entity("city", "there", "there", 6, 11),), ["entities "], ["entities city 6-11 there"]),
        ("greet", (Entity("money", "there", "there", 6, 11),), [], []),
    ],
)
def test_what_a_model_understands_is_compared_with_the_annotation(
    tmp_path: Path, intent: str, entities: tuple[Entity, ...], expected: list[str], actual: list[str]
) -> None:
    text = "stories:\n  - story: a\n    steps:\n      - user: hello there\n        intent: greet\n      - action: utter_hello\n"
    understood = Understanding("en", intent, 0.9, ((intent, 0.9),), entities)
    report = run_story_steps(project_at(tmp_path), stories(tmp_path, text), understand=lambda *_: understood)
    failed = report["failures"]
    assert [f["expected"][:-2] for f in failed] == ([expected] if expected else [])
    assert [f["actual"][:-2] for f in failed] == ([actual] if actual else [])
    assert report["actions_correct"] == 1


def test_the_command_plays_the_projects_own_tests_and_fails_with_a_table(tmp_path: Path) -> None:
    project_at(tmp_path)
    (tmp_path / "tests").mkdir()
    stories(tmp_path / "tests", BOOKED)
    passed = CliRunner().invoke(app, ["bot", "test", "--project", str(tmp_path), "--json"])
    assert passed.exit_code == 0
    assert json.loads(passed.stdout.splitlines()[-1])["passed"] == 1
    stories(tmp_path / "tests", BOOKED.replace("action_store_booking", "utter_bye"))
    failed = CliRunner().invoke(app, ["bot", "test", "--project", str(tmp_path)])
    assert failed.exit_code == 1
    assert "utter_bye" in failed.stdout
    assert "action_store_booking" in failed.stdout


def test_an_unknown_engine_and_way_are_told_with_a_remedy(tmp_path: Path) -> None:
    project_at(tmp_path)
    for option, word in (("--engine", "dragon"), ("--nlu", "guessed")):
        result = CliRunner().invoke(app, ["bot", "test", "--project", str(tmp_path), option, word])
        assert result.exit_code != 0
        assert word in result.output
