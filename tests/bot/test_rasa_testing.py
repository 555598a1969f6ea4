"""`baton bot test --engine rasa`: the copy that Rasa trains, the report, and Rasa itself where its environment is."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from app.settings import ROOT
from bot.project.types import ProjectError
from bot.rasa.copying import AFTER_READING, copy_for_engine, copy_for_tests
from bot.rasa.environment import NoRasaError, last_lines
from bot.rasa.testing import as_report, copy_stories, run_with_rasa
from kit.errors import InvalidInputError, NotFoundError
from tests.bot.projects import write_project

RASA = ROOT / ".rasa-venv"
needs_rasa = pytest.mark.skipif(not (RASA / ".installed").exists(), reason="make rasa-env")

CONFIG = """
    recipe: default.v1
    language: en
    assistant_id: small
    pipeline:
      - name: WhitespaceTokenizer
      - name: CountVectorsFeaturizer
      - name: LogisticRegressionClassifier
      - name: RegexEntityExtractor
    policies:
      - name: RulePolicy
      - name: MemoizationPolicy
    baton:
      opening_response: utter_hello
"""
DOMAIN = """
    version: "3.1"
    intents: [greet, bye, buy]
    entities: [city]
    slots:
      city:
        type: text
        mappings:
          - type: from_entity
            entity: city
    forms:
      buy_form:
        required_slots: [city]
    responses:
      utter_hello: [{text: Hello}]
      utter_bye: [{text: Bye}]
      utter_ask_city: [{text: "Where?"}]
      utter_bought: [{text: Bought}]
"""
NLU = """
    version: "3.1"
    nlu:
      - intent: greet
        examples: |
          - hello there
          - good morning
          - hi
          - hey hello
      - intent: bye
        examples: |
          - goodbye now
          - bye bye
          - see you later
      - intent: buy
        examples: |
          - I want to buy a ticket
          - buy a ticket to [Porto](city)
          - buy one to [Lisbon](city)
      - lookup: city
        examples: |
          - Porto
          - Lisbon
"""
RULES = """
    version: "3.1"
    rules:
      - rule: greet
        steps:
          - intent: greet
          - action: utter_hello
      - rule: bye
        steps:
          - intent: bye
          - action: utter_bye
      - rule: buy
        steps:
          - intent: buy
          - action: buy_form
          - active_loop: buy_form
      - rule: bought
        condition:
          - active_loop: buy_form
        steps:
          - action: buy_form
          - active_loop: null
          - slot_was_set:
              - requested_slot: null
          - action: utter_bought
"""
STORIES = """\
    version: "3.1"
    stories:
      - story: hello
        steps:
          - user: hello there
            intent: greet
          - action: utter_hello
      - story: hello, alike for policies
        steps:
          - user: good morning
            intent: greet
          - action: utter_hello
      - story: a wrong action is expected
        steps:
          - user: hi
            intent: greet
          - action: utter_bye
      - story: an intent that is predicted otherwise
        steps:
          - user: goodbye now
            intent: greet
          - action: utter_hello
      - story: a form
        steps:
          - user: I want to buy a ticket
            intent: buy
          - action: buy_form
          - active_loop: buy_form
          - user: buy a ticket to [Porto](city)
            intent: buy
          - action: buy_form
          - slot_was_set:
              - city: Porto
          - active_loop: null
          - action: utter_bought
