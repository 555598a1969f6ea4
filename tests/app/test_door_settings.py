"""The settings of Rasa's doors, and what the project's credentials.yml adds."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.door_channels import door_channels, door_settings
from app.settings import SettingError, read_settings
from channels.rasa.types import DoorSettings


def test_the_doors_are_closed_unless_they_are_opened(tmp_path: Path) -> None:
    closed = read_settings({"BATON_RASA_TOKEN": "t", "BATON_PROJECT": str(tmp_path)})
    assert door_settings(closed) is None
    assert set(door_channels(closed)) == {"rest", "socketio"}


def test_every_setting_is_read_and_the_environment_wins_over_the_project(tmp_path: Path) -> None:
    (tmp_path / "credentials.yml").write_text("rest:\ncallback:\n  url: https://a.example\nsocketio:\n  session_persistence: true\n")
    environment = {
        "BATON_RASA_DOORS": "on", "BATON_RASA_TOKEN": "t", "BATON_RASA_JWT_SECRET": "s", "BATON_RASA_JWT_METHOD": "HS512",
        "BATON_RASA_CORS": "https://a.example, https://b.example", "BATON_PROJECT": str(tmp_path),
    }  # fmt: skip
    found = door_settings(read_settings(environment))
    assert found is not None
    assert (found.token, found.jwt_secret, found.jwt_method) == ("t", "s", "HS512")
    assert found.cors == ("https://a.example", "https://b.example")
    assert (found.callback_url, found.socket.session_persistence) == ("https://a.example", True)
    own = read_settings(environment | {"BATON_RASA_CALLBACK_URL": "https://mine.example"})
    assert door_settings(own) == DoorSettings(*("t", "s", "HS512"), found.cors, "https://mine.example", found.socket)
    assert set(door_channels(own)) == {"rest", "socketio", "callback"}


@pytest.mark.parametrize(
    ("name", "value"), [("BATON_RASA_DOORS", "yes"), ("BATON_RASA_JWT_METHOD", "none"), ("BATON_RASA_CALLBACK_URL", "localhost")]
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        read_settings({"BATON_RASA_DOORS": "on", name: value})
