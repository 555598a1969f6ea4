"""A live Zendesk Help Center: a local server that answers as its API does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kit.db import Database
from knowledge.sources.types import Options
from tests.knowledge.imports.helping import Desk
from tests.knowledge.sources.serving import Answer, serving

pytestmark = pytest.mark.integration
ROOT = "/api/v2/help_center"


def article(number: int, locale: str, title: str, body: str) -> dict[str, Any]:
    return {
        "id": number, "locale": locale, "source_locale": "en-us", "title": title, "name": title, "body": f"<p>{body}</p>", "section_id": 2,
        "draft": False, "user_segment_id": None, "label_names": [],
    }  # fmt: skip


def answer(data: Any, status: int = 200) -> Answer:
    return Answer(json.dumps(data).encode(), status=status, type="application/json; charset=utf-8")


def centre(path: str) -> Answer | None:
    """The API of a centre in English, Portuguese and German."""
    sides = {"sections": [{"id": 2, "category_id": 3, "name": "S"}], "categories": [{"id": 3, "name": "Orders"}]}
    first = f"{ROOT}/en-us/articles.json?include=sections,categories&per_page=100"
    following = f"{ROOT}/en-us/articles.json?page=2"
    pages = {
        f"{ROOT}/locales.json": {"locales": ["de", "en-us", "pt-br"], "default_locale": "en-us"},
        first: sides | {"articles": [article(1, "en-us", "How do I return?", "In 30 days.")], "next_page": "HERE" + following},
        following: sides | {"articles": [article(2, "en-us", "Do you wrap?", "Yes.")], "next_page": None},
        first.replace("en-us", "pt-br"): sides | {"articles": [article(1, "pt-br", "Como devolver?", "Em 30 dias.")], "next_page": None},
    }
    return answer(pages[path]) if path in pages else None


async def test_every_language_and_every_page_is_read(database: Database) -> None:
    desk = Desk(database)
    with serving(lambda _path: None) as site:
        site.pages = lambda path: _addressed(centre(path), site.address)
        source = await desk.source(site.address + "/hc/en-us", kind="zendesk", options=Options(delay=0, private=True))
        run = await desk.bring(source)
        assert run.counts == {"new": 3, "stored": 3}
        assert not [path for path in site.asked if "/de/" in path]
        assert (await desk.preview(source)).counts == {"unchanged": 3, "kept": 3}
    stored = await desk.published("how-do-i-return", "pt")
    assert stored is not None
    assert (stored.title, stored.body) == ("Como devolver?", "Em 30 dias.")


def _addressed(found: Answer | None, address: str) -> Answer | None:
    return Answer(found.body.replace(b"HERE", address.encode()), type=found.type) if found else None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (answer({}, 401), "asks for a login"),
        (Answer(b"<html></html>"), "did not answer with JSON"),
        (answer({"locales": ["de"]}), "no language that articles can have"),
        (answer([]), "did not answer as Zendesk does"),
    ],
)
async def test_what_is_no_help_centre_says_so(database: Database, given: Answer, said: str) -> None:
    desk = Desk(database)
    with serving(lambda _path: given) as site:
        run = await desk.preview(await desk.source(site.address + "/", kind="zendesk", options=Options(delay=0, private=True)))
    assert (run.state, said in (run.error or "")) == ("failed", True), run.error
