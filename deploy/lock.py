"""Writes requirements.lock and requirements-dev.lock from what is installed in the environment, without addresses or local build tags."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
HEAD = "# Made by `make lock` from pyproject.toml. Do not edit by hand.\n"


def canonical(name: str) -> str:
    """A package name in its canonical form."""
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(wanted: list[str], installed: dict[str, Distribution]) -> dict[str, str]:
    """Every installed package that `wanted` need, with its version."""
    found: dict[str, str] = {}
    todo = [Requirement(w) for w in wanted]
    seen: set[tuple[str, str]] = set()
    while todo:
        requirement = todo.pop()
        name = canonical(requirement.name)
        key = (name, ",".join(sorted(requirement.extras)))
        if key in seen or name not in installed:
            continue
        seen.add(key)
        distribution = installed[name]
        found[name] = distribution.version.partition("+")[0]
        for text in distribution.requires or []:
            needed = Requirement(text)
            extras = requirement.extras or {""}
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras | {""}):
                todo.append(needed)
    return found


def main() -> None:
    """Writes both files."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    installed = {canonical(d.metadata["Name"]): d for d in distributions()}
    runtime = closure([*project["project"]["dependencies"], *project["build-system"]["requires"]], installed)
    dev = closure(project["project"]["optional-dependencies"]["dev"], installed)
    for file, packages in (("requirements.lock", runtime), ("requirements-dev.lock", {n: v for n, v in dev.items() if n not in runtime})):
        (ROOT / file).write_text(HEAD + "".join(f"{name}=={version}\n" for name, version in sorted(packages.items())))


if __name__ == "__main__":
    main()
