"""A copy of a project that Rasa can train: Rasa writes into the configuration that it reads, and Baton's own layout is not Rasa's."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.project.loader import load_project
from bot.project.types import Place, Project, ProjectError, Response
from bot.rasa_domain import domain_as_rasa_json

LEFT_OUT = ("models", ".rasa", ".git", ".venv*", "venv", "__pycache__", "node_modules", "results", "*.tar.gz", ".cache")
AFTER_READING = "action_baton_after_reading"
YAML = (".yml", ".yaml")


@dataclass(frozen=True)
class RasaCopy:
    """A project as Rasa shall read it. `core_only`: what customers say is not Rasa's to understand."""

    root: Path
    config: Path
    domain: Path
    data: Path
    core_only: bool

    def digest(self) -> str:
        """SHA-256 over names and bytes of all that training reads."""
        digest = hashlib.sha256(b"rasa 3.6.21, core only" if self.core_only else b"rasa 3.6.21")
        for path in sorted(p for p in self.root.rglob("*") if p.is_file() and _is_trained_on(p, self)):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(self.root).as_posix()}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()


def _is_trained_on(path: Path, copy: RasaCopy) -> bool:
    return path.suffix == ".py" or any(path.is_relative_to(p) for p in (copy.config, copy.domain, copy.data))


def is_own_layout(root: Path) -> bool:
    """Whether a project lies in Baton's own layout: bot/domain, bot/config.yml, training_data/."""
    return (root / "bot" / "domain").is_dir()


def copy_for_tests(root: Path, target: Path) -> RasaCopy:
    """Copies a project as it is, so that Rasa judges what its author wrote; Baton's own layout is converted. Raises ProjectError."""
    if is_own_layout(root):
        return copy_for_engine(root, target)
    shutil.copytree(root, target, ignore=shutil.ignore_patterns(*LEFT_OUT), dirs_exist_ok=True)
    config = first_of(target, "config.yml", "config.yaml")
    data = first_of(target, "data", "training_data")
    domain = first_of(target, "domain.yml", "domain.yaml", "domain")
    _rewrite(config, _without_baton)
    return RasaCopy(target, config, domain, data, core_only=False)


def copy_for_engine(root: Path, target: Path) -> RasaCopy:
    """Copies what the dialogue needs: rules, stories and the domain with Baton's action; sentences stay out, since Baton understands.

    Responses in the default language stand in the domain, so that Rasa knows their names; Baton says them (`bot/rasa/serving.py`).
    """
    own = is_own_layout(root)
    base = root / "bot" if own else root
    domain_at = first_of(base, "domain.yml", "domain.yaml", "domain")
    data_at = first_of(root, "data", "training_data")
    project = load_project(base, domain=domain_at, data=data_at, strict=False)
    copy = RasaCopy(target, target / "config.yml", target / "domain", target / "data", core_only=True)
    for folder in (copy.domain, copy.data):
        folder.mkdir(parents=True)
    shutil.copy(first_of(base, "config.yml", "config.yaml"), copy.config)
    _rewrite(copy.config, _without_understanding)
    _copy_domain(project, domain_at, copy.domain)
    _write(copy.domain / "baton.yml", _additions(project, own=own))
    _copy_yaml(data_at, copy.data, keys=("rules", "stories"))
    selected = sorted({name.removeprefix("utter_") for said in project.responses.values() for name in said if "/" in name})
    if selected:  # what retrieval intents there are Rasa knows only from sentences
        nlu = [{"intent": name, "examples": f"- {name.replace('/', ' ')}\n"} for name in selected]
        _write(copy.data / "retrieval.yml", {"version": "3.1", "nlu": nlu})
    return copy


def first_of(root: Path, *names: str) -> Path:
    """The first of the names that is there. Raises ProjectError."""
    for name in names:
        if (root / name).exists():
            return root / name
    raise ProjectError(
        Place(str(root / names[0]), 1), f"there is none of {', '.join(names)}", remedy="Name the folder of a Rasa 3 project."
    )


def _copy_domain(project: Project, source: Path, target: Path) -> None:
    """The author's own files, each slot with `mappings`; of an older format what Baton made of it."""
    domain = project.domain
    if domain.notes:
        session = {
            "session_expiration_time": domain.session.expires_after,
            "carry_over_slots_to_new_session": domain.session.carry_over_slots,
        }
        _write(target / "domain.yml", domain_as_rasa_json(project) | {"session_config": session})
        return
    _copy_yaml(source, target, keys=None)
    for path in [p for p in target.rglob("*") if p.is_file()]:
        _rewrite(path, _with_mappings)


def _copy_yaml(source: Path, target: Path, *, keys: tuple[str, ...] | None) -> None:
    """Copies YAML files; with `keys` only those parts of them, and no tests."""
    base = source if source.is_dir() else source.parent
    for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
        inside = path.relative_to(base)
        if not path.is_file() or path.suffix not in YAML or (keys and "tests" in inside.parts):
            continue
        data = read_yaml_file(path)
        kept = data if keys is None else {k: v for k, v in data.items() if k in ("version", *keys)}
        if keys is not None:
            kept = kept | {"version": "3.1"}
        if keys is None or kept.keys() & set(keys):
            (target / inside).parent.mkdir(parents=True, exist_ok=True)
            if kept == data:
                shutil.copy(path, target / inside)
            else:
                _write(target / inside, kept)


def _additions(project: Project, *, own: bool) -> dict[str, Any]:
    """Baton's action, and the names of the responses that no domain file holds, each in one language."""
    said: dict[str, Response] = {}
    for language in (project.config.language, *project.responses):
        said = project.responses.get(language, {}) | said
    responses = {name: [{"text": v.text or " "} for v in response.variations] for name, response in said.items()} if own else {}
    return {"version": "3.1", "actions": [AFTER_READING]} | ({"responses": responses} if responses else {})


def _without_baton(data: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in data.items() if k != "baton"}


def _without_understanding(data: dict[str, Any]) -> dict[str, Any]:
    return _without_baton(data) | {"recipe": "default.v1", "pipeline": [], "assistant_id": data.get("assistant_id", "baton")}


def _with_mappings(data: dict[str, Any]) -> dict[str, Any]:
    """Rasa wants `mappings` of every slot; Baton takes their absence for none."""
    slots = {n: s if not isinstance(s, dict) or "mappings" in s else s | {"mappings": []} for n, s in (data.get("slots") or {}).items()}
    return data | ({"slots": slots} if slots else {})


def read_yaml_file(path: Path) -> dict[str, Any]:
    """A YAML mapping; empty for anything else. Raises ProjectError on what is no YAML."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise ProjectError(Place(str(path), line), "this is no YAML", remedy="Check the indentation.") from None
    return data if isinstance(data, dict) else {}


def _rewrite(path: Path, change: Any) -> None:
    data = read_yaml_file(path)
    changed = change(data)
    if changed != data:
        _write(path, changed)


def _write(path: Path, data: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
