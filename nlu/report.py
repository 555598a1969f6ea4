"""The report of `baton nlu report`: one HTML page that needs nothing else, from judged sentences."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from nlu.crossval import Judged, Judgement
from nlu.crossval_figures import Figures, figures_by_language
from nlu.report_charts import confusion_matrix, reliability_curve
from nlu.report_parts import (
    close_table,
    entities_table,
    intents_table,
    language_name,
    pairs_table,
    rejected_table,
    scope_tables,
    summary_table,
    suspects_table,
    words,
    worst_table,
)
from nlu.report_style import SCRIPT, STYLE
from nlu.suspects import find_suspects
from nlu.validate_likeness import ClosePair

HOW_TO_READ = (
    "Accuracy: the best intent is right, were every message answered. Rejecting: a message that the bot declines counts as wrong. "
    "Macro-F1: over intents and out of scope, rejecting, each alike. ECE: how far confidence and being right lie apart, on average. "
    "Entity F1: exact spans."
)


@dataclass(frozen=True)
class ReportHead:
    """What stands above the figures: the `project`, when it was `made`, how many `trained` sentences, and the `digest` of the data."""

    project: str
    made: datetime
    trained: int
    digest: str


def build_report(judgement: Judgement, head: ReportHead, *, close: Sequence[ClosePair] = ()) -> str:
    """The whole page as HTML. `close`: intents that lie close, of all languages."""
    figures = figures_by_language(judgement.judged)
    sections = "".join(_section(f, _of(judgement.judged, f.language)) for f in figures)
    end = f"{_suspects(judgement.judged)}{_close(close)}</main>{_footer(head)}"
    body = f"{_header(judgement, head)}{_menu(figures)}<main>{_summary(judgement, figures)}{sections}{end}"
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src '{_script_hash()}'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Understanding of {words(head.project)}</title><style>{STYLE}</style></head>"
        f"<body>{body}<script>{SCRIPT}</script></body></html>\n"
    )


def _script_hash() -> str:
    """Lets the browser run our script and no other, should a text ever slip through unescaped (CSP level 2, hash source)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()


def _of(judged: Sequence[Judged], language: str) -> list[Judged]:
    chosen = [one for one in judged if one.example.language == language]
    return chosen or list(judged)


def _header(judgement: Judgement, head: ReportHead) -> str:
    what = f"{judgement.method}, {len(judgement.judged)} sentences, {head.made:%Y-%m-%d %H:%M} UTC"
    return f'<header><div><h1>Understanding of {words(head.project)}</h1><p class="soft">{escape(what)}</p></div></header>'


def _menu(figures: Sequence[Figures]) -> str:
    links = "".join(f'<a href="#{escape(f.language)}">{escape(language_name(f.language))}</a>' for f in figures)
    ends = '<a href="#suspects">Labels</a><a href="#close">Close intents</a>'
    return f'<nav aria-label="Sections"><div><a href="#summary">Summary</a>{links}{ends}</div></nav>'


def _summary(judgement: Judgement, figures: Sequence[Figures]) -> str:
    rows = summary_table(figures)
    feelings = _sentiment(judgement.sentiment)
    return f'<section id="summary"><h2>Summary</h2><div class="card">{rows}</div><p class="soft">{HOW_TO_READ}</p>{feelings}</section>'


def _sentiment(scores: Mapping[str, float]) -> str:
    if not scores:
        return ""
    boxes = "".join(_figure(name.replace("_", " "), value) for name, value in scores.items())
    return f'<div class="card"><h3>Sentiment, cross-validated on its own sentences</h3><dl class="figures">{boxes}</dl></div>'


def _figure(title: str, value: float | None) -> str:
    shown = "–" if value is None else f"{100 * value:.1f} %"
    return f"<div><dt>{escape(title)}</dt><dd>{shown}</dd></div>"


def _section(figures: Figures, judged: Sequence[Judged]) -> str:
    title = escape(language_name(figures.language))
    boxes = (("accuracy", figures.accuracy), ("accuracy, rejecting", figures.accuracy_rejecting), ("macro-F1", figures.macro_f1),
             ("ECE", figures.ece), ("out-of-scope recall", figures.oos_recall), ("entity F1", figures.entity_f1))  # fmt: skip
    dials = "".join(_figure(name, value) for name, value in boxes)
    weak = f"<details open><summary>Intents: {len(figures.intents)}, the weakest first</summary>{intents_table(figures.intents)}</details>"
    parts = [
        f'<section id="{escape(figures.language)}"><h2>{title}</h2><p class="soft">{figures.sentences} sentences</p>',
        f'<dl class="figures">{dials}</dl>',
        _drawings(figures, judged),
        f'<div class="card"><h3>Pairs confused most often</h3><div class="narrow">{pairs_table(figures)}</div></div>',
        f'<div class="card long"><h3>Wrong answers, the most confident first</h3>{worst_table(judged)}</div>',
        f'<div class="card long">{weak}</div>',
        _scope(figures, judged),
    ]
    if figures.entities:
        parts.append(f'<div class="card"><h3>Entities</h3>{entities_table(figures.entities)}</div>')
    return "".join(parts) + "</section>"


def _drawings(figures: Figures, judged: Sequence[Judged]) -> str:
    curve = f'<div class="card"><h3>Reliability</h3>{reliability_curve(figures.bins)}'
    if figures.ece is not None:
        curve += (
            f'<p class="soft">Expected calibration error {100 * figures.ece:.1f} %. On the dashed line, confidence is what it says.</p>'
        )
    matrix = confusion_matrix(judged, figures.confusions) if figures.confusions else '<p class="soft">Nothing is confused.</p>'
    shown = "The intents that are confused most: a row for each true intent, a column for the answer; out of scope means rejected."
    right = f'<div class="card"><h3>Confusion</h3><p class="soft">{shown}</p><div class="wide" tabindex="0">{matrix}</div></div>'
    rejected = f"<h3>Rejected most often</h3>{rejected_table(figures)}"
    return f'<div class="pair">{curve}{rejected}</div>{right}</div>'


def _scope(figures: Figures, judged: Sequence[Judged]) -> str:
    dials = _figure("recall: rejected of the out-of-scope", figures.oos_recall)
    dials += _figure("precision: out of scope of the rejected", figures.oos_precision)
    top = f'<h3>Out of scope</h3><p class="soft">{figures.oos_sentences} sentences are out of scope.</p>'
    return f'<div class="card long">{top}<dl class="figures">{dials}</dl>{scope_tables(judged)}</div>'


def _close(pairs: Sequence[ClosePair]) -> str:
    told = "By the nearest neighbours of each sentence in the encoder's space, itself left out; no classifier is asked."
    card = f'<div class="card">{close_table(pairs)}</div>'
    return f'<section id="close"><h2>Intents that lie close</h2><p class="soft">{told}</p>{card}</section>'


def _suspects(judged: Sequence[Judged]) -> str:
    found = find_suspects(judged)
    told = f"By confident learning, {len(found.found)} of {found.sentences} labels are doubted; baton nlu suggest lists them all."
    card = f'<div class="card long">{suspects_table(found.found)}</div>'
    return f'<section id="suspects"><h2>Labels to look at</h2><p class="soft">{told}</p>{card}</section>'


def _footer(head: ReportHead) -> str:
    return (
        f"<footer>Made by <code>baton nlu report</code> from {head.trained} training sentences, data {escape(head.digest[:12])}.</footer>"
    )
