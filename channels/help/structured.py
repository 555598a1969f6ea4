"""Structured data for search engines (schema.org, JSON-LD), safe inside a <script> element."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from knowledge.markdown import blocks
from knowledge.types import Version

MOST_QUESTIONS = 20
MOST_LETTERS = 2000
_ASKING = ("?", "？")
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def as_script(data: Any) -> str:
    """JSON that cannot end the element it stands in, whatever it holds."""
    return json.dumps(data, ensure_ascii=False).translate(_ESCAPES)


def article_data(version: Version, *, url: str, publisher: str, trail: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """A page of questions and answers where the article is one, else an article; and the way that leads to it (title, address)."""
    asked = questions_of(version)
    body = _faq(asked, version.language) if asked else _article(version, url, publisher)
    return [body, _breadcrumbs(trail)]


def questions_of(version: Version) -> list[tuple[str, str]]:
    """The questions that the article asks itself in its title and headings, with the plain text below each."""
    found: list[tuple[str, list[str]]] = []
    if version.title.endswith(_ASKING):
        found.append((version.title, []))
    for block in blocks(version.body):
        if block.kind == "heading":
            found.append((block.text if block.text.endswith(_ASKING) else "", []))
        elif found:
            found[-1][1].append(block.text)
    told = [(question, "\n".join(lines)[:MOST_LETTERS]) for question, lines in found if question and lines]
    return told[:MOST_QUESTIONS]


def _faq(asked: Sequence[tuple[str, str]], language: str) -> dict[str, Any]:
    answers = [{"@type": "Question", "name": question, "acceptedAnswer": {"@type": "Answer", "text": answer}} for question, answer in asked]
    return {"@context": "https://schema.org", "@type": "FAQPage", "inLanguage": language, "mainEntity": answers}


def _article(version: Version, url: str, publisher: str) -> dict[str, Any]:
    changed = (version.published_at or version.at).isoformat()
    return {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": version.title[:110],
        "inLanguage": version.language,
        "dateModified": changed,
        "mainEntityOfPage": url,
        "publisher": {"@type": "Organization", "name": publisher},
    }


def _breadcrumbs(trail: Sequence[tuple[str, str]]) -> dict[str, Any]:
    items = [{"@type": "ListItem", "position": place, "name": name, "item": url} for place, (name, url) in enumerate(trail, 1)]
    return {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items}