"""


def _project(root: Path) -> Path:
    (root / "tests").mkdir(parents=True)
    write_project(root, domain=DOMAIN, rules=RULES, stories='version: "3.1"', config=CONFIG)
    (root / "data" / "nlu.yml").write_text(dedent(NLU), encoding="utf-8")
    (root / "tests" / "shop.yml").write_text(dedent(STORIES), encoding="utf-8")
    return root


def test_a_missing_environment_is_named_with_the_command_that_makes_it(tmp_path: Path) -> None:
    project = _project(tmp_path / "project")
    with pytest.raises(NoRasaError) as refused:
        run_with_rasa(project, project / "tests", nlu="annotated", environment=tmp_path / "none", work=tmp_path / "work")
    assert "make rasa-env" in str(refused.value.hint)


def test_a_folder_without_test_stories_is_refused(tmp_path: Path) -> None:
    project = _project(tmp_path / "project")
    with pytest.raises(NotFoundError, match="no test stories"):
        copy_stories(project / "data" / "rules.yml", tmp_path / "stories")


def test_a_folder_that_is_no_project_is_refused_by_file(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    with pytest.raises(ProjectError, match=r"config\.yml"):
        copy_for_tests(tmp_path / "project", tmp_path / "copy")


def test_story_files_get_names_that_rasa_takes_for_test_stories(tmp_path: Path) -> None:
    project = _project(tmp_path / "project")
    named = copy_stories(project / "tests", tmp_path / "stories")
    assert [(n.startswith("test_"), p.name) for n, p in named.items()] == [(True, "shop.yml")]


def test_the_copy_for_tests_is_the_author_s_own_without_what_only_baton_reads(tmp_path: Path) -> None:
    project = _project(tmp_path / "project")
    (project / "models").mkdir()
    (project / "models" / "old.tar.gz").write_bytes(b"old")
    copy = copy_for_tests(project, tmp_path / "copy")
    assert "baton" not in yaml.safe_load(copy.config.read_text())
    assert copy.domain.read_text() == (project / "domain.yml").read_text()
    assert (copy.data / "nlu.yml").exists()
    assert not (copy.root / "models").exists()
    assert not copy.core_only


def test_the_same_project_has_the_same_digest_and_a_changed_one_another(tmp_path: Path) -> None:
    project = _project(tmp_path / "project")
    first = copy_for_tests(project, tmp_path / "one").digest()
    assert copy_for_tests(project, tmp_path / "two").digest() == first
    (project / "data" / "nlu.yml").write_text(dedent(NLU).replace("bye bye", "so long"), encoding="utf-8")
    assert copy_for_tests(project, tmp_path / "three").digest() != first


def test_a_change_of_the_test_stories_needs_no_training(tmp_path: Path) -> None:
    project = _project(tmp_path / "project")
    first = copy_for_tests(project, tmp_path / "one").digest()
    (project / "tests" / "shop.yml").write_text("stories: []", encoding="utf-8")
    assert copy_for_tests(project, tmp_path / "two").digest() == first


def test_the_copy_for_the_engine_has_no_sentences_and_every_name_that_rasa_must_know(tmp_path: Path) -> None:
    copy = copy_for_engine(ROOT, tmp_path / "copy")
    config = yaml.safe_load(copy.config.read_text())
    added = yaml.safe_load((copy.domain / "baton.yml").read_text())
    slots = yaml.safe_load((copy.domain / "orders.yml").read_text())["slots"]
    written = [yaml.safe_load(p.read_text(encoding="utf-8")) for p in copy.data.rglob("*.yml")]
    assert "baton" not in config
    assert config["pipeline"] == []
    assert added["actions"] == [AFTER_READING]
    assert {"utter_greet", "utter_ask_order_proof", "utter_default"} <= added["responses"].keys()
    assert slots["order_known"]["mappings"] == []
    assert {key for data in written for key in data} <= {"version", "rules", "stories"}


def test_the_report_has_one_failure_for_each_wrong_turn_with_file_and_line(tmp_path: Path) -> None:
    project = _project(tmp_path / "project")
    named = copy_stories(project / "tests", tmp_path / "stories")
    turns: list[dict[str, Any]] = [
        {"said": "", "expected": [], "actual": []},
        {"said": "I want to buy a ticket", "expected": ["buy_form"], "actual": ["buy_form"]},
        {"said": "buy a ticket to Porto", "expected": ["buy_form", "utter_bought"], "actual": ["utter_hello", "utter_bought"]},
    ]
    found = {
        "stories": 5,
        "passed": 4,
        "actions": 8,
        "actions_correct": 7,
        "failed": [{"story": "a form", "file": str(tmp_path / "stories" / next(iter(named))), "turns": turns}],
    }
    report = as_report(found, named)
    line = dedent(STORIES).splitlines().index("      - user: buy a ticket to [Porto](city)") + 1
    assert (report["stories"], report["passed"], report["actions"], report["actions_correct"]) == (5, 4, 8, 7)
    assert [(f["story"], f["said"], f["expected"][0], f["actual"][0]) for f in report["failures"]] == [
        ("a form", "buy a ticket to Porto", "buy_form", "utter_hello")
    ]
    assert report["failures"][0]["place"].endswith(f"shop.yml:{line}")


def test_a_failure_in_a_story_that_cannot_be_placed_names_the_file(tmp_path: Path) -> None:
    project = _project(tmp_path / "project")
    named = copy_stories(project / "tests", tmp_path / "stories")
    turn = {"said": "hi", "expected": ["utter_bye"], "actual": ["utter_hello"]}
    story = {"story": "a > b", "file": next(iter(named)), "turns": [{"said": "", "expected": [], "actual": []}, turn]}
    found = {"stories": 1, "passed": 0, "actions": 1, "actions_correct": 0, "failed": [story]}
    assert as_report(found, named)["failures"][0]["place"] == str(project / "tests" / "shop.yml")


def test_of_what_rasa_printed_the_progress_bars_are_left_out() -> None:
    assert last_lines("one\n\nEpochs: 10it [00:01, 9it/s]\ntwo\n") == "one\ntwo"


def test_a_project_whose_sentences_rasa_cannot_learn_is_not_played_with_predicted_intents(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="no pipeline"):
        run_with_rasa(ROOT, ROOT / "training_data" / "tests" / "stories", nlu="predicted", environment=RASA, work=tmp_path)


@needs_rasa
def test_rasa_judges_the_stories_and_trains_only_once(tmp_path: Path) -> None:
    project = _project(tmp_path / "project")
    heard: list[str] = []
    place = {"environment": RASA, "work": tmp_path / "work", "note": heard.append}
    annotated = run_with_rasa(project, project / "tests", nlu="annotated", **place)  # type: ignore[arg-type]
    trained = len(heard)
    predicted = run_with_rasa(project, project / "tests" / "shop.yml", nlu="predicted", **place)  # type: ignore[arg-type]
    assert {k: v for k, v in annotated.items() if k != "failures"} == {"stories": 5, "passed": 4, "actions": 7, "actions_correct": 6}
    assert [f["story"] for f in annotated["failures"]] == ["a wrong action is expected"]
    assert annotated["failures"][0]["expected"][0] == "utter_bye"
    assert annotated["failures"][0]["actual"][0] == "utter_hello"
    assert [f["story"] for f in predicted["failures"]] == ["a wrong action is expected", "an intent that is predicted otherwise"]
    assert predicted["failures"][1]["expected"][0] == "intent: greet"
    assert predicted["failures"][1]["actual"][0] == "intent: bye"
    assert trained == len(heard) == 2


@needs_rasa
def test_what_rasa_refuses_is_told_in_its_own_words(tmp_path: Path) -> None:
    from bot.rasa.environment import RasaFailedError

    project = _project(tmp_path / "project")
    (project / "config.yml").write_text(dedent(CONFIG).replace("RulePolicy", "NoSuchPolicy"), encoding="utf-8")
    with pytest.raises(RasaFailedError, match="NoSuchPolicy"):
        run_with_rasa(project, project / "tests", nlu="annotated", environment=RASA, work=tmp_path / "work")
