"""`baton nlu`: what the commands print, and how they refuse."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.commands.nlu import app

SENTENCES = {
    "track": ["where is my order", "track my parcel", "has my parcel left", "where is the parcel now", "tracking of my order"],
    "returns": ["i want to return a cup", "how do i send it back", "can i return this", "return policy", "send the cup back"],
    "hours": ["when are you open", "opening hours", "are you open on sunday", "what time do you close", "open today?"],
}


def nlu_file(path: Path, sentences: dict[str, list[str]]) -> Path:
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in sentences.items():
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BATON_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where encoders are exported to: BATON_ENCODER_CACHE when set, so that a developer exports once."""
    given = os.environ.get("BATON_ENCODER_CACHE")
    return Path(given) if given else tmp_path_factory.mktemp("encoders")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def last_object(result: Result) -> dict[str, Any]:
    found = json.loads(result.stdout.strip().splitlines()[-1])
    assert isinstance(found, dict)
    return found


def test_validate_names_file_and_line_and_fails_on_errors(tmp_path: Path) -> None:
    file = nlu_file(tmp_path / "nlu.yml", {"track": ["where is it", "my parcel"], "hours": ["Where is it?", "open now"]})
    result = run("validate", "--data", file, "--no-encoder")
    assert result.exit_code == 1
    assert "nlu.yml:9: error: 'Where is it?' stands under hours and under track (nlu.yml:5)" in result.stdout


def test_validate_passes_with_warnings_only(tmp_path: Path) -> None:
    result = run("validate", "--data", nlu_file(tmp_path / "nlu.yml", SENTENCES), "--no-encoder", "--json")
    found = last_object(result)
    assert result.exit_code == 0
    assert (found["errors"], found["warnings"], found["examples"]) == (0, 3, 15)
    assert {f["check"] for f in found["findings"]} == {"too_few"}
    assert set(found["findings"][0]) == {"check", "severity", "message", "remedy", "file", "line"}


def test_validate_takes_several_files_and_a_smaller_minimum(tmp_path: Path) -> None:
    first = nlu_file(tmp_path / "a.yml", {"track": SENTENCES["track"]})
    second = nlu_file(tmp_path / "b.yml", {"hours": SENTENCES["hours"]})
    result = run("validate", "--data", first, "--data", second, "--no-encoder", "--minimum", "5", "--json")
    assert last_object(result) == {"errors": 0, "warnings": 0, "hints": 0, "examples": 10, "findings": []}


def test_the_project_of_the_shop_has_no_errors() -> None:
    result = run("validate", "--no-encoder", "--json")
    assert (result.exit_code, last_object(result)["errors"]) == (0, 0)


@pytest.mark.parametrize("command", ["validate", "cross-validate", "report", "suggest"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("nlu:\n- intent: a\n  examples: [\n", "malformed YAML"),
        ('version: "3.1"\n', "no example"),
        ("nlu:\n- intent: a\n  examples: |\n    - hi\n    - hello\n", "intent"),
        ("nlu:\n- intent: a\n  examples: |\n    - hi\n- intent: b\n  examples: |\n    - bye\n", "few"),
    ],
)
def test_data_that_cannot_be_used_gives_a_sentence_and_a_failure(command: str, content: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "nlu.yml"
    file.write_text(content, encoding="utf-8")
    result = run(command, "--data", file)
    assert result.exit_code == 1
    assert said in (result.stdout + result.stderr).lower() or said in result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize("arguments", [("--data", "nowhere.yml"), ("--project", "nowhere"), ("--project", ".", "--data", "a.yml")])
def test_what_is_not_there_is_named(arguments: tuple[str, ...]) -> None:
    result = run("suggest", *arguments)
    assert result.exit_code == 1
    assert "Error" in result.stderr


@pytest.mark.model
def test_one_cross_validation_serves_all_three_commands(tmp_path: Path, encoder_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATON_ENCODER_CACHE", str(encoder_folder))
    sentences = {name: list(texts) for name, texts in SENTENCES.items()}
    sentences["hours"][2] = "where did you leave my parcel"
    file = nlu_file(tmp_path / "nlu.yml", sentences)
    measured = last_object(run("cross-validate", "--data", file, "--folds", "3", "--json"))
    assert measured["sentences"] == 15
    assert 0.6 <= measured["languages"]["en"]["accuracy"] < 1.0

    written = last_object(run("report", "--data", file, "--folds", "3", "--out", "page.html", "--json"))
    assert written["languages"] == measured["languages"]
    assert "where did you leave my parcel" in (tmp_path / "page.html").read_text(encoding="utf-8")

    found = last_object(run("suggest", "--data", file, "--folds", "3", "--wide", "--json"))
    first = found["candidates"][0]
    assert (first["file"], first["line"], first["given"], first["suggested"]) == ("nlu.yml", 21, "hours", "track")


@pytest.mark.model
def test_a_report_on_held_out_sentences_trains_on_all_others(tmp_path: Path, encoder_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATON_ENCODER_CACHE", str(encoder_folder))
    file = nlu_file(tmp_path / "nlu.yml", SENTENCES)
    tests = nlu_file(tmp_path / "held_out.yml", {"track": ["where's that parcel of mine"], "out_of_scope": ["who won the match"]})
    found = last_object(run("report", "--data", file, "--test", tests, "--json"))
    assert (found["method"], found["sentences"]) == ("held-out sentences", 2)
    assert found["languages"]["en"]["accuracy"] == 1.0
    assert (tmp_path / "report.html").is_file()
