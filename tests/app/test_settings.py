"""Settings and models on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.migrate import newest_revision
from app.models import NoModelError, current_model, list_models, prune, set_current
from app.settings import SettingError, read_settings
from app.supervise import AlreadyRunningError, run_lock
from kit.errors import NotFoundError


def test_the_defaults_need_nothing(tmp_path: Path) -> None:
    settings = read_settings({"BATON_DATA_DIR": str(tmp_path)})
    assert (settings.port, settings.embedded, settings.public_url) == (8000, True, "http://localhost:8000")


@pytest.mark.parametrize("name", ["BATON_PORT", "BATON_LOG_LEVEL"])
def test_a_wrong_setting_is_named(name: str) -> None:
    with pytest.raises(SettingError, match=name):
        read_settings({name: "nonsense"})


def test_cookies_are_secure_on_https_only() -> None:
    assert read_settings({"BATON_PUBLIC_URL": "https://chat.example.com/"}).secure_cookies
    assert not read_settings({}).secure_cookies


def test_the_live_model_is_swapped_by_name_and_kept_when_old_ones_go(tmp_path: Path) -> None:
    with pytest.raises(NoModelError):
        current_model(tmp_path)
    for number in range(8):
        (tmp_path / f"m{number}").mkdir()
    set_current(tmp_path, "m0")
    prune(tmp_path, keep=2)
    assert current_model(tmp_path).name == "m0"
    assert len(list_models(tmp_path)) <= 3
    with pytest.raises(NotFoundError):
        set_current(tmp_path, "m99")


def test_one_process_holds_a_data_folder(tmp_path: Path) -> None:
    with run_lock(tmp_path), pytest.raises(AlreadyRunningError, match="already running"), run_lock(tmp_path):
        pass
    with run_lock(tmp_path):
        pass


def test_there_is_a_newest_revision() -> None:
    assert newest_revision() is not None
