"""The only reader of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kit.errors import InvalidInputError

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_PORT = 8000


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
        secure_cookies=public.startswith("https://"),
        blob_dir=Path(env["BATON_BLOBS"]).resolve() if env.get("BATON_BLOBS") else None,
    )


def _port(value: str) -> int:
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise SettingError(f"BATON_PORT is {value!r}", hint="Set it to a number from 1 to 65535.")
    return int(value)


def _level(value: str) -> str:
    level = value.upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise SettingError(f"BATON_LOG_LEVEL is {value!r}", hint="Use DEBUG, INFO, WARNING or ERROR.")
    return level
