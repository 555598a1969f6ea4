"""`baton chat`: what stands in the terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from app.chat_trace import print_trace
from bot.trace import read_trace
from tests.live import ROOT

DOMAIN = """
version: "3.1"
intents: [greet, order, thank]
entities: [size]
slots:
  size:
    type: text
    mappings: [{type: from_entity, entity: size}]
responses:
  utter_hello: [{text: "Hello [you]."}]
  utter_which: [{text: "Which size?", buttons: [{title: Large, payload: '/order{"size": "large"}'}]}]
actions: [action_missing]
"""
RULES = """
version: "3.1"
rules:
- rule: greets
  steps: [{intent: greet}, {action: utter_hello}]
- rule: asks
  steps: [{intent: order}, {action: utter_which}]
- rule: breaks
  steps: [{intent: thank}, {action: action_missing}]
"""
NLU = """
version: "3.1"
nlu:
- intent: greet
  examples: |
    - hello
    - hi there
    - good morning
- intent: order
  examples: |
    - i want to order a shirt
    - order one in [large](size)
    - a shirt please
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "shirts"
    (root / "data").mkdir(parents=True)
    (root / "domain.yml").write_text(DOMAIN, encoding="utf-8")
    (root / "data" / "rules.yml").write_text(RULES, encoding="utf-8")
    (root / "data" / "nlu.yml").write_text(NLU, encoding="utf-8")
    (root / "config.yml").write_text("language: en\npipeline:\n- name: MadeUp\npolicies:\n- name: RulePolicy\n", encoding="utf-8")
    return root


def chat(project: Path, lines: str, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "BATON_DATA_DIR": str(project.parent / "data"), "COLUMNS": "200"}
    command = [sys.executable, "-m", "app.cli", "chat", "--project", str(project), *options]
    return subprocess.run(command, input=lines, capture_output=True, text=True, env=environment, cwd=ROOT, timeout=200, check=False)


def test_any_rasa_project_is_talked_to_with_named_intents(project: Path) -> None:
    done = chat(project, '/greet\n/order{"size": "small"}\n\n')
    assert done.returncode == 0, done.stderr
    assert "MadeUp" in done.stdout
    for part in (
        "Hello [you].",
        "Which size?",
        "(Large)",
        "order 100% en  size: small",
        "utter_which  RulePolicy 100%  rule 'asks'",
        "rules.yml:6",
    ):
        assert part in done.stdout
    assert [row.split() for row in done.stdout.splitlines() if row.split()[:1] == ["size"]] == [["size", "-", "small"]]


def test_without_the_trace_only_replies_stand_there(project: Path) -> None:
    said = chat(project, "/greet\n\n", "--no-trace").stdout
    assert "Hello [you]." in said
    assert "RulePolicy" not in said


def test_an_action_that_fails_is_told_and_the_talk_goes_on(project: Path) -> None:
    said = chat(project, "/thank\n/greet\n\n").stdout
    assert "action_missing" in said
    assert "A customer would get a person now." in said
    assert "Hello [you]." in said


@pytest.mark.model
def test_free_text_is_understood_from_the_project_s_sentences(project: Path) -> None:
    said = chat(project, "good morning to you\nplease order a shirt\n\n").stdout
    assert said.index("Hello [you].") < said.index("Which size?")


def test_a_project_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = chat(tmp_path / "gone", "")
    assert (done.returncode, "There is no folder" in done.stderr) == (1, True)


def test_a_trace_shows_passages_slots_and_what_was_mended() -> None:
    out = StringIO()
    trace = read_trace(
        [
            {"step": "understood", "intent": "", "confidence": None, "slots": {"a": "[bold]x[/]"}},
            {"step": "repaired", "why": "asked 3 times"},
            {"step": "slots", "set": {"a": None}},
            {"step": "did", "passages": [{"id": "p1", "article": "returns", "confidence": 0.5}]},
        ]
    )
    print_trace(Console(file=out, width=120), trace)
    lines = [line.split() for line in out.getvalue().splitlines()]
    assert ["understood", "nothing"] in lines
    assert ["mended", "asked", "3", "times"] in lines
    assert ["a", "[bold]x[/]", "-"] in lines
    assert ["returns", "p1", "50%"] in lines
