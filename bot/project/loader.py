"""`load_project`: finds the files of a project and puts their parts together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bot.project.config import parse_config
from bot.project.domain import DomainBuilder
from bot.project.flows import parse_rule, parse_story
from bot.project.lined_yaml import LinedDict, expect_list, expect_mapping, read_yaml, refuse_unknown
from bot.project.problems import collecting, report
from bot.project.references import check_references
from bot.project.responses import parse_responses
from bot.project.types import Config, Flow, Place, Project, ProjectError, Response
from kit.log import get_logger

log = get_logger("bot")

DATA_KEYS = ("version", "nlu", "rules", "stories", "responses")


def load_project(root: Path | str, *, domain: Path | str | None = None, data: Path | str | None = None, strict: bool = True) -> Project:
    """Reads the project under `root`: config.yml, the domain (one file or a folder), rules, stories and responses.

    `domain` defaults to domain.yml or domain/; `data` to data/ or training_data/, where a folder `tests` is left out and
    `responses/<language>/` holds the responses of one language. Raises ProjectError with file, line and remedy at the first problem;
    with `strict` false (projects of others) what Rasa would read on with is passed over and stands in `problems`.
    """
    if strict:
        return _load(Path(root), domain, data)
    with collecting() as problems:
        project = _load(Path(root), domain, data)
    return replace(project, problems=tuple(problems))


def _load(root: Path, domain: Path | str | None, data: Path | str | None) -> Project:
    config = _config(root)
    domain_at = Path(domain) if domain else _first(root, "domain.yml", "domain.yaml", "domain")
    data_at = Path(data) if data else _first(root, "data", "training_data")
    parts = _Parts(config.language)
    for path in _yaml_files(domain_at):
        parts.add_domain(path, _shown(path, root))
    for path in _yaml_files(data_at):
        if "tests" not in path.relative_to(data_at if data_at.is_dir() else data_at.parent).parts:
            parts.add_data(path, _shown(path, root))
    built = parts.domain.build()
    for note in built.notes:
        log.info("migrated from version 2.0", note=note)
    project = Project(root, config, built, tuple(parts.rules), tuple(parts.stories), parts.responses, tuple(parts.nlu_paths))
    check_references(project)
    return project


def load_stories(path: Path | str, *, prefix: str = "") -> tuple[Flow, ...]:
    """The (test) stories of one file or of every YAML file in a folder whose name begins with `prefix`. Raises ProjectError."""
    files = [file for file in _yaml_files(Path(path)) if Path(path).is_file() or file.name.startswith(prefix)]
    return tuple(story for file in files for story in _flows(_mapping(file, str(file)))[1])


class _Parts:
    """What has been read so far."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.domain = DomainBuilder()
        self.rules: list[Flow] = []
        self.stories: list[Flow] = []
        self.responses: dict[str, dict[str, Response]] = {}
        self.nlu_paths: list[Path] = []

    def add_domain(self, path: Path, shown: str) -> None:
        data = _mapping(path, shown)
        self.domain.add(data)
        self.add_responses(data, self.language)

    def add_data(self, path: Path, shown: str) -> None:
        folders = set(Path(shown).parts[:-1])
        if "nlu" in folders:
            self.nlu_paths.append(path)
            return
        data = _mapping(path, shown)
        if not data.keys() & set(DATA_KEYS[1:]) and not folders & {"rules", "stories", "responses"}:
            return  # something else that lives beside the training data
        if "intents" in data or "slots" in data or "actions" in data:
            self.domain.add(data)  # a domain may stand among the data
        else:
            refuse_unknown(data, DATA_KEYS, "a data file")
        if "nlu" in data:
            self.nlu_paths.append(path)
        rules, stories = _flows(data)
        self.rules += rules
        self.stories += stories
        under = path.parent.name
        self.add_responses(data, under if path.parent.parent.name == "responses" else self.language)

    def add_responses(self, data: LinedDict, language: str) -> None:
        known = self.responses.setdefault(language, {})
        for name, response in parse_responses(data.get("responses"), data.at("responses")).items():
            if name in known:
                report(ProjectError(response.place, f"{name!r} is said at {known[name].place} too", remedy="Keep one of the two."))
            known[name] = response


def _flows(data: LinedDict) -> tuple[list[Flow], list[Flow]]:
    rules = expect_list(data.get("rules"), data.at("rules"), "`rules`")
    stories = expect_list(data.get("stories"), data.at("stories"), "`stories`")
    return (
        [parse_rule(entry, rules.at(i)) for i, entry in enumerate(rules)],
        [parse_story(entry, stories.at(i)) for i, entry in enumerate(stories)],
    )


def _config(root: Path) -> Config:
    for name in ("config.yml", "config.yaml"):
        path = root / name
        if path.exists():
            return parse_config(read_yaml(path, shown_as=_shown(path, root)), Place(_shown(path, root), 1))
    raise ProjectError(Place(str(root / "config.yml"), 1), "there is no config.yml", remedy="Add one; `language: en` is enough.")


def _first(root: Path, *names: str) -> Path:
    for name in names:
        if (root / name).exists():
            return root / name
    raise ProjectError(Place(str(root / names[0]), 1), f"there is none of {', '.join(names)}", remedy="Name the place, or create it.")


def _yaml_files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        yield from sorted(p for p in path.rglob("*") if p.suffix in (".yml", ".yaml") and p.is_file())
    else:
        raise ProjectError(Place(str(path), 1), "there is no such file or folder", remedy="Check the path.")


def _mapping(path: Path, shown: str) -> LinedDict:
    return expect_mapping(read_yaml(path, shown_as=shown), Place(shown, 1), "the file")


def _shown(path: Path, root: Path) -> str:
    for base in (root, root.parent):
        if path.is_relative_to(base):
            return path.relative_to(base.parent if base == root else base).as_posix()
    return path.as_posix()
