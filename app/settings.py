"""The only reader of the environment."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.order_settings import OrderSettings, read_order_settings
from channels.rasa.tokens import METHODS
from channels.rasa.types import DoorSettings
from context.crm.hubspot import URL as HUBSPOT
from desk.patience import USUAL, Patience
from kit.errors import InvalidInputError
from knowledge.generator.settings import GeneratorSettings

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
    reranker: str = ""  # the cross-encoder that reads the best passages again; empty: none
    engine: str = "baton"  # who leads the dialogue: baton or rasa
    action_token: str | None = None  # what calls of `baton action-server` must bear
    rasa_env: Path = ROOT / ".rasa-venv"  # Rasa's own environment, made by `make rasa-env`
    doors: DoorSettings | None = None  # Rasa's doors; None: closed
    article_review: bool = False  # whether articles are published only by somebody who did not write them
    generator: GeneratorSettings | None = None  # a language model that words answers; None: articles are quoted
    widget: Path | None = None  # a file with what the widget asks beside the chat; it may change while Baton runs
    disclosure: Path | None = None  # a file with what the machine says of itself, by channel and language
    orders: OrderSettings | None = None  # the shop's own order system; None: the own table alone
    crm_token: str | None = None  # HubSpot's; None: no link
    crm_url: str = HUBSPOT
    private_webhooks: bool = False  # whether webhooks may go to http and to addresses of the own network
    check_links: bool = True  # whether workers ask addresses outside that articles link to
    secret_key: str | None = None  # what seals the secrets of channel accounts; None: a key in the data folder
    keep_days: int | None = None  # after so many days conversations that are resolved go, and customers of whom none is left; None: never
    patience: Patience = USUAL  # how long is waited for agents whose connection is lost, and for silent customers
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
        check_links=env.get("BATON_CHECK_LINKS", "1").strip().lower() not in {"0", "no", "off", "false"},
        encoder_english=env.get("BATON_ENCODER_ENGLISH", "minilm-l6-v2"),
        encoder_search=env.get("BATON_ENCODER_SEARCH") or SEARCH_ENCODERS,
        reranker=env.get("BATON_RERANKER") or "",
        engine=_engine(env.get("BATON_ENGINE") or "baton"),
        action_token=env.get("BATON_ACTION_TOKEN") or None,
        rasa_env=Path(env.get("BATON_RASA_ENV") or ROOT / ".rasa-venv").resolve(),
        doors=_doors(env),
        generator=_generator(env),
        secure_cookies=public.startswith("https://"),
        secret_key=env.get("BATON_SECRET_KEY") or None,
        article_review=_switch(env, "BATON_ARTICLE_REVIEW"),
        private_webhooks=_switch(env, "BATON_PRIVATE_WEBHOOKS"),
        widget=_widget(env, data_dir),
        disclosure=Path(env["BATON_DISCLOSURE"]).resolve() if env.get("BATON_DISCLOSURE") else None,
        orders=read_order_settings(env),
        crm_token=env.get("BATON_HUBSPOT_TOKEN") or None,
        crm_url=env.get("BATON_HUBSPOT_URL") or HUBSPOT,
        keep_days=int(_number(env, "BATON_KEEP_DAYS", default=0, least=30, most=36_500)) if env.get("BATON_KEEP_DAYS") else None,
        patience=_patience(env),
        blob_dir=Path(env["BATON_BLOBS"]).resolve() if env.get("BATON_BLOBS") else None,
    )


def _widget(env: Mapping[str, str], data_dir: Path) -> Path:
    """The named file must be there; the one in the data folder may be."""
    named = env.get("BATON_WIDGET")
    if named and not Path(named).is_file():
        raise SettingError(f"BATON_WIDGET is {named!r}", hint="There is no such file.")
    return Path(named).resolve() if named else data_dir / "widget.yml"


def _port(value: str) -> int:
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise SettingError(f"BATON_PORT is {value!r}", hint="Set it to a number from 1 to 65535.")
    return int(value)


def _switch(env: Mapping[str, str], name: str) -> bool:
    switch = env.get(name) or "off"
    if switch not in {"on", "off"}:
        raise SettingError(f"{name} is {switch!r}", hint="Use on or off.")
    return switch == "on"


def _engine(value: str) -> str:
    if value not in ENGINES:
        raise SettingError(f"BATON_ENGINE is {value!r}", hint=f"Use one of {', '.join(ENGINES)}.")
    return value


def _doors(env: Mapping[str, str]) -> DoorSettings | None:
    opened = _switch(env, "BATON_RASA_DOORS")
    method, url = env.get("BATON_RASA_JWT_METHOD") or "HS256", env.get("BATON_RASA_CALLBACK_URL") or None
    if method not in METHODS:
        raise SettingError(f"BATON_RASA_JWT_METHOD is {method!r}", hint=f"Use one of {', '.join(METHODS)}.")
    if url is not None and not url.startswith(("http://", "https://")):
        raise SettingError(f"BATON_RASA_CALLBACK_URL is {url!r}", hint="It begins with http:// or https://.")
    token, secret = env.get("BATON_RASA_TOKEN") or None, env.get("BATON_RASA_JWT_SECRET") or None
    cors = tuple(o.strip() for o in env.get("BATON_RASA_CORS", "").split(",") if o.strip())
    return DoorSettings(token, secret, method, cors, url) if opened else None


def _generator(env: Mapping[str, str]) -> GeneratorSettings | None:
    url, model = (env.get("BATON_GENERATOR_URL") or "").rstrip("/"), env.get("BATON_GENERATOR_MODEL") or ""
    if not url:
        return None
    if not url.startswith(("http://", "https://")):
        raise SettingError(f"BATON_GENERATOR_URL is {url!r}", hint="It begins with http:// or https:// and ends before /chat/completions.")
    if not model:
        raise SettingError("BATON_GENERATOR_MODEL is missing", hint="Name a model of the endpoint, or unset BATON_GENERATOR_URL.")
    prices = {"BATON_GENERATOR_PRICE_IN": 0.0, "BATON_GENERATOR_PRICE_OUT": 0.0}
    price_in, price_out = (_number(env, name, default=default, least=0, most=10_000) for name, default in prices.items())
    day_cost = env.get("BATON_GENERATOR_COST_PER_DAY")
    if day_cost and price_in + price_out <= 0:
        hint = "Set BATON_GENERATOR_PRICE_IN and BATON_GENERATOR_PRICE_OUT, for a million tokens."
        raise SettingError("BATON_GENERATOR_COST_PER_DAY cannot be kept without prices", hint=hint)
    return GeneratorSettings(
        url=url.removesuffix("/chat/completions"),
        model=model,
        key=env.get("BATON_GENERATOR_KEY") or "",
        seconds=_number(
            env, "BATON_GENERATOR_SECONDS", default=6, least=0.5, most=8
        ),  # a turn of the bot holds its lease for 30, and three failures are borne
        tokens_per_day=int(_number(env, "BATON_GENERATOR_TOKENS_PER_DAY", default=500_000, least=0, most=10**12)),
        cost_per_day=_number(env, "BATON_GENERATOR_COST_PER_DAY", default=0, least=0, most=10**9) if day_cost else None,
        price_in=price_in,
        price_out=price_out,
    )


def _number(env: Mapping[str, str], name: str, *, default: float, least: float, most: float) -> float:
    given = env.get(name) or str(default)
    try:
        value = float(given)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise SettingError(f"{name} is {given!r}", hint=f"Use a number from {least:g} to {most:g}.")
    return value


def _patience(env: Mapping[str, str]) -> Patience:
    return Patience(
        grace=timedelta(seconds=_number(env, "BATON_AGENT_GRACE_SECONDS", default=120, least=60, most=86_400)),
        abandon=timedelta(hours=_number(env, "BATON_ABANDON_HOURS", default=24, least=0, most=8760)),
        close=timedelta(days=_number(env, "BATON_CLOSE_DAYS", default=7, least=0, most=3650)),
    )


def _level(value: str) -> str:
    level = value.upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise SettingError(f"BATON_LOG_LEVEL is {value!r}", hint="Use DEBUG, INFO, WARNING or ERROR.")
    return level
