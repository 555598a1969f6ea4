"""The bicycle hire of `benchmarks.dialogue_policy`: what is held out is new, and the figures count right."""

from __future__ import annotations

from pathlib import Path

from benchmarks.dialogue_policy.bike_hire import TALKS, Bot, as_stories, held_out
from benchmarks.dialogue_policy.measuring import Told, figures, play, write_project
from bot.policies.learnt import story_talks
from bot.policies.memoization import MemoizationPolicy
from bot.project.loader import load_stories
from bot.states import RuleOnly


def test_held_out_talks_are_no_stories_and_repeat_themselves() -> None:
    talks = held_out(40)
    assert talks == held_out(40) != held_out(40, seed=2)
    assert all(talk not in TALKS for talk in talks)
    assert {said[0] for talk in talks for said in talk} <= {said[0] for talk in TALKS for said in talk}


def test_an_interrupted_question_is_asked_again() -> None:
    bot = Bot()
    assert bot.take(("hire_bike", None)) == ["utter_ask_kind"]
    assert bot.take(("ask_price", None)) == ["utter_price", "utter_ask_kind"]
    assert bot.take(("inform", "kind")) == ["utter_ask_day"]
    assert bot.take(("inform", "kind")) == ["utter_changed", "utter_ask_day"]


def test_memoization_knows_the_stories_and_little_of_what_is_held_out(tmp_path: Path) -> None:
    project = write_project(tmp_path / "hire", memory="MemoizationPolicy")
    memory = MemoizationPolicy(project, RuleOnly()).predict
    (tmp_path / "new.yml").write_text(as_stories(held_out(20), name="new"), encoding="utf-8")
    learned = figures(play(story_talks(project.stories, project.domain), project, memory))
    unseen = figures(play(story_talks(load_stories(tmp_path / "new.yml"), project.domain), project, memory))
    assert (learned["right"], learned["whole_talks_right"]) == (1.0, 1.0)
    assert 0 < unseen["right"] < 0.5


def test_figures_count_actions_talks_and_confidence() -> None:
    told = [
        Told(0, True, True, 1.0, 0.001),
        Told(0, False, False, 0.5, 0.001),
        Told(1, True, True, 0.75, 0.001),
        Told(1, False, True, 0.75, 0.001),
    ]
    found = figures(told)
    assert (found["right"], found["right_after_message"], found["whole_talks_right"]) == (0.75, 1.0, 0.5)
    assert (found["confidence_when_right"], found["confidence_when_wrong"]) == (0.833, 0.5)
    assert found["calibration_error"] == 0.25
