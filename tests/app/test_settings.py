"""Settings, and who holds a data folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.migrate import newest_revision
from app.settings import SettingError, read_settings
from app.supervise import AlreadyRunningError, run_lock


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


def test_one_process_holds_a_data_folder(tmp_path: Path) -> None:
    with run_lock(tmp_path), pytest.raises(AlreadyRunningError, match="already running"), run_lock(tmp_path):
        pass
    with run_lock(tmp_path):
        pass


def test_there_is_a_newest_revision() -> None:
    assert newest_revision() is not None
