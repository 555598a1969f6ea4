"""Who leads the dialogue is a setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import ROOT, SettingError, read_settings


def test_baton_leads_unless_told_otherwise() -> None:
    found = read_settings({})
    assert (found.engine, found.rasa_env, found.action_token) == ("baton", ROOT / ".rasa-venv", None)


def test_rasa_leads_from_an_environment_of_one_s_choice(tmp_path: Path) -> None:
    found = read_settings({"BATON_ENGINE": "rasa", "BATON_RASA_ENV": str(tmp_path)})
    assert (found.engine, found.rasa_env) == ("rasa", tmp_path)


def test_an_engine_that_there_is_not_is_refused() -> None:
    with pytest.raises(SettingError, match="BATON_ENGINE is 'rhasa'") as refused:
        read_settings({"BATON_ENGINE": "rhasa"})
    assert refused.value.hint == "Use one of baton, rasa."
