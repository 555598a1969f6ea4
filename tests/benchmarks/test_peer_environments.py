"""The scripts that make the environments of the peers, as far as they go without installing anything."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from app.settings import ROOT

RASA, PEERS = ROOT / "deploy" / "rasa-env.sh", ROOT / "deploy" / "peers-env.sh"
RASA_LOCK, PEERS_LOCK = ROOT / "deploy" / "requirements-rasa.lock", ROOT / "deploy" / "requirements-peers.lock"


def _run(script: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["/bin/sh", str(script)], env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_without_python_3_10_it_says_what_to_install(tmp_path: Path) -> None:
    done = _run(RASA, PATH=str(tmp_path), HOME=str(tmp_path), BATON_RASA_ENV=str(tmp_path / "env"))
    assert done.returncode == 2
    assert "needs Python 3.10, and there is none" in done.stderr
    assert "python3.10-venv" in done.stderr
    assert "BATON_RASA_PYTHON" in done.stderr
    assert not (tmp_path / "env").exists()


def test_a_python_of_another_version_is_not_taken(tmp_path: Path) -> None:
    other = tmp_path / "python3.10"
    other.write_text("#!/bin/sh\nexit 1\n")  # what a shim of pyenv does when 3.10 is not the chosen version
    other.chmod(0o755)
    done = _run(RASA, PATH=str(tmp_path), HOME=str(tmp_path), BATON_RASA_ENV=str(tmp_path / "env"))
    assert (done.returncode, "needs Python 3.10" in done.stderr) == (2, True)


def test_a_named_python_that_is_not_3_10_is_refused_by_name(tmp_path: Path) -> None:
    done = _run(RASA, PATH=str(tmp_path), HOME=str(tmp_path), BATON_RASA_ENV=str(tmp_path / "env"), BATON_RASA_PYTHON="/bin/false")
    assert done.returncode == 2
    assert "BATON_RASA_PYTHON is /bin/false" in done.stderr


@pytest.mark.parametrize(("script", "variable", "lock"), [(RASA, "BATON_RASA_ENV", RASA_LOCK), (PEERS, "BATON_PEERS_ENV", PEERS_LOCK)])
def test_an_environment_made_from_this_lock_is_left_as_it_is(script: Path, variable: str, lock: Path, tmp_path: Path) -> None:
    (tmp_path / ".installed").write_bytes(lock.read_bytes())
    done = _run(script, PATH=os.environ["PATH"], HOME=str(tmp_path), **{variable: str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert "ready" in done.stdout
    assert [entry.name for entry in tmp_path.iterdir()] == [".installed"]


def test_a_folder_that_is_no_environment_is_left_alone(tmp_path: Path) -> None:
    python = tmp_path / "python3.10"
    python.write_text("#!/bin/sh\nexit 0\n")
    python.chmod(0o755)
    home = tmp_path / "home"
    (home / "papers").mkdir(parents=True)
    for script, variable in ((RASA, "BATON_RASA_ENV"), (PEERS, "BATON_PEERS_ENV")):
        names = {variable: str(home), "BATON_RASA_PYTHON": str(python), "PYTHON": str(python)}
        done = _run(script, PATH=os.environ["PATH"], HOME=str(tmp_path), **names)
        assert (done.returncode, "left alone" in done.stderr) == (2, True)
    assert (home / "papers").is_dir()


@pytest.mark.parametrize(
    ("lock", "package"), [(RASA_LOCK, "rasa==3.6.21"), (RASA_LOCK, "tensorflow-cpu==2.12.0"), (PEERS_LOCK, "setfit==1.2.0")]
)
def test_a_lock_pins_every_package_and_names_no_address(lock: Path, package: str) -> None:
    lines = [line for line in lock.read_text().splitlines() if not line.startswith("#")]
    assert package in lines
    assert all(line.count("==") == 1 and not set("/@ ") & set(line) for line in lines)
