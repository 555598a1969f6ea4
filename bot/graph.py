"""`draw_project`: the flows of a project as an SVG picture, laid out here so that no Graphviz is needed.

Each tree grows from left to right. A box stands in the line of the first that follows it, so that a story reads as one straight line and
branches go below; boxes of the same depth stand in one column.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from bot.graph_flows import Node, Section, sections_of
from bot.project.types import Project

LINE, BOX, GAP, MARGIN, HEAD = 34, 24, 28, 20, 46
LETTER, WIDE_LETTER, PADDING = 6.9, 12.0, 18
LONGEST = 44
STYLE = """
svg{background:#fff;font:12px ui-sans-serif,system-ui,sans-serif}
text{fill:#1a2230;dominant-baseline:central}.head{font-weight:600;font-size:16px}.name{fill:#5b6677;font-style:italic}
rect{stroke:#8793a6;fill:#f3f5f8}.intent rect{fill:#e3eefc;stroke:#3b78c2}.action rect{fill:#e7f5ea;stroke:#3d8b57}
.form rect{fill:#fdf0da;stroke:#b97a14;stroke-width:2}.slot rect,.loop rect{fill:#f6eefb;stroke:#8a5bb0;stroke-dasharray:4 3}
.checkpoint rect{fill:#fff;stroke:#b3364b;stroke-dasharray:2 2}.start rect{fill:#1a2230;stroke:#1a2230}.start text{fill:#fff}
.edge{fill:none;stroke:#8793a6}.joins{stroke:#b3364b;stroke-dasharray:5 4}
""".strip()
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass
class _Drawn:
    """A box in its place; `x` and `y` are those of its left upper corner, in pixels."""

    id: str
    node: Node
    x: float
    y: float
    width: float

    @property
    def middle(self) -> float:
        return self.y + BOX / 2

    @property
    def right(self) -> float:
        return self.x + self.width


@dataclass
class _Picture:
    """What is drawn so far."""

    boxes: list[_Drawn] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    y: float = MARGIN
    width: float = 0.0

    def add_section(self, section: Section) -> None:
        self.parts.append(f'<text class="head" x="{MARGIN}" y="{self.y + 14:g}">{_text(section.title)}</text>')
        self.y += HEAD - 6
        for tree in section.trees:
            self._add_tree(tree)
        self.y += HEAD / 2

    def _add_tree(self, tree: Node) -> None:
        places = dict(_places(tree))
        columns = _columns(places)
        drawn: dict[int, _Drawn] = {}
        for node, (depth, row) in places.items():
            number = f"n{len(self.boxes) + 1}"
            drawn[id(node)] = box = _Drawn(number, node, columns[depth], self.y + row * LINE, _width(node.label))
            self.boxes.append(box)
            self.parts.append(_box(box))
            named = ", ".join(node.flows)
            if named:
                beyond = box.right + 8 if not node.following else box.x
                line = box.middle if not node.following else box.y + BOX + 6
                self.parts.append(f'<text class="name" x="{beyond:g}" y="{line:g}">{_text(named)}</text>')
            self.width = max(self.width, box.right + (_width(_cut(named)) if named else 0))
        for node in places:
            self.parts += [_edge(drawn[id(node)], drawn[id(after)]) for after in node.following]
        self.y += (1 + max(row for _, row in places.values())) * LINE + 6

    def join_checkpoints(self) -> None:
        """Dashed lines from where a story ends at a checkpoint to where others go on from it."""
        ends = {id(after) for box in self.boxes for after in box.node.following}
        roots = {box.node.label: box for box in self.boxes if box.node.kind == "checkpoint" and id(box.node) not in ends}
        for box in self.boxes:
            there = roots.get(box.node.label)
            if box.node.kind == "checkpoint" and there is not None and there is not box:
                self.parts.insert(0, _join(box, there))  # under the boxes


def draw_project(project: Project) -> str:
    """The project's rules, stories and forms as one SVG document.

    A box is a `g.node` whose `title` says where it is written; an arrow is a `path.edge` with the boxes' ids in `data-from` and `data-to`.
    """
    picture = _Picture()
    for section in sections_of(project):
        picture.add_section(section)
    picture.join_checkpoints()
    width, height = picture.width + MARGIN, picture.y + MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img">'
        f"<title>{_text(project.root.resolve().name, whole=True)}</title><style>{STYLE}</style>"
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#8793a6"/></marker></defs>'
    )
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *picture.parts, "</svg>"]) + "\n"


def _places(tree: Node) -> Iterator[tuple[Node, tuple[int, int]]]:
    """(depth, line) of each box: the first that follows goes on in the same line, each further one in the next free line."""
    waiting, used = [(tree, 0, True)], -1
    while waiting:
        node, depth, branches = waiting.pop()
        used += branches
        yield node, (depth, used)
        waiting += [(after, depth + 1, number > 0) for number, after in reversed(list(enumerate(node.following)))]


def _columns(places: dict[Node, tuple[int, int]]) -> list[float]:
    """The left edge of each column: as wide as its widest box."""
    widths: dict[int, float] = {}
    for node, (depth, _) in places.items():
        widths[depth] = max(widths.get(depth, 0), _width(node.label))
    edges, x = [], float(MARGIN)
    for depth in sorted(widths):
        edges.append(x)
        x += widths[depth] + GAP
    return edges


def _box(box: _Drawn) -> str:
    node = box.node
    told = f"{node.kind} {node.label}" + (f" ({node.place})" if node.place else "")
    return (
        f'<g class="node {node.kind}" id="{box.id}" data-label={_attribute(node.label)}><title>{_text(told, whole=True)}</title>'
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{BOX}" rx="{12 if node.kind == "intent" else 4}"/>'
        f'<text x="{box.x + PADDING / 2:g}" y="{box.middle:g}">{_text(node.label)}</text></g>'
    )


def _edge(before: _Drawn, after: _Drawn) -> str:
    path = f"M{before.right:g} {before.middle:g}H{after.x - GAP / 2:g}V{after.middle:g}H{after.x:g}"
    return _arrow("edge", path, before, after)


def _join(before: _Drawn, after: _Drawn) -> str:
    """From the lower edge of a box to the upper edge of one further down, or the other way round."""
    down = BOX if after.y > before.y else 0
    start, end = (before.x + before.width / 2, before.y + down), (after.x + after.width / 2, after.y + BOX - down)
    half = (start[1] + end[1]) / 2
    path = f"M{start[0]:g} {start[1]:g}C{start[0]:g} {half:g} {end[0]:g} {half:g} {end[0]:g} {end[1]:g}"
    return _arrow("edge joins", path, before, after)


def _arrow(kind: str, path: str, before: _Drawn, after: _Drawn) -> str:
    return f'<path class="{kind}" data-from="{before.id}" data-to="{after.id}" d="{path}" marker-end="url(#arrow)"/>'


def _width(label: str) -> float:
    return PADDING + sum(WIDE_LETTER if unicodedata.east_asian_width(c) in "WF" else LETTER for c in _cut(label))


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST else label[: LONGEST - 1] + "…"


def _text(label: str, *, whole: bool = False) -> str:
    return escape(_clean(label if whole else _cut(label)))


def _attribute(label: str) -> str:
    return quoteattr(_clean(label))


def _clean(label: str) -> str:
    return _NOT_XML.sub("�", label)


def kinds_drawn(sections: Iterable[Section]) -> dict[str, int]:
    """How many boxes of each kind there are."""
    found: dict[str, int] = {}
    for section in sections:
        for tree in section.trees:
            for node in tree.all():
                found[node.kind] = found.get(node.kind, 0) + 1
    return found
