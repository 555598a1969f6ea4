"""Where the action server is: `action_endpoint` of a project's endpoints.yml, as Rasa reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.project.lined_yaml import LinedDict, expect_mapping, read_yaml
from bot.project.types import Place, ProjectError

FILES = ("endpoints.yml", "endpoints.yaml")
KEYS = ("url", "token", "token_name", "headers", "params", "basic_auth", "cafile", "timeout", "budget", "idempotent")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True)
class ActionEndpoint:
    """An action server. Of Rasa's file: `url`, `token` (a query parameter of the name `token_name`), headers, params, basic_auth, cafile.

    Baton's own: `timeout` is the longest wait for an answer and `budget` that for a call with all its tries, in seconds; `idempotent`
    says that an action may run twice, so that a call whose answer was lost is repeated.
    """

    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    basic_auth: tuple[str, str] | None = None
    cafile: str | None = None
    timeout: float = 10.0
    budget: float = 15.0
    idempotent: bool = False


def find_action_endpoint(root: Path, *, environment: Mapping[str, str]) -> ActionEndpoint | None:
    """The action server of the project under `root`, None when it names none; `${NAME}` stands for a variable of `environment`.

    Raises ProjectError with file and line.
    """
    path = next((root / name for name in FILES if (root / name).is_file()), None)
    if path is None:
        return None
    place = Place(path.name, 1)
    data = expect_mapping(read_yaml(path, shown_as=path.name), place, "endpoints.yml")
    if data.get("action_endpoint") is None:
        return None
    return parse_action_endpoint(
        expect_mapping(data["action_endpoint"], data.at("action_endpoint"), "`action_endpoint`"), environment=environment
    )


def parse_action_endpoint(data: LinedDict, *, environment: Mapping[str, str]) -> ActionEndpoint:
    """The endpoint of its entry. Raises ProjectError; keys that are not known are passed over, as Rasa does."""
    url = _text(data, "url", environment) or ""
    if not url.startswith(("http://", "https://")):
        raise ProjectError(data.at("url"), "`action_endpoint` has no url", remedy="Write `url: http://localhost:5055/webhook`.")
    params = _texts(data, "params", environment)
    token = _text(data, "token", environment)
    if token:
        params[_text(data, "token_name", environment) or "token"] = token
    auth = _texts(data, "basic_auth", environment)
    timeout = _seconds(data, "timeout", 10.0)
    return ActionEndpoint(
        url=url,
        params=params,
        headers=_texts(data, "headers", environment),
        basic_auth=(auth.get("username", ""), auth.get("password", "")) if auth else None,
        cafile=_text(data, "cafile", environment),
        timeout=timeout,
        budget=_seconds(data, "budget", timeout + 5.0),
        idempotent=data.get("idempotent") is True,
    )


def _text(data: LinedDict, key: str, environment: Mapping[str, str]) -> str | None:
    value = data.get(key)
    if value is None:
        return None

    def named(match: re.Match[str]) -> str:
        if match[1] not in environment:
            raise ProjectError(data.at(key), f"the environment has no {match[1]}", remedy=f"Set {match[1]}, or write the value itself.")
        return environment[match[1]]

    return _VARIABLE.sub(named, str(value))


def _texts(data: LinedDict, key: str, environment: Mapping[str, str]) -> dict[str, str]:
    entries = expect_mapping(data.get(key), data.at(key), f"`{key}`")
    return {str(name): _text(entries, name, environment) or "" for name in entries}


def _seconds(data: LinedDict, key: str, default: float) -> float:
    value: Any = data.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 300:
        raise ProjectError(data.at(key), f"`{key}` is {value!r}", remedy="Write a number of seconds above 0 and at most 300.")
    return float(value)
