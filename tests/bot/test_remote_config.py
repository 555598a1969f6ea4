"""Reading the action endpoint of `endpoints.yml`."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.actions.remote_config import ActionEndpoint, find_action_endpoint
from bot.project.types import ProjectError


def test_the_endpoint_is_read_as_rasa_reads_it(tmp_path: Path) -> None:
    (tmp_path / "endpoints.yml").write_text(
        "action_endpoint:\n  url: http://${HOST}:5055/webhook\n  token: ${SECRET}\n  token_name: key\n  headers: {X-Shop: lantern}\n"
        "  basic_auth: {username: u, password: p}\n  timeout: 4\n  enable_selective_domain: true\ntracker_store:\n  type: SQL\n"
    )
    found = find_action_endpoint(tmp_path, environment={"HOST": "actions", "SECRET": "s3"})
    assert found == ActionEndpoint(
        "http://actions:5055/webhook", params={"key": "s3"}, headers={"X-Shop": "lantern"}, basic_auth=("u", "p"), timeout=4.0, budget=9.0
    )
    assert find_action_endpoint(tmp_path / "nowhere", environment={}) is None


@pytest.mark.parametrize(
    "text",
    [
        "action_endpoint:\n  url: localhost:5055\n",
        "action_endpoint:\n  token: x\n",
        "action_endpoint: 7\n",
        "action_endpoint:\n  url: http://a\n  timeout: never\n",
        "action_endpoint:\n  url: http://${NOWHERE}\n",
    ],
)
def test_a_mistake_in_the_endpoint_names_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "endpoints.yml").write_text(text)
    with pytest.raises(ProjectError, match=r"endpoints\.yml:\d"):
        find_action_endpoint(tmp_path, environment={})
