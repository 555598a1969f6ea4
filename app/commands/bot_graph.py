"""`baton bot graph`: a project's flows as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.common import console, explained
from app.project import open_project
from app.settings import ROOT
from bot.graph import draw_project, kinds_drawn
from bot.graph_flows import sections_of
from kit.errors import InvalidInputError, NotFoundError


def graph(
    project: Annotated[Path, typer.Option(help="The folder of a Rasa 3 project")] = ROOT,
    out: Annotated[Path, typer.Option(help="Where to write the picture, an .svg file")] = Path("flows.svg"),
) -> None:
    """Draw rules, stories and forms as an SVG picture that any browser shows."""
    with explained():
        if not project.is_dir():
            raise NotFoundError(f"There is no folder {project}")
        if out.suffix.lower() != ".svg" or out.is_dir():
            raise InvalidInputError(f"{out} is not the name of an .svg file")
        if not out.parent.is_dir():
            raise NotFoundError(f"There is no folder {out.parent}")
        loaded = open_project(project)
        out.write_text(draw_project(loaded), encoding="utf-8")
        counted = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds_drawn(sections_of(loaded)).items()))
        console.print(f"Written to {out}: {counted or 'nothing, the project has no flows'}", markup=False, soft_wrap=True)
