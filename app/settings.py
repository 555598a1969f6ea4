"""The only reader of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from channels.rasa.tokens import METHODS
from channels.rasa.types import DoorSettings
from kit.errors import InvalidInputError

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_PORT = 8000
ENGINES = ("baton", "rasa")
SEARCH_ENCODERS = "e5-multilingual+use-multilingual"


class SettingError(InvalidInputError):
    """A setting cannot be used."""


@dataclass(frozen=True)
class Settings:
    """Everything that can be set from outside."""

    data_dir: Path
    host: str
    port: int
    database_url: str | None
    public_url: str
    title: str
    log_level: str
    project_dir: Path
    eval_data: Path
    secure_cookies: bool
    encoder_dir: Path  # where exported encoders and the embedding cache lie
    encoder: str = "use-multilingual"  # what reads all languages
    encoder_english: str = "minilm-l6-v2"  # what reads English beside it; empty: nothing
    encoder_search: str = SEARCH_ENCODERS  # what reads articles and questions for search
    engine: str = "baton"  # who leads the dialogue: baton or rasa
    action_token: str | None = None  # what calls of `baton action-server` must bear
    rasa_env: Path = ROOT / ".rasa-venv"  # Rasa's own environment, made by `make rasa-env`
    doors: DoorSettings | None = None  # Rasa's doors; None: closed
    blob_dir: Path | None = None  # a folder for models that all nodes share; None: the data folder, or an external database

    @property
    def embedded(self) -> bool:
        """Whether Baton runs its own PostgreSQL."""
        return self.database_url is None

    @property
    def models_dir(self) -> Path:
        """Where the trained models of this node lie, with the file `current` that names the one in use."""
        return self.data_dir / "models"

    @property
    def learned_dir(self) -> Path:
        """Where the sentences that editors assigned in the console lie, as Rasa YAML for each language."""
        return self.data_dir / "nlu"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Reads the settings from the environment. Raises SettingError naming the variable that is wrong."""
    env = os.environ if environment is None else environment
    port = _port(env.get("BATON_PORT", str(DEFAULT_PORT)))
    host = env.get("BATON_HOST", "127.0.0.1")
    public = env.get("BATON_PUBLIC_URL", f"http://localhost:{port}").rstrip("/")
    data_dir = Path(env.get("BATON_DATA_DIR") or ".baton").resolve()
    return Settings(
        data_dir=data_dir,
        host=host,
        port=port,
        database_url=env.get("DATABASE_URL") or None,
        public_url=public,
        title=env.get("BATON_TITLE", "Lantern Court"),
        log_level=_level(env.get("BATON_LOG_LEVEL", "INFO")),
        project_dir=Path(env.get("BATON_PROJECT") or ROOT).resolve(),
        eval_data=Path(env.get("BATON_EVAL_DATA") or ROOT.parent / "shared" / "data").resolve(),
        encoder_dir=Path(env.get("BATON_ENCODER_CACHE") or data_dir / "encoders").resolve(),
        encoder=env.get("BATON_ENCODER") or "use-multilingual",
        encoder_english=env.get("BATON_ENCODER_ENGLISH", "minilm-l6-v2"),
        encoder_search=env.get("BATON_ENCODER_SEARCH") or SEARCH_ENCODERS,
        engine=_engine(env.get("BATON_ENGINE") or "baton"),
        action_token=env.get("BATON_ACTION_TOKEN") or None,
        rasa_env=Path(env.get("BATON_RASA_ENV") or ROOT / ".rasa-venv").resolve(),
        doors=_doors(env),
        secure_cookies=public.startswith("https://"),
        blob_dir=Path(env["BATON_BLOBS"]).resolve() if env.get("BATON_BLOBS") else None,
    )


def _port(value: str) -> int:
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise SettingError(f"BATON_PORT is {value!r}", hint="Set it to a number from 1 to 65535.")
    return int(value)


def _engine(value: str) -> str:
    if value not in ENGINES:
        raise SettingError(f"BATON_ENGINE is {value!r}", hint=f"Use one of {', '.join(ENGINES)}.")
    return value


def _doors(env: Mapping[str, str]) -> DoorSettings | None:
    switch = env.get("BATON_RASA_DOORS") or "off"
    if switch not in {"on", "off"}:
        raise SettingError(f"BATON_RASA_DOORS is {switch!r}", hint="Use on or off.")
    method, url = env.get("BATON_RASA_JWT_METHOD") or "HS256", env.get("BATON_RASA_CALLBACK_URL") or None
    if method not in METHODS:
        raise SettingError(f"BATON_RASA_JWT_METHOD is {method!r}", hint=f"Use one of {', '.join(METHODS)}.")
    if url is not None and not url.startswith(("http://", "https://")):
        raise SettingError(f"BATON_RASA_CALLBACK_URL is {url!r}", hint="It begins with http:// or https://.")
    token, secret = env.get("BATON_RASA_TOKEN") or None, env.get("BATON_RASA_JWT_SECRET") or None
    cors = tuple(o.strip() for o in env.get("BATON_RASA_CORS", "").split(",") if o.strip())
    return DoorSettings(token, secret, method, cors, url) if switch == "on" else None


def _level(value: str) -> str:
    level = value.upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise SettingError(f"BATON_LOG_LEVEL is {value!r}", hint="Use DEBUG, INFO, WARNING or ERROR.")
    return level
